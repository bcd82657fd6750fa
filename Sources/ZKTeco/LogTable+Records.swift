import TerminalKit

// The table as records: a word with the bytes that follow, then records of one length.
extension LogTable {
    /// The table's first word: the number of bytes after it.
    static func declared(_ head: [UInt8]) -> Int? {
        var reader = ByteReader(head)
        return reader.u32LE().map(Int.init)
    }

    /// Where records lie in the table.
    func range(_ size: Int, _ records: Range<Int>) -> Range<Int> {
        (4 + records.lowerBound * size)..<(4 + records.upperBound * size)
    }

    /// Reads `range` piece by piece and hands on stretches of whole records.
    func walk(
        _ range: Range<Int>, stride size: Int, _ use: ([UInt8]) async throws -> Void
    ) async throws {
        var offset = range.lowerBound
        var rest: [UInt8] = []
        while offset < range.upperBound {
            let piece = try await read(offset..<range.upperBound)
            guard !piece.isEmpty else {
                throw DriverError.incomplete(received: offset, expected: range.upperBound)
            }
            let bytes = rest.isEmpty ? piece : rest + piece
            let whole = bytes.count / size * size
            try await use(whole == bytes.count ? bytes : Array(bytes[..<whole]))
            rest = Array(bytes[whole...])
            offset += piece.count
        }
    }

    /// ``LogPosition/hash(of:)`` of each of these records.
    func hashes(_ layout: RecordLayout, _ records: Range<Int>) async throws -> [UInt64] {
        let size = layout.size
        var hashes: [UInt64] = []
        try await walk(range(size, records), stride: size) { bytes in
            for offset in Swift.stride(from: 0, to: bytes.count, by: size) {
                hashes.append(LogPosition.hash(of: bytes[offset..<(offset + size)]))
            }
        }
        return hashes
    }
}
