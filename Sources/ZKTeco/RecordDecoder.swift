internal import Attendance
import TerminalKit

/// Turns the bytes of attendance records into punches, one after the other.
///
/// It never throws: a record that is damaged or impossible is an ``Oddity`` with its bytes. It
/// is called once a record of logs with 200,000 of them, so it looks into the bytes in place
/// and makes each PIN only once.
///
/// Source: docs/reference/protocols/zkteco.md, "Attendance records".
struct RecordDecoder {
    let layout: RecordLayout
    private var pins = PinCache()

    init(_ layout: RecordLayout) {
        self.layout = layout
    }

    /// Decodes the record at `offset`.
    ///
    /// - Parameter bytes: Holds the whole record; if not, what is there is an oddity.
    mutating func decode(_ bytes: [UInt8], at offset: Int) -> LogRecord {
        let end = offset + layout.size
        guard offset >= 0, end <= bytes.count else {
            return .oddity(Oddity(reason: Reason.cut, raw: Array(bytes.dropFirst(max(0, offset)))))
        }
        let record = RecordBytes(bytes, from: offset, count: layout.size)
        let fields: RecordFields
        switch layout.form {
        case .slot: fields = slotFields(record)
        case .number: fields = numberFields(record)
        case .text(let pinLength): fields = textFields(record, pinLength: pinLength)
        }
        return fields.record(record)
    }

    private func slotFields(_ record: RecordBytes) -> RecordFields {
        let flags = record[2]
        return RecordFields(
            pin: Pin(slot: Int(record.u16(at: 0))), packed: record.u32(at: 4),
            verify: flags >> 3 & 3, state: flags & 7, work: 0,
            // The mark of a full record (bit 5) says how it is stored, not what happened.
            isExact: flags & 0xC0 == 0 && record[3] == 0)
    }

    private func numberFields(_ record: RecordBytes) -> RecordFields {
        RecordFields(
            pin: Pin(UInt64(record.u32(at: 0))), packed: record.u32(at: 4),
            verify: record[9], state: record[8],
            work: Int32(bitPattern: record.u32(at: 12)), isExact: record.u16(at: 10) == 0)
    }

    private mutating func textFields(
        _ record: RecordBytes, pinLength: Int
    ) -> RecordFields {
        let after = 2 + pinLength
        let pin = pins.pin(record, from: 2, count: pinLength)
        return RecordFields(
            pin: pin.pin, packed: record.u32(at: after + 1), verify: record[after],
            state: record[after + 5], work: Int32(bitPattern: record.u32(at: after + 6)),
            isExact: pin.isExact && record.isZero(from: after + 10))
    }
}

/// Why a record is no punch: words that scripts may rely on.
enum Reason {
    static let date = "impossible date"
    static let filler = "filler bytes"
    static let noPin = "empty PIN"
    static let badPin = "unreadable PIN"
    static let cut = "cut short"
    static let noAnchor = "no full record before"
}

/// The fields of one record before anyone has judged them.
struct RecordFields {
    /// nil if the bytes are no PIN.
    let pin: Pin?
    let packed: UInt32
    let verify: UInt8
    let state: UInt8
    let work: Int32
    /// The fields say all that the bytes say: decision 0008.
    let isExact: Bool

    func record(_ bytes: RecordBytes) -> LogRecord {
        guard let pin, let time = PackedTime.decode(packed), !bytes.isFiller else {
            return .oddity(Oddity(reason: reason(bytes), raw: bytes.array))
        }
        return .punch(
            Punch(
                pin: pin, time: time, verify: Codes.verify(verify), verifyNumber: Int(verify),
                state: Codes.state(state), stateNumber: Int(state), workCode: Int64(work),
                raw: isExact ? nil : bytes.array))
    }

    private func reason(_ bytes: RecordBytes) -> String {
        if bytes.isFiller { return Reason.filler }
        if PackedTime.decode(packed) == nil { return Reason.date }
        return bytes.isZero(from: 2, to: min(bytes.count, 12)) ? Reason.noPin : Reason.badPin
    }
}
