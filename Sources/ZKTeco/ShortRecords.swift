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
struct ShortRecords: Sequence, IteratorProtocol {
    /// One record, and what stands for it in a position: the hash of its bytes, those of a short one
    /// together with the time they count from. So a log that has held full records alone is known
    /// again when the first short one follows.
    struct Entry: Hashable, Sendable {
        let record: LogRecord
        let hash: UInt64
    }

    /// Whether a table of `total` bytes is too short for `count` full records.
    static func mayFill(_ total: Int, count: Int?) -> Bool {
        count.map { $0 > 0 && total < $0 * 8 && total >= $0 * 4 } ?? false
    }

    private let bytes: [UInt8]
    private let count: Int
    private var decoder = RecordDecoder(RecordLayout(size: 8, form: .slot))
    private var anchor: WallTime?
    private var offset = 0
    private var taken = 0

    /// Walks through the whole table once; a log of records takes many times the memory of its bytes, so
    /// they are decoded again one by one.
    ///
    /// - Returns: nil if the table is not in this form.
    init?(_ bytes: [UInt8], count: Int) {
        guard Self.mayFill(bytes.count, count: count) else { return nil }
        self.bytes = bytes
        self.count = count
        var walk = self
        while walk.next() != nil {}
        guard walk.offset == bytes.count, walk.taken == count else { return nil }
    }

    /// - Returns: nil behind the last record, and where there is none.
    mutating func next() -> Entry? {
        guard offset + 4 <= bytes.count, taken < count else { return nil }
        let isFull = bytes[offset + 2] & 0x20 != 0
        let length = isFull ? 8 : 4
        guard offset + length <= bytes.count else { return nil }
        defer {
            offset += length
            taken += 1
        }
        let raw = bytes[offset..<(offset + length)]
        if isFull {
            anchor = PackedTime.decode(RecordBytes(bytes, from: offset, count: 8).u32(at: 4))
            return Entry(
                record: decoder.decode(bytes, at: offset), hash: LogPosition.hash(of: raw))
        }
        let since = "\(anchor?.seconds ?? 0)".utf8
        return Entry(
            record: Self.short(RecordBytes(bytes, from: offset, count: 4), after: anchor),
            hash: LogPosition.hash(of: raw + since))
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
