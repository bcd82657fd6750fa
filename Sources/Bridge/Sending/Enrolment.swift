public import Attendance
public import Exchange
import Glibc

/// What the bridge knows of its centre: `centre.json` in the state folder, mode 0600.
///
/// It lives beside the journal and not in the configuration, which the daemon may not write.
public struct Enrolment: Hashable, Sendable, Codable {
    public var url: String
    /// `sha256//…` of the centre's current and spare TLS key.
    public var pins: [String]
    /// Base64 of the key that signs receipts.
    public var centreKey: String
    public var office: String
    public var zone: String
    /// `VerifyingKey.id` of the key that was enrolled.
    public var bridge: String
    public var enrolledAt: String
    /// Base64 of the keys that signed receipts before, the oldest first: the journal's older receipts
    /// are theirs.
    public var formerKeys: [String]?

    enum CodingKeys: String, CodingKey {
        case url, pins
        case centreKey = "centre_key"
        case office, zone, bridge
        case enrolledAt = "enrolled_at"
        case formerKeys = "former_centre_keys"
    }

    public init(
        url: String, pins: [String], centreKey: String, office: String, zone: String,
        bridge: String, enrolledAt: String
    ) {
        self.url = url
        self.pins = pins
        self.centreKey = centreKey
        self.office = office
        self.zone = zone
        self.bridge = bridge
        self.enrolledAt = enrolledAt
    }

    /// The key that receipts are checked with.
    public var receiptKey: VerifyingKey? { Self.key(centreKey) }

    /// All keys that may have signed what is kept here, the newest first.
    public var receiptKeys: [VerifyingKey] {
        ([centreKey] + (formerKeys ?? []).reversed()).compactMap(Self.key)
    }

    private static func key(_ text: String) -> VerifyingKey? {
        [UInt8](base64: text).flatMap { try? VerifyingKey(bytes: $0) }
    }

    /// An answer's receipt, and this enrolment as it stands with the key that signed it; nil if that
    /// is nobody's whom the centre's own statements name.
    ///
    /// - Parameter formers: Believe the keys of before too. A centre that was restored from an older
    ///   backup signs with one of them; over the line the pins say that it is the centre.
    func receipt(
        in answer: SyncAnswer, orOf formers: Bool
    ) -> (receipt: Receipt, enrolment: Enrolment)? {
        guard let current = receiptKey else { return nil }
        if let (receipt, way) = answer.verifiedReceipt(from: current) {
            return (receipt, following(way))
        }
        guard formers else { return nil }
        let receipt = receiptKeys.dropFirst().lazy.compactMap { answer.verifiedReceipt(by: $0) }
        return receipt.first.map { ($0, self) }
    }

    private func following(_ way: [VerifyingKey]) -> Enrolment {
        guard way.count > 1, let newest = way.last else { return self }
        var changed = self
        changed.formerKeys = (formerKeys ?? []) + way.dropLast().map(\.bytes.base64)
        changed.centreKey = newest.bytes.base64
        return changed
    }

    /// - Returns: nil if this bridge was never enrolled.
    /// - Throws: ``StateError`` if the file is there and cannot be read.
    public static func load(from folder: StateFolder) throws(StateError) -> Enrolment? {
        guard access(folder.centreFile, F_OK) == 0 else { return nil }
        guard let bytes = TextFile.bytes(folder.centreFile, limit: 65_536),
            let enrolment = try? WireJSON.decode(Enrolment.self, from: bytes),
            enrolment.receiptKey != nil
        else { throw .unusable(path: folder.centreFile, reason: "JSON") }
        return enrolment
    }

    /// Replaces the file; the old or the new one is there, whenever the power goes.
    public func save(to folder: StateFolder) throws {
        let text = String(decoding: try WireJSON.encode(self), as: UTF8.self) + "\n"
        do {
            try TextFile.write(text, to: folder.centreFile, mode: 0o600)
        } catch {
            throw StateError.unusable(path: folder.centreFile, reason: "\(error)")
        }
    }
}

/// The exchange of a one-time code for an enrolment.
public struct Enroller: Sendable {
    /// Posts bytes to a path of the centre; ``HTTPS`` in life.
    public typealias Post = @Sendable (_ path: String, _ body: [UInt8]) async throws -> HTTPAnswer

    public let code: EnrolmentCode
    public let url: String

    /// - Parameters:
    ///   - office: The office of the configuration.
    ///   - url: The centre's address.
    ///   - text: As typed or pasted; never kept and never logged.
    /// - Throws: ``SyncError`` if it is no code, or is for another office than `office`.
    public init(url: String, code text: String, office: OfficeID) throws(SyncError) {
        guard let code = try? EnrolmentCode(text: text) else { throw .notACode }
        guard code.office == office.description else {
            throw .otherOffice(code: code.office, configured: office.description)
        }
        self.code = code
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// Asks the centre to enrol `key`.
    ///
    /// - Parameters:
    ///   - hostname: The box's name, for people.
    ///   - journal: The journal that will be sent.
    ///   - key: The key to be enrolled.
    ///   - now: Written down as the time of the enrolment.
    ///   - post: Over a line that trusts only the code's pins.
    /// - Throws: ``SyncError``.
    public func enrol(
        key: SigningKey, journal: JournalID, hostname: String, now: UTCTime, post: Post
    ) async throws -> Enrolment {
        let request = EnrolmentRequest(
            secret: code.secret, journal: journal, publicKey: key.verifying, hostname: hostname,
            version: TitianVersion.current)
        let text = String(decoding: try WireJSON.encode(request), as: UTF8.self)
        let signed = try SignedText(text, key: key, purpose: .enrolment)
        let answer = try await post("/api/v1/enrol", try WireJSON.encode(signed))
        guard answer.status == 200 else { throw SyncError(refusal: answer, from: url) }
        guard let granted = try? WireJSON.decode(EnrolmentAnswer.self, fromOutside: answer.body)
        else {
            throw SyncError.badAnswer(url, reason: "enrol")
        }
        CrashPoint.enrolmentAnswered.reached()
        return try Enrolment(granted, url: url, code: code, key: key.verifying, now: now)
    }
}

extension Enrolment {
    /// What a granted request means, whichever way its answer came.
    ///
    /// - Throws: ``SyncError/badAnswer(_:reason:)`` if it is for another key or names no centre.
    init(
        _ granted: EnrolmentAnswer, url: String, code: EnrolmentCode, key: VerifyingKey,
        now: UTCTime
    ) throws(SyncError) {
        guard granted.bridge == key.id else { throw .badAnswer(url, reason: "enrol") }
        self.init(
            url: url, pins: granted.pins.isEmpty ? code.pins : granted.pins,
            centreKey: granted.centreKey, office: granted.office, zone: granted.zone,
            bridge: granted.bridge, enrolledAt: now.description)
        guard receiptKey != nil else { throw .badAnswer(url, reason: "key") }
    }
}

extension SyncError {
    /// What an answer other than 200 says.
    init(refusal answer: HTTPAnswer, from url: String) {
        if let document = try? WireJSON.decode(ProblemDocument.self, fromOutside: answer.body),
            let code = SyncProblem(rawValue: document.code)
        {
            self = .refused(code)
        } else {
            self = .badAnswer(url, reason: "HTTP \(answer.status)")
        }
    }
}
