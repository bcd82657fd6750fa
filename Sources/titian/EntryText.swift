import Attendance
import Exchange
import Speech

/// An entry of the journal as one line for people.
enum EntryText {
    /// The number, when it was written, its kind and what it says; a line that cannot be read is
    /// shown as it stands.
    static func text(_ line: some Collection<UInt8>) -> String {
        guard let entry = EntryFields(line: line) else {
            return String(decoding: Array(line), as: UTF8.self)
        }
        let written = entry.at.map { String($0.prefix(19)).replacing("T", with: " ") } ?? "-"
        return "\("#\(entry.seq)".padded(to: 8)) \(written)Z  "
            + "\((entry.kind ?? "-").padded(to: 8))  \(facts(of: entry))"
    }

    private static func facts(of entry: EntryFields) -> String {
        let terminal = entry.terminal ?? ""
        let words: [String?] =
            switch entry.kind {
            case "punch":
                [
                    terminal, entry.pin, entry.time?.replacing("T", with: " "),
                    entry.verify.flatMap(VerifyMethod.init).map(Words.verify),
                    entry.state.flatMap(PunchState.init).map(Words.state), entry.via,
                ]
            case "oddity": [terminal, entry.reason, entry.raw.map { String($0.prefix(48)) }]
            case "clock":
                [
                    terminal,
                    entry.offsetMilliseconds.map {
                        say(id: "selisih", en: "off by") + " \(Format.offset($0))"
                    },
                ]
            case "coverage":
                [
                    terminal,
                    entry.through.map {
                        say(id: "lengkap sampai", en: "complete through") + " \($0)"
                    },
                ]
            case "import": [terminal, entry.file]
            default: [terminal, entry.event, entry.detail]
            }
        return words.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  ")
    }
}
