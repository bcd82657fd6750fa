import ArgumentParser
import Attendance
import Glibc
import Speech

/// The technician's command line.
@main
struct Titian: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "titian",
            abstract: say(
                id: "Jembatan rekaman absensi dari mesin kantor ke server BKD.",
                en: "The bridge that carries punches from an office's terminals to the BKD."),
            discussion: say(
                id: """
                    titian status
                    titian probe tcp://192.168.1.201:4370 --driver zkteco
                    titian enroll https://bkd.example.go.id:8443 - < kode.txt

                    Kode keluar: 0 baik, 1 perlu perhatian, 2 gangguan, 64 salah pakai, 78 konfigurasi.
                    """,
                en: """
                    titian status
                    titian probe tcp://192.168.1.201:4370 --driver zkteco
                    titian enroll https://bkd.example.go.id:8443 - < code.txt

                    Exit codes: 0 good, 1 needs a look, 2 a fault, 64 wrong usage, 78 configuration.
                    """),
            version: TitianVersion.current,
            subcommands: [
                StatusCommand.self, DoctorCommand.self, TerminalsCommand.self, PunchesCommand.self,
                TailCommand.self, MissingCommand.self, ClockCommand.self,
                ScanCommand.self, ProbeCommand.self, ReadCommand.self, DecodeCommand.self,
                ImportCommand.self, ExportCommand.self, JournalCommand.self, TraceCommand.self,
                SetupCommand.self, SyncCommand.self, EnrollCommand.self, ConfigCommand.self,
                SupportBundleCommand.self,
            ])
    }

    static func main() async {
        PrivateMemory.protect()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let code = await run(arguments)
        guard code == Verdict.good.rawValue, let failure = Output.failure.map({ Failure($0) })
        else {
            Glibc.exit(code)
        }
        failure.report(asJSON: arguments.contains("--json"))
        Glibc.exit(failure.exitCode)
    }

    /// Parses, runs, and tells what went wrong.
    ///
    /// - Returns: The exit code.
    static func run(_ arguments: [String]) async -> Int32 {
        let asJSON = arguments.contains("--json")
        do {
            var command = try parseAsRoot(withoutLeadingLanguage(arguments))
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
            return Verdict.good.rawValue
        } catch let verdict as Verdict {
            return verdict.rawValue
        } catch {
            return conclude(error, asJSON: asJSON)
        }
    }

    /// The arguments without a `--lang` that stands where the parser would not take it: in front of
    /// the command, and behind `help`. ``Speech`` has read it already.
    private static func withoutLeadingLanguage(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        while let first = rest.first, first.hasPrefix("--lang") {
            rest = rest.dropFirst(first == "--lang" ? 2 : 1)
        }
        guard rest.first == "help", let option = rest.firstIndex(of: "--lang") else {
            return Array(rest)
        }
        return Array(rest[..<option] + rest[option...].dropFirst(2))
    }

    private static func conclude(_ error: any Error, asJSON: Bool) -> Int32 {
        if exitCode(for: error) == .success {
            // A request for help, for the version or for completions.
            Output.standard(Array("\(fullMessage(for: error))\n".utf8), STDOUT_FILENO)
            return Verdict.good.rawValue
        }
        let isMisuse = exitCode(for: error) == .validationFailure && !(error is any Explained)
        let failure = Failure(isMisuse ? CommandError.usage(message(for: error)) : error)
        failure.report(asJSON: asJSON)
        return failure.exitCode
    }
}
