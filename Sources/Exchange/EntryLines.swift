/// The entry lines of a call, where they lie in its body.
///
/// A body from outside may be nothing but newlines. A list of its lines would take thirty times as
/// much memory as they do; this takes none.
public struct EntryLines: Collection, Sendable {
    /// Every line is ended by its newline.
    private let bytes: ArraySlice<UInt8>
    public let count: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        count = bytes.reduce(0) { $1 == Envelope.newline ? $0 + 1 : $0 }
    }

    public var startIndex: Int { bytes.startIndex }
    public var endIndex: Int { bytes.endIndex }

    public func index(after index: Int) -> Int {
        bytes[index...].firstIndex(of: Envelope.newline).map { $0 + 1 } ?? bytes.endIndex
    }

    /// The line that begins at `index`, without its newline.
    public subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[index..<(bytes[index...].firstIndex(of: Envelope.newline) ?? bytes.endIndex)]
    }

    public func makeIterator() -> Iterator { Iterator(rest: bytes) }

    public struct Iterator: IteratorProtocol {
        var rest: ArraySlice<UInt8>

        public mutating func next() -> ArraySlice<UInt8>? {
            guard let end = rest.firstIndex(of: Envelope.newline) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
    }
}
