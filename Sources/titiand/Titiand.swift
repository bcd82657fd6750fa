import ArgumentParser
import Attendance
import Bridge
import Glibc
import Speech

/// The office's daemon: arguments and wiring only.
@main
struct Titiand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "titiand",
        abstract: say(
            id: "Mengumpulkan rekaman absensi dari mesin satu kantor dan membawanya ke BKD.",
            en: "Collects punches from the terminals of one office and brings them to the BKD."),
        discussion: say(
            id: """
                Berjalan sampai SIGTERM, lalu selesai dengan 0; apa pun yang terjadi, yang ada di \
                disk tetap ada. Tidak mengubah apa pun di mesin. Tanyai dengan 'titian status'.
                """,
            en: """
                Runs until SIGTERM and then ends with 0; whatever happens, what is on disk stays. \
                Changes nothing on any terminal. Ask it with 'titian status'.
                """),
        version: TitianVersion.current)

    @Option(help: help(id: "Berkas konfigurasi.", en: "The configuration file."))
    var config = Configuration.defaultPath

    @Option(
        help: help(
            id: "Folder jurnal dan kunci jembatan.",
            en: "The folder for the journal and the bridge's key."))
    var state = StateFolder.defaultPath

    @Option(
        help: help(
            id: "Soket kendali yang ditanyai 'titian'.",
            en: "The control socket that 'titian' asks."))
    var control = ControlClient.defaultSocket

    @Flag(
        help: help(
            id: "Periksa konfigurasi, sebutkan kesalahannya, lalu selesai.",
            en: "Check the configuration, say what is wrong with it, and end."))
    var check = false

    @Option(
        help: help(
            id: "Bahasa pesan: id atau en. Tanpa ini, menurut LANG.",
            en: "The language of messages: id or en. Without it, as LANG says."))
    var lang: Language?

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

    private var language: Language { lang ?? Speech.language }

    private func complain(_ text: String) {
        let bytes = Array(text.utf8)
        write(STDERR_FILENO, bytes, bytes.count)
    }
}
