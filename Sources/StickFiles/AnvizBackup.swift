import Anviz
import Attendance
import TerminalKit

/// `BAK.KQ`: the number of rows in three bytes, the highest first, then rows of 14 bytes.
///
/// Each export holds the whole log, in the terminal's order, which is not the order of time, and
/// with exact repetitions. A stick pulled out too early holds fewer rows than announced.
///
/// Source: docs/reference/protocols/stick-files.md; fixtures `anviz-bak-*`.
enum AnvizBackup {
    static func decode(_ bytes: [UInt8]) -> StickFile? {
        var reader = ByteReader(bytes)
        guard let announced = reader.uBE(3) else { return nil }
        var rows: [StickFile.Row] = []
        rows.reserveCapacity(min(Int(announced), reader.remaining / Records.rowLength))
        while let row = reader.take(Records.rowLength) {
            rows.append(StickFile.Row(number: rows.count + 1, record: Records.decode(row)))
        }
        var doubts: [String] = []
        if rows.count < announced { doubts.append("cut short") }
        if rows.count > announced { doubts.append("more rows than announced") }
        let rest = reader.rest()
        if !rest.isEmpty {
            let oddity = Oddity(reason: "part of a row", raw: Array(rest))
            rows.append(StickFile.Row(number: rows.count + 1, record: .oddity(oddity)))
        }
        return StickFile(format: .anvizBackup, rows: rows, doubts: doubts)
    }
}
