import TerminalKit

/// Finds how long a record of this terminal is: the protocol nowhere says it.
///
/// The length of the table divided by the terminal's own counter tells. Where the counter says
/// nothing, each known length that fits is tried on the records at hand, and the one under which
/// they look like attendance wins. Nothing is assumed: taking 40 for 49 gives one good record
/// and rubbish after it.
///
/// Source: docs/reference/protocols/zkteco.md, "The length of a record".
enum RecordSize {
    /// Punches that may have been made between the counting and the reading.
    static let growth = 64
    /// Records looked at for plausibility.
    private static let sampled = 200
    /// What part of the sample must look right before a length is believed.
    private static let enough = 0.6

    /// - Parameters:
    ///   - total: Bytes of all records.
    ///   - count: The terminal's counter; nil or 0 if it says nothing.
    ///   - sample: The first records of the table, as many as are at hand.
    /// - Returns: nil if no known layout makes sense of the table.
    static func find(total: Int, count: Int?, sample: [UInt8]) -> RecordLayout? {
        if let count, count > 0 {
            if total % count == 0, let layout = RecordLayout.known(size: total / count) {
                return layout
            }
            let grown = RecordLayout.known.filter {
                total % $0.size == 0 && (count...(count + growth)).contains(total / $0.size)
            }
            if grown.count == 1 { return grown[0] }
            if let best = best(of: grown, sample) { return best }
        }
        let fitting = RecordLayout.known.filter { total % $0.size == 0 }
        return best(of: fitting, sample) ?? best(of: RecordLayout.known, sample)
    }

    private static func best(of layouts: [RecordLayout], _ sample: [UInt8]) -> RecordLayout? {
        let scored = layouts.map { ($0, score($0, sample)) }
        return scored.max { $0.1 < $1.1 }.flatMap { $0.1 >= enough ? $0.0 : nil }
    }

    /// The part of the records that look like attendance, 0 to 1; a little more if their times
    /// rise, as in most logs.
    static func score(_ layout: RecordLayout, _ sample: [UInt8], from start: Int = 0) -> Double {
        let count = min(sampled, (sample.count - start) / layout.size)
        guard count > 0 else { return 0 }
        var plausible = 0
        var rising = 0
        var previous: UInt32 = 0
        for index in 0..<count {
            let record = RecordBytes(
                sample, from: start + index * layout.size, count: layout.size)
            guard let packed = packedTime(layout, record) else { continue }
            plausible += 1
            if packed >= previous { rising += 1 }
            previous = packed
        }
        return Double(plausible) / Double(count) + 0.01 * Double(rising) / Double(count)
    }

    /// The record's time if everything in it is what a terminal writes on an ordinary day.
    private static func packedTime(_ layout: RecordLayout, _ record: RecordBytes) -> UInt32? {
        let packed: UInt32
        switch layout.form {
        case .slot:
            packed = record.u32(at: 4)
            guard record[3] == 0, record.u16(at: 0) != 0 else { return nil }
        case .number:
            packed = record.u32(at: 4)
            guard Codes.isUsual(state: record[8]), record.u16(at: 10) == 0,
                record.u32(at: 12) < 1 << 24, record.u32(at: 0) != 0
            else { return nil }
        case .text(let length):
            packed = record.u32(at: length + 3)
            guard Codes.isUsual(state: record[length + 7]), isPin(record, length) else {
                return nil
            }
        }
        return years.contains(packed) && PackedTime.decode(packed) != nil ? packed : nil
    }

    /// 2010 to 2049, as packed numbers: a year has 372 of their days.
    private static let years: Range<UInt32> = (10 * 372 * 86_400)..<(50 * 372 * 86_400)

    private static func isPin(_ record: RecordBytes, _ length: Int) -> Bool {
        let digits = (2..<(2 + length)).prefix { (0x21...0x7E).contains(record[$0]) }.count
        return digits > 0 && (digits == length || record[2 + digits] == 0)
    }
}
