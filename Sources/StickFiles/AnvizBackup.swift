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
    /// Where in `rest` the next row begins.
    private var start = 0
    private var isAtEnd = false

    static func isNamed(_ name: String) -> Bool { name.lowercased().hasSuffix(".kq") }

    /// Gives the next piece, once ``next()`` has nothing more of the one before.
    mutating func feed(_ piece: ArraySlice<UInt8>) {
        rest.removeFirst(start)
        start = 0
        rest += piece
    }

    /// Says that no further piece comes.
    mutating func finish() { isAtEnd = true }

    /// - Returns: The next row of what has come; at the end what is left of one, as an oddity.
    mutating func next() -> StickFile.Row? {
        if announced == nil {
            var reader = ByteReader(rest)
            guard let count = reader.uBE(3) else { return nil }
            announced = Int(count)
            start = 3
        }
        guard start + Records.rowLength <= rest.count else { return isAtEnd ? remainder() : nil }
        defer { start += Records.rowLength }
        count += 1
        let row = rest[start..<(start + Records.rowLength)]
        return StickFile.Row(number: count, record: Records.decode(row))
    }

    private mutating func remainder() -> StickFile.Row? {
        guard start < rest.count else { return nil }
        let oddity = Oddity(reason: "part of a row", raw: Array(rest[start...]))
        start = rest.count
        return StickFile.Row(number: count + 1, record: .oddity(oddity))
    }

    var doubts: [String] {
        let announced = announced ?? 0
        if count < announced { return [StickFile.cutShort] }
        return count > announced ? ["more rows than announced"] : []
    }
}
