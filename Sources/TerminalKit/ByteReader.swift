/// Reads numbers and stretches from bytes that came from outside; every step is checked.
public struct ByteReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    public init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    public var remaining: Int { bytes.endIndex - index }

    /// The next `count` bytes; nil, and nothing is consumed, if there are fewer.
    public mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, remaining >= count else { return nil }
        defer { index += count }
        return bytes[index..<(index + count)]
    }

    public mutating func u8() -> UInt8? { take(1)?.first }

    public mutating func u16LE() -> UInt16? {
        take(2).map { UInt16($0[$0.startIndex]) | UInt16($0[$0.startIndex + 1]) << 8 }
    }

    public mutating func u32LE() -> UInt32? {
        take(4)?.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    /// A big-endian number of up to eight bytes.
    public mutating func uBE(_ count: Int) -> UInt64? {
        guard count <= 8 else { return nil }
        return take(count)?.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }

    /// All that is left.
    public mutating func rest() -> ArraySlice<UInt8> {
        defer { index = bytes.endIndex }
        return bytes[index...]
    }
}

extension [UInt8] {
    public mutating func appendLE(_ value: UInt16) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
    }

    public mutating func appendLE(_ value: UInt32) {
        for shift in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }

    /// The low `count` bytes of `value`, the highest first.
    public mutating func appendBE(_ value: UInt64, count: Int) {
        for index in stride(from: count - 1, through: 0, by: -1) {
            append(UInt8(truncatingIfNeeded: value >> UInt64(index * 8)))
        }
    }
}
