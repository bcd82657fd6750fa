import Attendance
import TerminalKit
import ZKTeco

/// The tables of a ZKTeco terminal as bytes, the other way round than the driver reads them.
///
/// Source of every layout: docs/reference/protocols/zkteco.md.
enum ZKTecoTables {
    /// A table's own length in front of it.
    static func counted(_ records: [UInt8]) -> [UInt8] {
        var table: [UInt8] = []
        table.reserveCapacity(records.count + 4)
        table.appendLE(UInt32(records.count))
        table += records
        return table
    }

    static func append(_ punch: SimulatedPunch, size: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        let time = PackedTime.encode(punch.time)
        switch size {
        case 8:
            bytes.appendLE(UInt16(truncatingIfNeeded: punch.slot))
            bytes += [punch.state & 7 | (punch.verify & 3) << 3 | 0x20, 0]
            bytes.appendLE(time)
        case 16:
            bytes.appendLE(punch.pin)
            bytes.appendLE(time)
            bytes += [punch.state, punch.verify, 0, 0]
            bytes.appendLE(punch.work)
        default:
            bytes.appendLE(UInt16(truncatingIfNeeded: punch.slot))
            bytes += padded(String(punch.pin), size == 22 ? 10 : 24)
            bytes.append(punch.verify)
            bytes.appendLE(time)
            bytes.append(punch.state)
            bytes.appendLE(punch.work)
        }
        bytes += [UInt8](repeating: 0, count: max(0, size - (bytes.count - start)))
    }

    /// 72 bytes each where the log has texts, 28 where it has numbers; names are invented.
    static func users(_ pins: [UInt32], recordSize: Int) -> [UInt8] {
        var records: [UInt8] = []
        for (index, pin) in pins.enumerated() {
            records.appendLE(UInt16(truncatingIfNeeded: index + 1))
            records.append(0)
            if recordSize == 8 || recordSize == 16 {
                records += padded("", 5) + padded("P\(pin)", 8) + padded("", 5) + [1, 0, 0]
                records.appendLE(recordSize == 8 ? UInt32(index + 1) : pin)
            } else {
                records += padded("", 8) + padded("Pegawai \(pin)", 24) + padded("", 4) + [1]
                records += padded("", 8) + padded(String(pin), 24)
            }
        }
        return counted(records)
    }

    /// The 23 words of GET_FREE_SIZES.
    ///
    /// - Parameter capacity: Of the log; nil for one that only grows.
    static func freeSizes(users: Int, records: Int, capacity: Int?) -> [UInt8] {
        var words = [UInt32](repeating: 0, count: 23)
        let capacity = capacity ?? max(100_000, records)
        words[4] = UInt32(users)
        words[6] = UInt32(users)
        words[8] = UInt32(records)
        words[14] = 3_000
        words[15] = 10_000
        words[16] = UInt32(capacity)
        words[17] = UInt32(max(0, 3_000 - users))
        words[18] = UInt32(max(0, 10_000 - users))
        words[19] = UInt32(capacity - records)
        var bytes: [UInt8] = []
        for word in words { bytes.appendLE(word) }
        return bytes
    }

    /// A live event in the layout of the board that has this record size.
    static func event(_ punch: SimulatedPunch, size: Int) -> [UInt8] {
        let time = PackedTime.event(punch.time)
        var bytes: [UInt8] = []
        switch size {
        case 8:
            bytes.appendLE(UInt16(truncatingIfNeeded: punch.slot))
            return bytes + [punch.verify, 0x10 | punch.state & 0x0F] + time
        case 16:
            bytes.appendLE(punch.pin)
            return bytes + [punch.verify, punch.state] + time
        default:
            let event = padded(String(punch.pin), 24) + [punch.verify, punch.state] + time
            // What newer boards append is not known; they are longer.
            let length = size == 49 ? 52 : size == 22 ? 36 : 32
            return event + [UInt8](repeating: 0, count: length - event.count)
        }
    }

    private static func padded(_ text: String, _ length: Int) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(length))
        return bytes + [UInt8](repeating: 0, count: length - bytes.count)
    }
}
