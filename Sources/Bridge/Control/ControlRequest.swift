/// What may be asked over the control socket: one JSON object a line.
///
/// `docs/reference/control.md` lists the questions and their answers.
public struct ControlRequest: Hashable, Sendable, Codable {
    public var op: String
    /// At most so many lines (`punches`, `tail`).
    public var limit: Int?
    /// Only what follows this entry (`punches`, `tail`).
    public var after: Int64?
    /// The name of a stick's file, without folders (`import-begin`).
    public var file: String?
    /// Which file is meant (`import-bytes`, `import-end`), which one waits (`import-held`), or where to
    /// go on (`evidence`).
    public var ticket: String?
    /// The next piece of it, in base64 (`import-bytes`).
    public var data: String?
    /// `make:serial` or a configured name (`import-end`, `import-held`).
    public var terminal: String?
    /// `dmy` or `mdy` (`import-end`, `import-held`).
    public var order: String?
    /// Nothing is to be written (`import-end`, `import-held`).
    public var dryRun: Bool?

    /// A terminal's clock that was set (`clock-set`).
    public var change: ClockChange?
    /// A true time that somebody read off (`clock-witnessed`).
    public var witness: ClockWitness?

    enum CodingKeys: String, CodingKey {
        case change, witness
        case op, limit, after, file, ticket, data, terminal, order
        case dryRun = "dry_run"
    }

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
        case journalRepair = "journal-repair"
        case reloadEnrolment = "reload-enrolment"
        case missing
        case clockSet = "clock-set"
        case clockWitnessed = "clock-witnessed"
        case importBegin = "import-begin"
        case importBytes = "import-bytes"
        case importEnd = "import-end"
        case importHeld = "import-held"
        case importList = "import-list"
        case courierPiece = "courier-piece"
        case evidence
        case courierReceipt = "courier-receipt"
    }
}
