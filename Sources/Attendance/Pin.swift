/// The number under which a terminal knows a person: text, because terminals allow leading
/// zeros and, on newer ones, letters.
public struct Pin: Hashable, Sendable, CustomStringConvertible {
    /// As recorded, blanks and zero bytes at both ends trimmed; leading zeros kept.
    public let text: String

    /// The same without the leading zeros of a number: `0017` and `17` are one person. This form
    /// is part of a punch's identity; letters are left alone.
    public let canonical: String

    /// Trims and wraps a PIN.
    ///
    /// - Throws: ``InvalidValue`` if nothing is left, if more than 24 bytes are, or if there is a
    ///   byte that no terminal lets anyone type: damaged flash looks like that.
    public init(_ recorded: String) throws(InvalidValue) {
        let trimmed = recorded.utf8.drop { $0 == 0 || $0 == 0x20 }
        var bytes = Array(trimmed)
        while let last = bytes.last, last == 0 || last == 0x20 { bytes.removeLast() }
        guard (1...24).contains(bytes.count) else {
            throw InvalidValue(recorded, rule: "a PIN has 1 to 24 characters")
        }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw InvalidValue(recorded, rule: "a PIN has only visible ASCII characters")
        }
        text = String(decoding: bytes, as: UTF8.self)
        canonical = Self.canonicalForm(bytes)
    }

    /// A PIN that a terminal stores as a number.
    public init(_ number: UInt64) {
        text = String(number)
        canonical = text
    }

    /// A record that names only its place in the terminal's user table: `#17`.
    ///
    /// The slot is the identity, because it is all the record holds; who sat in that slot at the
    /// time is an attribute.
    public init(slot: Int) {
        text = "#\(slot)"
        canonical = text
    }

    public var description: String { text }

    private static func canonicalForm(_ bytes: [UInt8]) -> String {
        guard bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        let digits = bytes.drop { $0 == 0x30 }
        return digits.isEmpty ? "0" : String(decoding: digits, as: UTF8.self)
    }
}
