import Attendance
import Exchange

/// A line of another journal, on its way into this one.
struct CarriedLine {
    let line: [UInt8]
    let seq: Int64
    let fields: EntryFields?

    init(_ line: [UInt8], seq: Int64) {
        self.line = line
        self.seq = seq
        fields = EntryFields(line: line)
    }

    private static let start = Array("{\"seq\":".utf8)

    /// The number a line of ours begins with; nil for anything else.
    static func seq(of line: [UInt8]) -> Int64? {
        guard line.starts(with: start), line.last == UInt8(ascii: "}") else { return nil }
        let digits = line[start.count...].prefix { (0x30...0x39).contains($0) }
        guard (1...16).contains(digits.count), line.count > start.count + digits.count else {
            return nil
        }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// The same line under a number of this journal, with the place where it was written first.
    /// Everything else stays as it stands, byte for byte, also what nobody here understands.
    func line(seq new: Int64, from journal: JournalID?) -> [UInt8] {
        let rest = line[Self.start.count...].drop { (0x30...0x39).contains($0) }
        var carried = Self.start + Array("\(new)".utf8) + rest
        // One that was carried before keeps its first place.
        guard let journal, line.places(of: Array(",\"from\":{\"journal\":".utf8)).isEmpty else {
            return carried
        }
        carried.removeLast()
        carried += Array(",\"from\":{\"journal\":\"\(journal)\",\"seq\":\(seq)}}".utf8)
        return carried
    }

    /// When it was written; 1970 where that cannot be read.
    var at: Int64 { fields?.at.flatMap(UTCTime.init)?.milliseconds ?? 0 }

    var terminal: TerminalID? { fields?.terminal.flatMap { try? TerminalID($0) } }

    /// Where the identity of what it tells is kept, and what this sighting says of it.
    var identity: (key: KnownKey, sighting: Sighting)? {
        switch fields?.kind {
        case "punch":
            guard let (terminal, punch, via) = fields?.punch else { return nil }
            return (KnownKey(terminal, punch), Sighting(punch, via))
        case "oddity":
            guard let terminal, let raw = fields?.raw.flatMap({ [UInt8](hex: $0) }) else {
                return nil
            }
            let via = fields?.via.flatMap(PunchSource.init) ?? .live
            let oddity = Oddity(reason: fields?.reason ?? "", raw: raw)
            return (KnownKey(terminal, oddity), Sighting(rank: via.order, attributes: 0))
        case "import":
            guard let file = try? WireJSON.decode(ImportedFile.self, fromOutside: line) else {
                return nil
            }
            let sighting = Sighting(rank: PunchSource.stick.order, attributes: 0)
            return (KnownKey(file: file.sha256, of: terminal), sighting)
        default: return nil
        }
    }

    private struct ImportedFile: Decodable {
        let sha256: String
    }
}
