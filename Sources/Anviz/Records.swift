package import Attendance
package import TerminalKit

/// The rows of an Anviz log: 14 bytes each.
///
/// ```
/// user id 5 | seconds 4 | backup 1 | type 1 | work code 3        highest byte first
/// ```
/// Seconds count from 2000-01-02 00:00:00 on the terminal's own clock; the vendor prints
/// 2000-01-01, dated captures and factory-clock rows say one day later.
///
/// Source: docs/reference/protocols/anviz.md, "Rows".
package enum Records {
    package static let rowLength = 14

    /// Seconds from 1970-01-01 to 2000-01-02.
    package static let epoch: Int64 = 946_771_200

    /// Writes one row; a simulator's part.
    ///
    /// - Parameters:
    ///   - user: Only the low 40 bits fit.
    ///   - time: Clamped to what 32 bits hold: 2000-01-02 to 2136.
    ///   - type: Bit 7 tells that the door was released; the low four bits are the state.
    ///   - work: Only the low 24 bits fit.
    package static func encode(
        user: UInt64, time: WallTime, backup: UInt8 = 1, type: UInt8 = 0, work: UInt32 = 0
    ) -> [UInt8] {
        var row: [UInt8] = []
        row.reserveCapacity(rowLength)
        row.appendBE(user, count: 5)
        row.appendBE(UInt64(UInt32(clamping: time.seconds - epoch)), count: 4)
        row.append(backup)
        row.append(type)
        row.appendBE(UInt64(work), count: 3)
        return row
    }

    /// Reads one row. Every row is a punch, also one from a clock that was never set; only bytes
    /// that no terminal writes as a punch are an oddity.
    package static func decode(_ row: ArraySlice<UInt8>) -> LogRecord {
        var reader = ByteReader(row)
        guard row.count == rowLength, let user = reader.uBE(5), let seconds = reader.uBE(4),
            let backup = reader.u8(), let type = reader.u8(), let work = reader.uBE(3)
        else { return .oddity(Oddity(reason: "part of a row", raw: Array(row))) }
        if let first = row.first, first == 0 || first == 0xFF, row.allSatisfy({ $0 == first }) {
            return .oddity(Oddity(reason: "empty row", raw: Array(row)))
        }
        return .punch(
            Punch(
                pin: Pin(user), time: WallTime(seconds: epoch + Int64(seconds)),
                verify: verifyMethod(backup), verifyNumber: Int(backup),
                state: state(type & 0x0F), stateNumber: Int(type & 0x0F), workCode: Int64(work),
                // The door bit and the three unexplained ones have no field of their own.
                raw: type & 0xF0 == 0 ? nil : Array(row)))
    }

    /// A live event is a row; one with this work code tells of a person added at the terminal.
    ///
    /// The vendor prints `FF000(0)h` for three bytes, so both readings are taken.
    package static func announcesUser(_ row: ArraySlice<UInt8>) -> Bool {
        let work = Array(row.suffix(3))
        return work == [0xFF, 0x00, 0x00] || work == [0x0F, 0xF0, 0x00]
    }

    /// Writes the data of a download's answer: the number of rows, then the rows.
    package static func block(_ rows: [[UInt8]]) -> [UInt8] {
        rows.reduce(into: [UInt8(clamping: rows.count)]) { $0 += $1 }
    }

    /// Cuts the data of a download's answer into rows.
    ///
    /// - Parameter asked: The most rows that were asked for.
    /// - Throws: ``DriverError/garbled(what:bytes:)`` if the length is not exactly that of the
    ///   rows announced: newer models have longer rows, and a guess would invent punches.
    package static func rows(in data: [UInt8], asked: Int) throws(DriverError) -> [[UInt8]] {
        guard let first = data.first else { return [] }
        let count = Int(first)
        guard count <= asked else {
            throw .garbled(what: "a block of \(count) rows where \(asked) were asked", bytes: data)
        }
        guard data.count == 1 + count * rowLength else {
            throw .garbled(
                what: "a block of \(count) rows in \(data.count) bytes, not \(rowLength) each",
                bytes: data)
        }
        return (0..<count).map { Array(data[(1 + $0 * rowLength)..<(1 + ($0 + 1) * rowLength)]) }
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

    private static func state(_ number: UInt8) -> PunchState {
        switch number {
        case 0: .checkIn
        case 1: .checkOut
        case 2: .breakOut
        default: .other
        }
    }
}
