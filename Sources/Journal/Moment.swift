public import Attendance
public import Exchange

/// When something is written: the host's clock, and what dates it again if that clock is wrong.
public struct Moment: Hashable, Sendable {
    /// The host's clock, right or not.
    public var at: UTCTime
    /// How often the box had been started; see ``Journal/bootNumber(forBootID:)``.
    public var boot: Int64
    /// Milliseconds since the box was started, suspended time included (CLOCK_BOOTTIME).
    public var up: Int64

    public init(at: UTCTime, boot: Int64, up: Int64) {
        self.at = at
        self.boot = boot
        self.up = up
    }
}

/// What became of the facts of one page.
public struct Recorded: Hashable, Sendable {
    /// Punches that were not known before.
    public var new = 0
    /// Punches and oddities that were known already and say nothing new.
    public var known = 0
    /// Oddities that were not known before.
    public var odd = 0
    /// Known punches that a better source tells differently: one more entry, the same punch.
    public var sightings = 0
    /// The last entry of the journal now; 0 if it has none.
    public var lastSeq: Int64 = 0

    public init() {}
}

/// A stretch of the journal on its way to the centre.
public struct Outgoing: Hashable, Sendable {
    public let first: Int64
    /// The chain's hash before the first line.
    public let prev: ChainHash
    /// Digests of lines that were forgotten here, in front of ``lines``: the centre was restored
    /// from a backup that is older than what it had promised to keep.
    public let forgotten: [ChainHash]
    /// The lines, each without its newline.
    public let lines: [[UInt8]]

    public var last: Int64 { first + Int64(count) - 1 }
    /// How many entries it brings.
    public var count: Int { forgotten.count + lines.count }
    /// For the call's header: nil where nothing was forgotten.
    public var forgottenCount: Int? { forgotten.isEmpty ? nil : forgotten.count }
    /// The lines as they go over the wire: forgotten ones as the digits of their digests.
    public var wire: [[UInt8]] { forgotten.map { Array($0.description.utf8) } + lines }
}

/// What a journal holds, for people and for the centre.
public struct JournalStatus: Hashable, Sendable {
    public var id: JournalID
    public var headSeq: Int64
    public var head: ChainHash
    public var ackedThrough: Int64
    public var safeThrough: Int64
    /// Distinct punches, and how many of them the centre has receipted.
    public var punches: Int
    public var receiptedPunches: Int
    public var oddities: Int
    /// Entries that wait for a receipt, and when the oldest of them was written.
    public var queue: Int
    public var oldestUnsent: UTCTime?
    /// Size of the database file and its WAL.
    public var bytes: Int64
    /// What putting a few entries on disk takes, the middle of the last times; nil before five.
    public var commitTime: Duration?
}

/// What a check of the whole chain found.
public struct Verification: Hashable, Sendable {
    public var entries: Int
    /// Lines whose bytes were purged; their digests still carry the chain.
    public var purged: Int
    /// The first entry whose line, digest or hash does not fit.
    public var firstBad: Int64?
    /// What else does not fit, though the chain does: somebody has made the chain anew. Repair is no
    /// answer to that.
    public var doubt: String?

    public var isWhole: Bool { firstBad == nil && doubt == nil }
}
