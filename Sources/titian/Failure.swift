import Attendance
import Bridge
import Exchange
import Glibc
import Speech
import TerminalKit

/// What went wrong, told on standard error, and its exit code.
struct Failure {
    let problems: [Problem]
    let exitCode: Int32

    init(_ error: any Error) {
        if let several = error as? ConfigurationProblems {
            problems = several.errors.map { error in
                if case .unreadable = error { return error.problem }  // names the file itself
                return error.problem.about(several.path)
            }
        } else {
            problems = [Problem(explaining: error)]
        }
        exitCode = Self.exitCode(of: problems.first?.code ?? "")
    }

    /// The codes of sysexits(3) where one fits, else a fault.
    private static func exitCode(of code: String) -> Int32 {
        switch code {
        case "terminal.only-oldest": Verdict.attention.rawValue
        case "cli.usage", "cli.driver-missing", "cli.unknown-driver", "cli.bad-link",
            "cli.unknown-terminal":
            64  // EX_USAGE
        case "enrol.not-a-code", "cli.unknown-format", "import.unknown-format",
            "import.people-file", "import.too-large":
            65  // EX_DATAERR
        case "cli.unreadable", "cli.nothing-to-import", "cli.nothing-to-carry": 66  // EX_NOINPUT
        case "cli.unwritable", "cli.output-refused": 73  // EX_CANTCREAT
        case let code where code.hasPrefix("config."): 78  // EX_CONFIG
        default: Verdict.fault.rawValue
        }
    }

    /// Summary and remedy, each on its line; the remedies of many errors stay with their own.
    func text(_ language: Language) -> String {
        problems.map { "titian: \($0.summary(language))\n        \($0.remedy(language))\n" }
            .joined()
    }

    /// The same as one JSON object, for scripts.
    var json: [UInt8] {
        let objects = problems.map { problem in
            var line = JSONLine()
            line.add("code", problem.code)
            line.add("id", problem.line(.indonesian))
            line.add("en", problem.line(.english))
            return line.finished
        }
        var line = JSONLine()
        line.add("error", json: objects.first ?? Array("null".utf8))
        if objects.count > 1 { line.add("errors", json: JSONLine.array(json: objects)) }
        return line.finished
    }

    func report(asJSON: Bool) {
        var bytes = asJSON ? json : Array(Output.fitted(text(Speech.language)).utf8)
        if asJSON { bytes.append(UInt8(ascii: "\n")) }
        Output.standard(bytes, STDERR_FILENO)
    }
}
