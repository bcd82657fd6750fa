import Attendance
import Exchange
import Speech
import StickFiles
import TerminalKit

/// What was found in recorded bytes, one thing a line.
enum DecodedLine {
    static func write(_ item: DecodedItem, to output: Output, asJSON: Bool) {
        if asJSON { output.line(json(item)) } else { output.line(text(item)) }
    }

    // MARK: Talks

    /// `type` is `packet`, `punch`, `oddity` or `noise`; `docs/reference/cli-json.md` has the rest.
    static func json(_ item: DecodedItem) -> [UInt8] {
        var line = JSONLine()
        switch item {
        case .packet(let name, let toTerminal, let fields):
            line.add("type", "packet")
            line.add("name", name)
            line.add("direction", toTerminal ? "to-terminal" : "from-terminal")
            line.add("fields", json: object(fields))
        case .record(let record, let via):
            line.add("type", type(of: record))
            line.add("via", via.rawValue)
            RecordLine.add(record, to: &line)
        case .noise(let reason, let bytes):
            line.add("type", "noise")
            line.add("reason", reason)
            line.add("raw", bytes.hex)
        }
        return line.finished
    }

    private static func type(of record: LogRecord) -> String {
        if case .punch = record { "punch" } else { "oddity" }
    }

    private static func object(_ fields: [DecodedField]) -> [UInt8] {
        let pieces = fields.map { field in
            JSONLine.quoted(field.name) + [UInt8(ascii: ":")] + json(field.value)
        }
        return [UInt8(ascii: "{")] + pieces.joined(separator: [UInt8(ascii: ",")])
            + [UInt8(ascii: "}")]
    }

    private static func json(_ value: DecodedField.Value) -> [UInt8] {
        switch value {
        case .number(let number): Array("\(number)".utf8)
        case .text(let text): JSONLine.quoted(text)
        case .bytes(let bytes): JSONLine.quoted(bytes.hex)
        case .flag(let flag): Array((flag ? "true" : "false").utf8)
        }
    }

    static func text(_ item: DecodedItem) -> String {
        switch item {
        case .packet(let name, let toTerminal, let fields):
            let shown = fields.map { "\($0.name)=\(text($0.value))" }
            return ([toTerminal ? ">" : "<", name] + shown).joined(separator: " ")
        case .record(let record, _): return "  \(RecordLine.text(record))"
        case .noise(let reason, let bytes):
            return "? \(reason)  \(bytes.hex)"
        }
    }

    private static func text(_ value: DecodedField.Value) -> String {
        switch value {
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .bytes(let bytes): bytes.hex
        case .flag(let flag): "\(flag)"
        }
    }

    // MARK: Sticks

    /// The file itself first, then its rows in order.
    static func lines(of stick: StickFile, asJSON: Bool) -> [[UInt8]] {
        guard asJSON else { return text(stick).map { Array($0.utf8) } }
        var head = JSONLine()
        head.add("type", "file")
        head.add("format", stick.format.rawValue)
        head.add("rows", stick.rows.count)
        head.add("doubts", json: JSONLine.array(stick.doubts))
        return [head.finished] + stick.rows.map(json)
    }

    private static func json(_ row: StickFile.Row) -> [UInt8] {
        var line = JSONLine()
        line.add("type", type(of: row.record))
        line.add("row", row.number)
        line.add("device", ifPresent: row.device)
        RecordLine.add(row.record, to: &line)
        line.add("doubts", json: JSONLine.array(row.doubts))
        return line.finished
    }

    private static func text(_ stick: StickFile) -> [String] {
        let doubts = stick.doubts.map { " [\($0)]" }.joined()
        let rows = say(
            id: "\(Format.number(stick.rows.count)) baris",
            en: "\(Format.number(stick.rows.count)) rows")
        return ["\(stick.format.rawValue), \(rows)\(doubts)"]
            + stick.rows.map { row in
                RecordLine.text(row.record) + row.doubts.map { " [\($0)]" }.joined()
            }
    }
}
