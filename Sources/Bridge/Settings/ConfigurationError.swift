public import Attendance
import TerminalKit

/// One thing that is wrong with a configuration.
///
/// `key` is the whole path, such as `terminal[2].poll_s`; `line` is counted from 1 and left out
/// where it cannot be told.
public enum ConfigurationError: Explained, Hashable {
    case unreadable(path: String, reason: String)
    case syntax(line: Int, column: Int, reason: String)
    case unknownKey(String, nearest: String, line: Int?)
    case wrongType(String, expected: Text, line: Int?)
    case missing(String)
    /// A value that breaks a rule; the rule is a sentence about the right value.
    case invalid(String, value: String, rule: Text, line: Int?)
    case unknownDriver(String, value: String, nearest: String, line: Int?)
    case duplicate(String, value: String, line: Int?)
    case commKey(String, path: String, reason: Text)
    /// A link over which terminals of this make cannot be read.
    case link(String, LinkObstacle, line: Int?)

    public var problem: Problem {
        switch self {
        case .unreadable(let path, let reason):
            Problem(
                code: "config.unreadable",
                summary: Text(
                    id: "Konfigurasi \(path) tidak dapat dibaca (\(reason)).",
                    en: "The configuration \(path) cannot be read (\(reason))."),
                remedy: Text(
                    id: "Buat berkas itu, atau sebutkan yang lain dengan --config.",
                    en: "Write that file, or name another with --config."))
        case .syntax(let line, let column, let reason):
            Problem(
                code: "config.syntax",
                summary: Text(
                    id: "Bukan toml yang benar, baris \(line) kolom \(column): \(reason).",
                    en: "This is no valid toml, line \(line) column \(column): \(reason)."),
                remedy: Text(
                    id: "Perbaiki baris itu; tulisannya: kunci = \"nilai\".",
                    en: "Correct that line; it is written: key = \"value\"."))
        case .unknownKey(let key, let nearest, let line):
            Problem(
                code: "config.unknown-key",
                summary: Text(
                    id: "Kunci '\(key)' tidak dikenal\(Self.at(line).indonesian).",
                    en: "The key '\(key)' is not known\(Self.at(line).english)."),
                remedy: Text(
                    id: "Mungkin maksudnya '\(nearest)'.", en: "Perhaps '\(nearest)' is meant."))
        case .wrongType(let key, let expected, let line):
            Problem(
                code: "config.wrong-type",
                summary: Text(
                    id:
                        "'\(key)' harus \(expected.indonesian)\(Self.at(line).indonesian).",
                    en: "'\(key)' must be \(expected.english)\(Self.at(line).english)."),
                remedy: Text(
                    id: "Tulis nilainya dalam bentuk itu.", en: "Write its value in that form."))
        case .missing(let key):
            Problem(
                code: "config.missing",
                summary: Text(id: "'\(key)' belum ditulis.", en: "'\(key)' is missing."),
                remedy: Text(
                    id: "Tambahkan kunci itu; contohnya ada di bridge.example.toml.",
                    en: "Add that key; bridge.example.toml has an example."))
        case .invalid(let key, let value, let rule, let line):
            Problem(
                code: "config.invalid",
                summary: Text(
                    id: "'\(key)' tidak boleh \"\(value)\"\(Self.at(line).indonesian).",
                    en: "'\(key)' cannot be \"\(value)\"\(Self.at(line).english)."),
                remedy: Text(
                    id: "Gantilah: \(rule.indonesian).", en: "Change it: \(rule.english)."))
        case .unknownDriver(let key, let value, let nearest, let line):
            Problem(
                code: "config.unknown-driver",
                summary: Text(
                    id: "'\(key)': tidak ada driver \"\(value)\"\(Self.at(line).indonesian).",
                    en: "'\(key)': there is no driver \"\(value)\"\(Self.at(line).english)."),
                remedy: Text(
                    id: "Mungkin maksudnya '\(nearest)'.", en: "Perhaps '\(nearest)' is meant."))
        case .duplicate(let key, let value, let line):
            Problem(
                code: "config.duplicate",
                summary: Text(
                    id:
                        "'\(key)' = \"\(value)\" sudah dipakai mesin lain\(Self.at(line).indonesian).",
                    en:
                        "'\(key)' = \"\(value)\" is used by another terminal\(Self.at(line).english)."
                ),
                remedy: Text(
                    id: "Beri tiap mesin nama dan alamatnya sendiri.",
                    en: "Give each terminal a name and an address of its own."))
        case .commKey(let key, let path, let reason):
            Problem(
                code: "config.comm-key",
                summary: Text(
                    id: "'\(key)': \(path) \(reason.indonesian).",
                    en: "'\(key)': \(path) \(reason.english)."),
                remedy: Text(
                    id: "Tulis hanya angka kunci dari menu Comm mesin ke berkas itu, mode 0600.",
                    en: "Write only the number from the terminal's Comm menu into it, mode 0600."))
        case .link(let key, let obstacle, let line):
            Problem(
                code: obstacle.problem.code,
                summary: Text(
                    id:
                        "'\(key)'\(Self.at(line).indonesian): \(obstacle.problem.summary.indonesian)",
                    en: "'\(key)'\(Self.at(line).english): \(obstacle.problem.summary.english)"),
                remedy: obstacle.problem.remedy)
        }
    }

    private static func at(_ line: Int?) -> Text {
        guard let line else { return Text(id: "", en: "") }
        return Text(id: " (baris \(line))", en: " (line \(line))")
    }
}

/// All that is wrong with one configuration: whoever mends it wants to know everything at once.
public struct ConfigurationProblems: Explained, Hashable {
    public let path: String
    /// At least one, in the order of the file's parts.
    public let errors: [ConfigurationError]

    public var problems: [Problem] { errors.map(\.problem) }

    /// The first problem, with the file's name; where there are more, their number.
    public var problem: Problem {
        let first =
            errors.first?.problem.about(path) ?? ConfigurationError.missing("office").problem
        guard errors.count > 1 else { return first }
        let more = errors.count - 1
        return Problem(
            code: first.code, summary: first.summary,
            remedy: Text(
                id: "\(first.remedy.indonesian) (Ada \(more) kesalahan lain.)",
                en: "\(first.remedy.english) (There are \(more) more.)"))
    }

    /// Every problem on a line of its own.
    public func report(_ language: Language) -> String {
        problems.map { "\(path): \($0.line(language))\n" }.joined()
    }
}
