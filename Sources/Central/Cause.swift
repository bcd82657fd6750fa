public import Attendance

/// One thing that is wrong in an office, with a stable code and since when.
public struct Cause: Hashable, Sendable {
    /// What can be wrong, hardest first. The raw values are stable words for scripts.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Two boxes call with one identity.
        case clone = "bridge-clone"
        /// The bridge was restored from an old image; it goes on with a new journal by itself.
        case forked = "journal-forked"
        case silent = "bridge-silent"
        /// Enrolled, but no call ever came.
        case neverHeard = "bridge-never-heard"
        /// No bridge was ever enrolled for an office that is expected to report.
        case notEnrolled = "bridge-not-enrolled"
        /// The last bridge was shut out, and no other has taken its place.
        case revoked = "bridge-revoked"
        case terminalLost = "terminal-lost"
        case terminalBlocked = "terminal-blocked"
        /// Punches of a terminal that belongs to another office wait for an operator.
        case terminalElsewhere = "terminal-elsewhere"
        case clockOff = "clock-off"
        case queueOld = "queue-old"
        case coverageHole = "coverage-hole"
        case linesFlagged = "lines-flagged"
        case hostUnsynced = "host-unsynced"
        case diskNearlyFull = "disk-nearly-full"
        case logNearlyFull = "log-nearly-full"
    }

    public let code: Code
    /// The terminal's label, where it is about one.
    public let terminal: String?
    /// What tells equal causes apart: a problem's code, or a number with its unit.
    public let detail: String?
    /// The sentence the bridge sent with it, if any.
    public let words: Text?
    public let since: UTCTime

    public init(
        _ code: Code, terminal: String? = nil, detail: String? = nil, words: Text? = nil,
        since: UTCTime
    ) {
        self.code = code
        self.terminal = terminal
        self.detail = detail
        self.words = words
        self.since = since
    }

    public var severity: Severity { code.severity }
}

/// How an office or a terminal is, as colour, shape and word.
public enum Severity: Int, Hashable, Sendable, CaseIterable, Comparable {
    /// Not expected to report.
    case notExpected
    case fine
    case attention
    case fault

    public static func < (left: Severity, right: Severity) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Cause.Code {
    public var severity: Severity {
        switch self {
        case .clone, .silent, .neverHeard, .notEnrolled, .revoked, .terminalLost, .terminalBlocked:
            .fault
        default: .attention
        }
    }
}
