import Attendance
public import Exchange
public import Journal

/// The JSON of `titian status --json`: how everything on this box is.
///
/// Keys are a promise (`docs/reference/cli-json.md`): they are added, never changed.
public struct StatusReport: Hashable, Sendable, Codable {
    public var office: String
    /// The zone's IANA name: what the terminals' clocks show.
    public var timezone: String
    public var version: String
    /// `VerifyingKey.id` of the bridge's key.
    public var bridge: String
    public var hostname: String
    public var startedAt: String
    public var terminals: [TerminalStatus]
    public var journal: JournalReport
    public var sync: SyncStatus
    /// Files that wait to be assigned, and the last import; nil from an older daemon.
    public var sticks: StickReport?
    public var host: HostReport
    /// Who is refused at the port for pushes; nil where there is none.
    public var push: PushReport?
    /// Who dialled in and was refused; nil where nobody can or did.
    public var refusedCallers: [RefusedCaller]?
    /// When the daemon was found to have ended without being told to, in the last 24 hours; nil
    /// if it was not.
    public var crashes: [String]?
    /// The journals that had to be repaired on this box, the oldest first; nil if none had.
    public var repairs: [RepairReport]?

    enum CodingKeys: String, CodingKey {
        case office, timezone, version, bridge, hostname
        case startedAt = "started_at"
        case terminals, journal, sync, sticks, host, push
        case refusedCallers = "refused_callers"
        case crashes, repairs
    }
}

/// What the journal holds.
public struct JournalReport: Hashable, Sendable, Codable {
    public var id: String
    public var headSeq: Int64
    public var head: String
    public var ackedThrough: Int64
    public var safeThrough: Int64
    public var punches: Int
    public var receiptedPunches: Int
    public var oddities: Int
    public var queue: Int
    public var oldestUnsent: String?
    public var bytes: Int64
    /// What putting a few entries on disk takes, in milliseconds; nil before it was seen often enough.
    public var commitMilliseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case id
        case headSeq = "head_seq"
        case head
        case ackedThrough = "acked_through"
        case safeThrough = "safe_through"
        case punches
        case receiptedPunches = "receipted_punches"
        case oddities, queue
        case oldestUnsent = "oldest_unsent"
        case bytes
        case commitMilliseconds = "commit_ms"
    }

    public init(_ status: JournalStatus) {
        id = status.id.description
        headSeq = status.headSeq
        head = status.head.description
        ackedThrough = status.ackedThrough
        safeThrough = status.safeThrough
        punches = status.punches
        receiptedPunches = status.receiptedPunches
        oddities = status.oddities
        queue = status.queue
        oldestUnsent = status.oldestUnsent?.description
        bytes = status.bytes
        commitMilliseconds = status.commitTime.map(\.milliseconds)
    }
}

/// The box's own clocks and disk.
public struct HostReport: Hashable, Sendable, Codable {
    public var hostname: String
    public var now: String
    public var boot: Int64
    public var uptimeMilliseconds: Int64
    public var synced: Bool
    public var diskFree: Int64
    public var diskTotal: Int64

    enum CodingKeys: String, CodingKey {
        case hostname, now, boot
        case uptimeMilliseconds = "up_ms"
        case synced
        case diskFree = "disk_free"
        case diskTotal = "disk_total"
    }
}
