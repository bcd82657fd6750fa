import ArgumentParser
import Attendance
import Bridge
import Glibc

/// The office's daemon: arguments and wiring only.
@main
struct Titiand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "titiand",
        abstract: "Collects punches from the terminals of one office and brings them to the BKD.",
        discussion: """
            Runs until SIGTERM and then ends with 0; whatever happens, what is on disk stays. \
            Changes nothing on any terminal. Ask it with 'titian status'.
            """,
        version: TitianVersion.current)

    @Option(help: "The configuration file.")
    var config = Configuration.defaultPath

    @Option(help: "The folder for the journal and the bridge's key.")
    var state = StateFolder.defaultPath

    @Option(help: "The control socket that 'titian' asks.")
    var control = ControlClient.defaultSocket

    @Flag(help: "Check the configuration, say what is wrong with it, and end.")
    var check = false

    @Option(help: "The language of messages: id or en. (default: by LANG)")
    var lang: String?

    func validate() throws {
        guard lang == nil || lang.flatMap(Language.init(rawValue:)) != nil else {
            throw ValidationError("--lang: id, en")
        }
    }

    func run() async throws {
        PrivateMemory.protect()
        let configuration: Configuration
        do {
            configuration = try Configuration.load(path: config)
            for terminal in configuration.terminals { _ = try terminal.driverOptions() }
        } catch let problems as ConfigurationProblems {
            complain(problems.report(language))
            throw ExitCode(EX_CONFIG)
        } catch {
            complain(Problem(explaining: error).line(language) + "\n")
            throw ExitCode(EX_CONFIG)
        }
        guard !check else {
            let good = Text(id: "\(config): benar.", en: "\(config): good.")
            return print(good(language))
        }
        try await serve(configuration)
    }

    private func serve(_ configuration: Configuration) async throws {
        let daemon = Daemon(
            configuration, state: StateFolder(path: state), controlSocket: control,
            logger: StandardErrorLog.logger(label: "titiand"))
        do {
            try await daemon.run()
        } catch {
            complain(Problem(explaining: error).line(language) + "\n")
            throw ExitCode(error is DaemonError ? EX_TEMPFAIL : EX_IOERR)
        }
    }

    private var language: Language {
        if let chosen = lang.flatMap(Language.init(rawValue:)) { return chosen }
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"]
        let locale = names.lazy.compactMap { getenv($0).map { String(cString: $0) } }
        return Language(locale: locale.first { !$0.isEmpty } ?? "id")
    }

    private func complain(_ text: String) {
        let bytes = Array(text.utf8)
        write(STDERR_FILENO, bytes, bytes.count)
    }
}
