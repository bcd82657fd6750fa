internal import Attendance
import TerminalKit

/// The storage form of old logs in which full records of 8 bytes alternate with short ones of 4
/// that say only how long after the last full one they were made.
///
/// A full record has bit 5 of its flags set. In a short one the flags' two highest bits and the
/// byte after them make a number of up to 1,023 seconds. There are also terminals that send full
/// records without the mark, so this form is believed only if a walk through the whole table
/// gives exactly the number of records that the terminal counts.
///
/// Source: docs/reference/protocols/zkteco.md, "Attendance records", 8 bytes.
enum ShortRecords {
    /// - Returns: nil if the table is not in this form.
    static func decode(_ bytes: [UInt8], count: Int) -> [LogRecord]? {
        guard count > 0, bytes.count < count * 8, bytes.count >= count * 4 else { return nil }
        var records: [LogRecord] = []
        records.reserveCapacity(count)
        var decoder = RecordDecoder(RecordLayout(size: 8, form: .slot))
        var anchor: WallTime?
        var offset = 0
        while offset + 4 <= bytes.count, records.count < count {
            if bytes[offset + 2] & 0x20 != 0 {
                guard offset + 8 <= bytes.count else { return nil }
                anchor = PackedTime.decode(
                    RecordBytes(bytes, from: offset, count: 8).u32(at: 4))
                records.append(decoder.decode(bytes, at: offset))
                offset += 8
            } else {
                records.append(short(RecordBytes(bytes, from: offset, count: 4), after: anchor))
                offset += 4
            }
        }
        return offset == bytes.count && records.count == count ? records : nil
    }

    /// Its bytes are kept: without the record before it they cannot be rebuilt.
    private static func short(_ record: RecordBytes, after anchor: WallTime?) -> LogRecord {
        guard let anchor else {
            return .oddity(Oddity(reason: Reason.noAnchor, raw: record.array))
        }
        let flags = record[2]
        let seconds = Int64(flags >> 6) << 8 | Int64(record[3])
        return .punch(
            Punch(
                pin: Pin(slot: Int(record.u16(at: 0))), time: anchor.advanced(by: seconds),
                verify: Codes.verify(flags >> 3 & 3), verifyNumber: Int(flags >> 3 & 3),
                state: Codes.state(flags & 7), stateNumber: Int(flags & 7), raw: record.array))
    }
}
