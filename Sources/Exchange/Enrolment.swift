public import Attendance
import Crypto

/// The one-time code a BKD operator gives to a technician.
///
/// It carries the pins of the centre's TLS keys, so the first contact already trusts no clock
/// and no certificate. Written as `titian1.`, base64url of a JSON object, a dot and eight digits
/// that tell a slip of the hand from a wrong centre.
public struct EnrolmentCode: Hashable, Sendable, Codable {
    /// 16 random bytes as hexadecimal digits; the centre keeps only their hash.
    public var secret: String
    public var office: String
    /// `Zone.ianaName`.
    public var zone: String
    /// `sha256//…` of the current and the spare TLS key, as libcurl wants them.
    public var pins: [String]
    /// UTC, to be shown; only the centre's clock decides.
    public var expires: String

    enum CodingKeys: String, CodingKey {
        case secret = "s"
        case office = "o"
        case zone = "z"
        case pins = "p"
        case expires = "e"
    }

    public init(
        secret: [UInt8], office: OfficeID, zone: Zone, pins: [String], expires: UTCTime
    ) {
        self.secret = secret.hex
        self.office = office.description
        self.zone = zone.ianaName
        self.pins = pins
        self.expires = expires.description
    }

    static let mark = "titian1."

    public var text: String {
        get throws {
            let base64 = try WireJSON.encode(self).base64
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            return "\(Self.mark)\(base64).\(Self.check(base64))"
        }
    }

    /// The first four bytes of SHA-256 over the middle part, as it is written.
    private static func check(_ middle: some StringProtocol) -> String {
        [UInt8](SHA256.hash(data: Array(middle.utf8)).prefix(4)).hex
    }

    /// A code has a few hundred letters; what is longer was copied from somewhere else.
    private static let longest = 4_096

    /// Reads a code as it was typed or pasted; blanks and line ends within it are ignored.
    ///
    /// - Throws: `InvalidValue` if it is no code or was cut.
    public init(text: String) throws(InvalidValue) {
        let rule = "an enrolment code begins with titian1. and is copied whole"
        guard text.utf8.count <= Self.longest else { throw InvalidValue("…", rule: rule) }
        let compact = text.filter { !$0.isWhitespace }
        let parts = compact.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, "\(parts[0])." == Self.mark, parts[2] == Self.check(parts[1]) else {
            throw InvalidValue("…", rule: rule)
        }
        var base64 = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        while base64.utf8.count % 4 != 0 { base64.append("=") }
        guard let bytes = [UInt8](base64: String(base64)),
            let code = try? WireJSON.decode(EnrolmentCode.self, fromOutside: bytes),
            (try? OfficeID(code.office)) != nil, (try? Zone(code.zone)) != nil, !code.pins.isEmpty
        else { throw InvalidValue("…", rule: rule) }
        self = code
    }
}

/// What a bridge sends to be enrolled: `POST /api/v1/enrol`, as ``SignedText`` in JSON.
///
/// The signature proves that the sender holds the key it asks to have enrolled.
public struct EnrolmentRequest: Hashable, Sendable, Codable {
    public var secret: String
    public var journal: String
    /// Base64 of the bridge's Ed25519 public key.
    public var publicKey: String
    public var hostname: String
    public var version: String
    /// ``CodeProof/proof(of:)`` where `secret` is left empty: a request that is carried.
    public var proof: String?

    enum CodingKeys: String, CodingKey {
        case secret, journal
        case publicKey = "public_key"
        case hostname, version, proof
    }

    public init(
        secret: String, journal: JournalID, publicKey: VerifyingKey, hostname: String,
        version: String
    ) {
        self.secret = secret
        self.journal = journal.description
        self.publicKey = publicKey.bytes.base64
        self.hostname = hostname
        self.version = version
    }
}

extension EnrolmentRequest {
    /// The same request as it may be seen by whoever finds the stick.
    ///
    /// - Returns: nil if the code holds no secret.
    public func carried(with code: EnrolmentCode) -> EnrolmentRequest? {
        guard let key = CodeProof(code) else { return nil }
        var carried = self
        carried.secret = ""
        carried.proof = key.proof(of: self)
        return carried
    }
}

/// The centre's answer to a request it has granted.
public struct EnrolmentAnswer: Hashable, Sendable, Codable {
    public var office: String
    public var zone: String
    /// ``VerifyingKey/id`` of the bridge.
    public var bridge: String
    /// Base64 of the key that signs receipts.
    public var centreKey: String
    public var pins: [String]
    public var serverTime: String

    enum CodingKeys: String, CodingKey {
        case office, zone, bridge
        case centreKey = "centre_key"
        case pins
        case serverTime = "server_time"
    }

    public init(
        office: OfficeID, zone: Zone, bridge: VerifyingKey, centreKey: VerifyingKey,
        pins: [String], serverTime: UTCTime
    ) {
        self.office = office.description
        self.zone = zone.ianaName
        self.bridge = bridge.id
        self.centreKey = centreKey.bytes.base64
        self.pins = pins
        self.serverTime = serverTime.description
    }
}
