internal import Attendance
import TerminalKit

/// Records written down without the packets they came in.
enum BareRecords {
    /// What share of a stretch must look like attendance before anything in it is called so.
    private static let convincing = 0.9
    /// Records that a stretch without a beginning must have: one alone looks like many things.
    private static let fewest = 4

    /// - Parameter lines: One record a line, or one stretch cut anywhere.
    /// - Returns: nil if they are no records of this make.
    static func decode(_ lines: [[UInt8]]) -> [DecodedItem]? {
        let items = lines.map { record($0) ?? .noise(reason: Reason.cut, bytes: $0) }
        let areRecords = items.contains { if case .noise = $0 { false } else { true } }
        if areRecords { return items }
        let joined = lines.flatMap(\.self)
        let layouts = RecordLayout.known.filter {
            !joined.isEmpty && joined.count % $0.size == 0
        }
        guard let layout = best(of: layouts, joined, start: { _ in 0 }) else { return nil }
        return records(joined, layout)
    }

    /// One DATA packet out of the middle of a table: its index tells where records begin.
    static func fragment(_ data: [UInt8], index: UInt16) -> [DecodedItem] {
        // Every DATA before this one brought 1,024 bytes, the first of them the table's length.
        let before = Int(index) * 1_024 - 4
        func start(_ layout: RecordLayout) -> Int {
            index == 0 ? 4 : (layout.size - before % layout.size) % layout.size
        }
        let layouts = RecordLayout.known.filter {
            data.count >= start($0) + fewest * $0.size
        }
        guard let layout = best(of: layouts, data, start: start) else {
            return data.isEmpty ? [] : [.noise(reason: "part of a table", bytes: data)]
        }
        let first = min(start(layout), data.count)
        let head = Array(data[..<first])
        let rest = records(Array(data[first...]), layout)
        return (head.isEmpty ? [] : [.noise(reason: "part of a record", bytes: head)]) + rest
    }

    private static func record(_ bytes: [UInt8]) -> DecodedItem? {
        guard let layout = RecordLayout.known(size: bytes.count) else { return nil }
        if RecordSize.score(layout, bytes) < convincing {
            if bytes.count == Operation.size, let operation = Operation(bytes) {
                return operation.item
            }
            guard RecordBytes(bytes, from: 0, count: bytes.count).isFiller else { return nil }
        }
        var decoder = RecordDecoder(layout)
        return .record(decoder.decode(bytes, at: 0), via: .log)
    }

    private static func best(
        of layouts: [RecordLayout], _ bytes: [UInt8], start: (RecordLayout) -> Int
    ) -> RecordLayout? {
        let scored = layouts.map { ($0, RecordSize.score($0, bytes, from: start($0))) }
        return scored.max { $0.1 < $1.1 }.flatMap { $0.1 >= convincing ? $0.0 : nil }
    }

    private static func records(_ bytes: [UInt8], _ layout: RecordLayout) -> [DecodedItem] {
        var decoder = RecordDecoder(layout)
        let used = bytes.count / layout.size * layout.size
        var items = stride(from: 0, to: used, by: layout.size).map {
            DecodedItem.record(decoder.decode(bytes, at: $0), via: .log)
        }
        if used < bytes.count {
            items.append(.noise(reason: "part of a record", bytes: Array(bytes[used...])))
        }
        return items
    }
}
