internal import Attendance
import TerminalKit

/// Records written down without the packets they came in.
enum BareRecords {
    /// What share of a stretch must look like attendance before anything in it is called so.
    private static let convincing = 0.9
    /// Records that a stretch without a beginning must have: one alone looks like many things.
    private static let fewest = 4

    /// - Parameter lines: One record a line, or one stretch cut anywhere.
    /// - Returns: Whether they are records of this make; nothing is found else.
    static func decode(
        _ lines: some Sequence<[UInt8]>, _ found: (DecodedItem) -> Void
    ) -> Bool {
        if lines.contains(where: { record($0) != nil }) {
            for line in lines { found(record(line) ?? .noise(reason: Reason.cut, bytes: line)) }
            return true
        }
        let joined = lines.reduce(into: [UInt8]()) { $0 += $1 }
        let layouts = RecordLayout.known.filter {
            !joined.isEmpty && joined.count % $0.size == 0
        }
        guard let layout = best(of: layouts, joined, start: { _ in 0 }) else { return false }
        records(joined, layout, found)
        return true
    }

    /// One DATA packet out of the middle of a table: its index tells where records begin.
    static func fragment(_ data: [UInt8], index: UInt16, _ found: (DecodedItem) -> Void) {
        // Every DATA before this one brought 1,024 bytes, the first of them the table's length.
        let before = Int(index) * 1_024 - 4
        func start(_ layout: RecordLayout) -> Int {
            index == 0 ? 4 : (layout.size - before % layout.size) % layout.size
        }
        let layouts = RecordLayout.known.filter {
            data.count >= start($0) + fewest * $0.size
        }
        guard let layout = best(of: layouts, data, start: start) else {
            if !data.isEmpty { found(.noise(reason: "part of a table", bytes: data)) }
            return
        }
        let first = min(start(layout), data.count)
        if first > 0 { found(.noise(reason: "part of a record", bytes: Array(data[..<first]))) }
        records(Array(data[first...]), layout, found)
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

    private static func records(
        _ bytes: [UInt8], _ layout: RecordLayout, _ found: (DecodedItem) -> Void
    ) {
        var decoder = RecordDecoder(layout)
        let used = bytes.count / layout.size * layout.size
        for offset in stride(from: 0, to: used, by: layout.size) {
            found(.record(decoder.decode(bytes, at: offset), via: .log))
        }
        if used < bytes.count {
            found(.noise(reason: "part of a record", bytes: Array(bytes[used...])))
        }
    }
}
