import Attendance
import TerminalKit

/// `BAK.KQ`: the number of rows in three bytes, the highest first, then rows of 14 bytes.
///
/// Each export holds the whole log, in the terminal's order, which is not the order of time, and
/// with exact repetitions. A stick pulled out too early holds fewer rows than announced.
///
/// Source: docs/reference/protocols/stick-files.md; fixtures `anviz-bak-*`.
enum AnvizBackup {
    private static let rowLength = 14
    /// Seconds from 1970-01-01 to 2000-01-02, the terminal's own epoch.
    private static let epoch: Int64 = 946_771_200

    static func decode(_ bytes: [UInt8]) -> StickFile? {
        var reader = ByteReader(bytes)
        guard let announced = reader.uBE(3) else { return nil }
        var rows: [StickFile.Row] = []
        rows.reserveCapacity(min(Int(announced), reader.remaining / rowLength))
        while let row = reader.take(rowLength) {
            rows.append(StickFile.Row(number: rows.count + 1, record: record(row)))
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

    private static func record(_ row: ArraySlice<UInt8>) -> LogRecord {
        var reader = ByteReader(row)
        guard let user = reader.uBE(5), let seconds = reader.uBE(4), let backup = reader.u8(),
            let type = reader.u8(), let work = reader.uBE(3)
        else { return .oddity(Oddity(reason: "part of a row", raw: Array(row))) }
        let punch = Punch(
            pin: Pin(user), time: WallTime(seconds: epoch + Int64(seconds)),
            verify: verifyMethod(backup), verifyNumber: Int(backup),
            state: punchState(type & 0x0F), stateNumber: Int(type & 0x0F), workCode: Int64(work),
            raw: type & 0xF0 == 0 ? nil : Array(row))
        return .punch(punch)
    }

    private static func verifyMethod(_ backup: UInt8) -> VerifyMethod {
        switch backup {
        case 1, 2: .finger
        case 4: .password
        case 8: .card
        case 3, 5...7, 9...15: .combined
        default: .other
        }
    }

    private static func punchState(_ number: UInt8) -> PunchState {
        switch number {
        case 0: .checkIn
        case 1: .checkOut
        case 2: .breakOut
        default: .other
        }
    }
}
