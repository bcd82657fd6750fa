public import Attendance
import Crypto
import FoundationEssentials

/// An Ed25519 key that signs: the bridge's own, made on its box, or the centre's.
///
/// No certificate stands behind it, so there is nothing that can expire.
public struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Makes a new key from the system's random numbers.
    public init() {
        key = Curve25519.Signing.PrivateKey()
    }

    /// - Parameter seed: The 32 bytes of ``seed``.
    /// - Throws: `InvalidValue` for any other length.
    public init(seed: [UInt8]) throws(InvalidValue) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw InvalidValue("\(seed.count) bytes", rule: "a signing key has 32 bytes")
        }
        self.key = key
    }

    /// The secret itself, to be kept in a file of mode 0600 and nowhere else.
    public var seed: [UInt8] { Array(key.rawRepresentation) }

    public var verifying: VerifyingKey { VerifyingKey(key.publicKey) }

    /// Signs the purpose and the bytes: a signature made for one purpose is worth nothing for
    /// another.
    ///
    /// - Returns: 64 bytes.
    public func signature(for bytes: [UInt8], purpose: SignaturePurpose) throws -> [UInt8] {
        Array(try key.signature(for: purpose.prefix + bytes))
    }
}

/// The public half of a ``SigningKey``.
public struct VerifyingKey: Hashable, Sendable {
    public let bytes: [UInt8]

    /// - Throws: `InvalidValue` if these are not 32 bytes of an Ed25519 public key.
    public init(bytes: [UInt8]) throws(InvalidValue) {
        guard bytes.count == 32,
            (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
        else { throw InvalidValue("\(bytes.count) bytes", rule: "a public key has 32 bytes") }
        self.bytes = bytes
    }

    init(_ key: Curve25519.Signing.PublicKey) {
        bytes = Array(key.rawRepresentation)
    }

    /// The key's short name in headers and pages: the first 8 bytes of its SHA-256, as hex.
    public var id: String {
        [UInt8](SHA256.hash(data: bytes).prefix(8)).hex
    }

    public func isValid(
        signature: [UInt8], for bytes: [UInt8], purpose: SignaturePurpose
    ) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes) else {
            return false
        }
        return key.isValidSignature(signature, for: purpose.prefix + bytes)
    }
}

/// What a signature is for; the words stand in front of the signed bytes.
public enum SignaturePurpose: String, Hashable, Sendable, CaseIterable {
    case sync = "titian sync v1"
    case receipt = "titian receipt v1"
    case enrolment = "titian enrol v1"
    case succession = "titian key v1"

    var prefix: [UInt8] { Array(rawValue.utf8) }
}

extension [UInt8] {
    /// Standard base64 with padding.
    public var base64: String { Data(self).base64EncodedString() }

    public init?(base64 text: String) {
        guard let data = Data(base64Encoded: text) else { return nil }
        self = Array(data)
    }
}
