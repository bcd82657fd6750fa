public import Attendance
import Crypto

/// A journal's own random name, made with its database file: 16 bytes, written as 32 digits.
public struct JournalID: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// - Parameter random: Where the 16 bytes come from.
    public init(using random: inout some RandomNumberGenerator) {
        bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Reads 32 hexadecimal digits.
    public init(_ text: String) throws(InvalidValue) {
        guard text.utf8.count == 32, let bytes = [UInt8](hex: text), bytes.count == 16 else {
            throw InvalidValue(text, rule: "a journal id has 32 hexadecimal digits")
        }
        self.bytes = bytes
    }

    public var description: String { bytes.hex }
}

/// A 32-byte SHA-256 value of the chain.
public struct ChainHash: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// - Throws: `InvalidValue` unless there are exactly 32 bytes.
    public init(bytes: [UInt8]) throws(InvalidValue) {
        guard bytes.count == 32 else {
            throw InvalidValue("\(bytes.count) bytes", rule: "a chain hash has 32 bytes")
        }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits.
    public init(_ text: String) throws(InvalidValue) {
        guard let bytes = [UInt8](hex: text) else {
            throw InvalidValue(text, rule: "a chain hash has 64 hexadecimal digits")
        }
        try self.init(bytes: bytes)
    }

    init(digest: SHA256Digest) {
        bytes = Array(digest)
    }

    public var description: String { bytes.hex }
}

/// The hash chain over a journal's lines.
///
/// `H(n) = SHA-256(H(n-1) ‖ SHA-256(line n))`, the line without its newline. Because only a
/// line's digest enters, a line may later be purged and its digest kept: the chain still proves
/// everything around it.
public struct Chain: Hashable, Sendable {
    /// The hash after the last line taken in.
    public private(set) var head: ChainHash

    /// The chain before its first line: `H(0) = SHA-256("titian journal v1" ‖ id ‖ public key)`.
    ///
    /// - Parameters:
    ///   - journal: The journal's name.
    ///   - publicKey: The bridge's Ed25519 public key, 32 bytes.
    public init(journal: JournalID, publicKey: [UInt8]) {
        var hash = SHA256()
        hash.update(data: Array("titian journal v1".utf8))
        hash.update(data: journal.bytes)
        hash.update(data: publicKey)
        head = ChainHash(digest: hash.finalize())
    }

    /// A chain that goes on after `head`.
    public init(after head: ChainHash) {
        self.head = head
    }

    /// SHA-256 of a line without its newline.
    public static func digest(ofLine line: some Sequence<UInt8>) -> ChainHash {
        ChainHash(digest: SHA256.hash(data: Array(line)))
    }

    @discardableResult
    public mutating func append(line: some Sequence<UInt8>) -> ChainHash {
        append(digest: Self.digest(ofLine: line))
    }

    /// Goes one line on when only the line's digest is left.
    @discardableResult
    public mutating func append(digest: ChainHash) -> ChainHash {
        var hash = SHA256()
        hash.update(data: head.bytes)
        hash.update(data: digest.bytes)
        head = ChainHash(digest: hash.finalize())
        return head
    }
}
