public import Attendance

/// Somebody who may sign in.
public struct User: Hashable, Sendable {
    public let name: String
    public let role: Role
    /// The console's own text: algorithm, cost, salt and hash. Never shown.
    public let passwordHash: String
    public let isDisabled: Bool

    public init(name: String, role: Role, passwordHash: String, isDisabled: Bool) {
        self.name = name
        self.role = role
        self.passwordHash = passwordHash
        self.isDisabled = isDisabled
    }

    public enum Role: String, Hashable, Sendable, CaseIterable {
        case `operator`
        case administrator
    }
}

/// One line of the audit trail: who did what to what, when and from where.
public struct AuditRow: Hashable, Sendable {
    public let seq: Int64
    public let at: UTCTime
    public let who: String
    /// English words joined by hyphens: `sign-in`, `export-punches`.
    public let action: String
    public let object: String?
    public let address: String
}
