import Anviz
import Attendance
import TerminalKit

/// `BAK.KQ`: the number of rows in three bytes, the highest first, then rows of 14 bytes.
///
/// Each export holds the whole log, in the terminal's order, which is not the order of time, and
/// with exact repetitions. A stick pulled out too early holds fewer rows than announced.
///
/// Source: docs/reference/protocols/stick-files.md; fixtures `anviz-bak-*`.
struct AnvizBackup {
    /// Rows as the file's first bytes say; nil as long as they have not come.
    private(set) var announced: Int?
    private(set) var count = 0
    private var rest: [UInt8] = []

    static func isNamed(_ name: String) -> Bool { name.lowercased().hasSuffix(".kq") }

    mutating func take(_ piece: ArraySlice<UInt8>) -> [StickFile.Row] {
        rest += piece
        var start = 0
        if announced == nil {
            var reader = ByteReader(rest)
            guard let count = reader.uBE(3) else { return [] }
            announced = Int(count)
            start = 3
        }
        var rows: [StickFile.Row] = []
        while start + Records.rowLength <= rest.count {
            count += 1
            let row = rest[start..<(start + Records.rowLength)]
            rows.append(StickFile.Row(number: count, record: Records.decode(row)))
            start += Records.rowLength
        }
        rest.removeFirst(start)
        return rows
    }

    mutating func finish() -> [StickFile.Row] {
        guard announced != nil, !rest.isEmpty else { return [] }
        let oddity = Oddity(reason: "part of a row", raw: rest)
        rest = []
        return [StickFile.Row(number: count + 1, record: .oddity(oddity))]
    }

    var doubts: [String] {
        let announced = announced ?? 0
        if count < announced { return [StickFile.cutShort] }
        return count > announced ? ["more rows than announced"] : []
    }
}
