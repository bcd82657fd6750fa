import Attendance
import TerminalKit

/// How many of the bytes that came are still there.
enum Kept {
    /// - Parameter operation: What a decoded operation stands for.
    static func bytes(of item: DecodedItem, operation: Int = 0) -> Int {
        switch item {
        case .packet: operation
        case .noise(_, let bytes): bytes.count
        case .record(let record, _): bytes(of: record)
        }
    }

    static func bytes(of record: LogRecord) -> Int {
        switch record {
        case .punch(let punch): punch.raw?.count ?? 0
        case .oddity(let oddity): oddity.raw.count
        }
    }

    /// Bytes that items hold besides their own size: a bound on what a decoder gives out.
    static func output(_ items: [DecodedItem]) -> Int {
        items.reduce(0) { sum, item in
            guard case .packet(_, _, let fields) = item else { return sum + bytes(of: item) }
            return fields.reduce(sum) { sum, field in
                switch field.value {
                case .number, .flag: sum
                case .text(let text): sum + text.utf8.count
                case .bytes(let bytes): sum + bytes.count
                }
            }
        }
    }
}
