public import Attendance

/// An error of the sync call as an RFC 9457 problem document, `application/problem+json`.
public struct ProblemDocument: Hashable, Sendable, Codable {
    /// `urn:titian:problem:` and the code.
    public var type: String
    public var title: String
    public var status: Int
    /// The same in Indonesian.
    public var judul: String
    public var code: String
    /// With `journal-gap`: the entry the centre wants next.
    public var sendFrom: Int64?

    enum CodingKeys: String, CodingKey {
        case type, title, status, judul, code
        case sendFrom = "send_from"
    }

    public init(_ code: SyncProblem, sendFrom: Int64? = nil) {
        type = "urn:titian:problem:\(code.rawValue)"
        title = code.title.english
        judul = code.title.indonesian
        status = code.status
        self.code = code.rawValue
        self.sendFrom = sendFrom
    }
}

/// What a bridge does about an answer: the client has these four reactions and no other.
public enum SyncReaction: Hashable, Sendable {
    case acked
    case wait
    case fixIdentity
    case startNewJournal
}

/// The codes of the sync and enrolment calls. A code is stable and never reused.
public enum SyncProblem: String, Hashable, Sendable, Codable, CaseIterable {
    case notOurs = "body-not-ours"
    case unknownVersion = "version-unknown"
    case damaged = "body-damaged"
    case tooLarge = "body-too-large"
    case unknownKey = "key-unknown"
    case revokedKey = "key-revoked"
    case badSignature = "signature-bad"
    /// The batch begins after what the centre has: send from `send_from`.
    case gap = "journal-gap"
    /// Same `seq` with other content, or a head behind the centre's.
    case forked = "journal-forked"
    case busy = "centre-busy"
    case storeFailed = "store-failed"
    case codeUnknown = "code-unknown"
    case codeUsed = "code-used"
    case codeExpired = "code-expired"

    public var status: Int {
        switch self {
        case .notOurs, .damaged, .unknownVersion: 400
        case .unknownKey, .badSignature: 401
        case .revokedKey, .codeUnknown, .codeUsed, .codeExpired: 403
        case .gap, .forked: 409
        case .tooLarge: 413
        case .busy, .storeFailed: 503
        }
    }

    public var reaction: SyncReaction {
        switch self {
        case .unknownKey, .revokedKey, .badSignature: .fixIdentity
        case .forked: .startNewJournal
        default: .wait
        }
    }

    public var title: Text {
        switch self {
        case .notOurs:
            Text(id: "Isi kiriman bukan kiriman Titian.", en: "The body is not a Titian batch.")
        case .unknownVersion:
            Text(
                id: "Versi kiriman tidak dikenal server ini.",
                en: "This server does not know the batch's version.")
        case .damaged:
            Text(id: "Kiriman rusak di jalan.", en: "The batch was damaged on its way.")
        case .tooLarge:
            Text(id: "Kiriman terlalu besar.", en: "The batch is too large.")
        case .unknownKey:
            Text(
                id: "Jembatan ini belum terdaftar di BKD.",
                en: "This bridge is not enrolled at the BKD.")
        case .revokedKey:
            Text(
                id: "Pendaftaran jembatan ini sudah dicabut.",
                en: "This bridge's enrolment was revoked.")
        case .badSignature:
            Text(id: "Tanda tangan kiriman salah.", en: "The batch's signature is wrong.")
        case .gap:
            Text(
                id: "Ada celah sebelum kiriman ini.", en: "There is a gap before this batch.")
        case .forked:
            Text(
                id: "Jurnal bercabang: dipulihkan dari salinan lama.",
                en: "The journal forked: it was restored from an old image.")
        case .busy:
            Text(id: "Server sedang sibuk.", en: "The server is busy.")
        case .storeFailed:
            Text(
                id: "Server tidak dapat menyimpan kiriman.",
                en: "The server could not store the batch."
            )
        case .codeUnknown:
            Text(
                id: "Kode pendaftaran tidak dikenal.", en: "The enrolment code is not known.")
        case .codeUsed:
            Text(
                id: "Kode pendaftaran sudah dipakai.", en: "The enrolment code was used already.")
        case .codeExpired:
            Text(
                id: "Kode pendaftaran sudah kedaluwarsa.", en: "The enrolment code has expired.")
        }
    }
}
