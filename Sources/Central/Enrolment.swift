public import Attendance
public import Exchange

/// A code just made: the only moment at which its secret is known here.
public struct NewCode: Hashable, Sendable {
    /// 16 bytes; the centre keeps only their SHA-256.
    public let secret: [UInt8]
    public let office: Office
    public let expires: UTCTime
}

/// A bridge that was given a place.
public struct Bridge: Hashable, Sendable {
    /// `VerifyingKey.id`.
    public let id: String
    public let key: VerifyingKey
    public let office: OfficeID
    public let hostname: String
    public let enrolledAt: UTCTime
    /// When its newest call came.
    public let lastHeard: UTCTime?
    /// Set where its calls are refused.
    public let revocation: Revocation?

    /// Why a bridge may not call any more.
    public struct Revocation: Hashable, Sendable {
        public let at: UTCTime
        /// Who did it.
        public let who: String
        public let reason: String
    }
}
