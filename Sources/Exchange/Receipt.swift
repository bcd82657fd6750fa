public import Attendance

/// What the centre has on its disk, signed with its key: the bridge keeps it as proof of
/// delivery.
public struct Receipt: Hashable, Sendable, Codable {
    public var journal: String
    /// Every entry through this `seq` is committed at the centre.
    public var ackedThrough: Int64
    /// The chain's hash there.
    public var head: String
    /// Entries through this `seq` are in a backup of the centre as well; 0 before the first.
    public var safeThrough: Int64
    public var serverTime: String
    /// Pins of the keys the centre will use from now on; empty if nothing changes.
    public var nextPins: [String]

    enum CodingKeys: String, CodingKey {
        case journal
        case ackedThrough = "acked_through"
        case head
        case safeThrough = "safe_through"
        case serverTime = "server_time"
        case nextPins = "next_pins"
    }

    public init(
        journal: JournalID, ackedThrough: Int64, head: ChainHash, safeThrough: Int64,
        serverTime: UTCTime, nextPins: [String] = []
    ) {
        self.journal = journal.description
        self.ackedThrough = ackedThrough
        self.head = head.description
        self.safeThrough = safeThrough
        self.serverTime = serverTime.description
        self.nextPins = nextPins
    }
}

/// A text and the signature over exactly its bytes.
public struct SignedText: Hashable, Sendable, Codable {
    public var text: String
    /// ``VerifyingKey/id`` of the key that signed.
    public var key: String
    /// Base64.
    public var signature: String

    public init(_ text: String, key: SigningKey, purpose: SignaturePurpose) throws {
        self.text = text
        self.key = key.verifying.id
        signature = try key.signature(for: Array(text.utf8), purpose: purpose).base64
    }

    /// As it was kept.
    public init(text: String, key: String, signature: String) {
        self.text = text
        self.key = key
        self.signature = signature
    }

    public func isSigned(by key: VerifyingKey, purpose: SignaturePurpose) -> Bool {
        guard let signature = [UInt8](base64: signature) else { return false }
        return key.isValid(signature: signature, for: Array(text.utf8), purpose: purpose)
    }
}

/// The centre's answer to a call it has taken.
///
/// The receipt's text says the same as the fields beside it; the fields are for reading, the
/// receipt is for keeping. A bridge believes only the receipt.
public struct SyncAnswer: Hashable, Sendable, Codable {
    public var ackedThrough: Int64
    public var head: String
    public var safeThrough: Int64
    public var serverTime: String
    public var nextPins: [String]
    public var receipt: SignedText
    /// Seconds to wait before the next call, if the centre is busy.
    public var retryAfterSeconds: Int?
    /// Which keys have followed each other, if they ever changed: each a ``KeySuccession``.
    public var successions: [SignedText]?
    /// A closed list of requests to the bridge; empty for now.
    public var directives: [Directive]

    public struct Directive: Hashable, Sendable, Codable {
        /// `re-read` or `set-clock`.
        public var name: String
        public var terminal: String?
        public var from: String?

        public init(name: String, terminal: String? = nil, from: String? = nil) {
            self.name = name
            self.terminal = terminal
            self.from = from
        }
    }

    enum CodingKeys: String, CodingKey {
        case ackedThrough = "acked_through"
        case head
        case safeThrough = "safe_through"
        case serverTime = "server_time"
        case nextPins = "next_pins"
        case receipt
        case retryAfterSeconds = "retry_after_s"
        case successions = "key_successions"
        case directives
    }

    public init(
        _ receipt: Receipt, key: SigningKey, successions: [SignedText] = [],
        retryAfterSeconds: Int? = nil
    ) throws {
        ackedThrough = receipt.ackedThrough
        head = receipt.head
        safeThrough = receipt.safeThrough
        serverTime = receipt.serverTime
        nextPins = receipt.nextPins
        self.receipt = try SignedText(
            String(decoding: try WireJSON.encode(receipt), as: UTF8.self), key: key,
            purpose: .receipt)
        self.retryAfterSeconds = retryAfterSeconds
        self.successions = successions.isEmpty ? nil : successions
        directives = []
    }

    /// The receipt, if the centre's key signed it.
    public func verifiedReceipt(by key: VerifyingKey) -> Receipt? {
        guard receipt.isSigned(by: key, purpose: .receipt) else { return nil }
        return try? WireJSON.decode(Receipt.self, fromOutside: receipt.text.utf8)
    }
}
