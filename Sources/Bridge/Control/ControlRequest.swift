/// What may be asked over the control socket: one JSON object a line.
///
/// `docs/reference/control.md` lists the questions and their answers.
public struct ControlRequest: Hashable, Sendable, Codable {
    public var op: String
    /// At most so many lines (`punches`, `tail`).
    public var limit: Int?
    /// Only what follows this entry (`punches`, `tail`).
    public var after: Int64?

    public init(_ op: Operation, limit: Int? = nil, after: Int64? = nil) {
        self.op = op.rawValue
        self.limit = limit
        self.after = after
    }

    /// The questions there are.
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case status
        case syncNow = "sync-now"
        case syncStatus = "sync-status"
        case punches
        case tail
        case journalStatus = "journal-status"
        case journalVerify = "journal-verify"
        case journalCheck = "journal-check"
        case reloadEnrolment = "reload-enrolment"
    }
}
