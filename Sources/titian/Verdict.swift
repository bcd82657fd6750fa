import ArgumentParser
import Attendance
import Bridge
import Exchange
import Glibc
import TerminalKit

/// How a command ended, as its exit code says it.
///
/// Thrown, it ends the command without another word.
enum Verdict: Int32, Error, Comparable {
    case good = 0
    /// Something wants to be looked at; nothing is broken.
    case attention = 1
    case fault = 2

    static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }

    /// Ends the command with this code, unless all is well.
    func conclude() throws {
        if self != .good { throw self }
    }
}

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
        case "cli.usage": 64  // EX_USAGE
        case "enrol.not-a-code", "cli.unknown-format": 65  // EX_DATAERR
        case "cli.unreadable": 66  // EX_NOINPUT
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
        if objects.count > 1 { line.add("errors", json: JSONText.array(objects)) }
        return line.finished
    }

    func report(asJSON: Bool) {
        var bytes = asJSON ? json : Array(text(Speech.language).utf8)
        if asJSON { bytes.append(UInt8(ascii: "\n")) }
        Output.standard(bytes, STDERR_FILENO)
    }
}

/// What can be wrong with a command itself.
enum CommandError: Explained, Hashable {
    case usage(String)
    /// A LINK that is no address and no name of the configuration.
    case badLink(InvalidValue)
    case unknownTerminal(String, known: [String])
    case unknownDriver(String, nearest: String)
    case driverMissing
    case unreadable(path: String, reason: String)
    case unknownFormat(path: String)

    var problem: Problem {
        switch self {
        case .usage(let message):
            Problem(
                code: "cli.usage",
                summary: Text(
                    id: "Perintah tidak dipahami: \(message)",
                    en: "The command was not understood: \(message)"),
                remedy: Text(
                    id: "Lihat 'titian help' atau 'titian PERINTAH --help'.",
                    en: "Look at 'titian help' or 'titian COMMAND --help'."))
        case .badLink(let value):
            Problem(
                code: "cli.bad-link",
                summary: Text(
                    id: "\"\(value.text)\" bukan alamat mesin (\(value.rule)).",
                    en: "\"\(value.text)\" is no terminal's address (\(value.rule))."),
                remedy: Text(
                    id: "Tulis misalnya tcp://192.168.1.201:4370 atau serial:///dev/ttyUSB0.",
                    en: "Write for example tcp://192.168.1.201:4370 or serial:///dev/ttyUSB0."))
        case .unknownTerminal(let name, let known):
            Problem(
                code: "cli.unknown-terminal",
                summary: Text(
                    id: "Tidak ada mesin bernama \"\(name)\" pada konfigurasi.",
                    en: "There is no terminal named \"\(name)\" in the configuration."),
                remedy: Text(
                    id: "Pakai \(known.joined(separator: ", ")), atau alamat seperti tcp://….",
                    en: "Use \(known.joined(separator: ", ")), or an address like tcp://…."))
        case .unknownDriver(let name, let nearest):
            Problem(
                code: "cli.unknown-driver",
                summary: Text(
                    id: "Tidak ada driver \"\(name)\".", en: "There is no driver \"\(name)\"."),
                remedy: Text(
                    id: "Mungkin maksudnya '\(nearest)'.", en: "Perhaps '\(nearest)' is meant."))
        case .driverMissing:
            Problem(
                code: "cli.driver-missing",
                summary: Text(
                    id: "Merek mesin belum disebut.", en: "The make of the terminal is not named."),
                remedy: Text(
                    id: "Tambahkan --driver: \(KnownDrivers.names.joined(separator: ", ")).",
                    en: "Add --driver: \(KnownDrivers.names.joined(separator: ", "))."))
        case .unreadable(let path, let reason):
            Problem(
                code: "cli.unreadable",
                summary: Text(
                    id: "\(path) tidak dapat dibaca (\(reason)).",
                    en: "\(path) cannot be read (\(reason))."),
                remedy: Text(
                    id: "Periksa nama dan izin berkas itu.",
                    en: "Check the file's name and mode."))
        case .unknownFormat(let path):
            Problem(
                code: "cli.unknown-format",
                summary: Text(
                    id: "\(path) bukan berkas mesin yang dikenal.",
                    en: "\(path) is no terminal's file that is known here."),
                remedy: Text(
                    id: "Kirim berkas itu kepada kami; isinya tetap utuh.",
                    en: "Send us the file; it stays as it is."))
        }
    }
}
