public import Attendance

/// One office with all that its page shows.
public struct OfficeDetail: Sendable {
    public let at: UTCTime
    public let row: OfficeRow
    /// The newest counted punches and every provisional one, newest first.
    public let recent: [RecentPunch]
    public let clocks: [TerminalClock]
    public let coverage: [TerminalCoverage]
    /// What happened, newest first.
    public let events: [OfficeEvent]
    public let journals: [JournalRow]
    /// Newest first.
    public let flagged: [FlaggedLine]
    /// Punches of other offices' terminals that wait for an operator.
    public let waiting: Int
}

/// The readings of one terminal's clock, newest first.
public struct TerminalClock: Hashable, Sendable {
    public let terminal: TerminalID
    public let readings: [ClockPoint]
}

public struct ClockPoint: Hashable, Sendable {
    public let at: UTCTime
    /// Terminal minus host.
    public let offsetMilliseconds: Int64
    public let errorMilliseconds: Int64
    /// The host's own clock was known to be right.
    public let hostSynced: Bool

    /// The same reading, of another moment than the box's clock said.
    func measured(at moment: UTCTime) -> ClockPoint {
        ClockPoint(
            at: moment, offsetMilliseconds: offsetMilliseconds,
            errorMilliseconds: errorMilliseconds, hostSynced: hostSynced)
    }
}

/// For which stretches a terminal's log is known to be complete.
public struct TerminalCoverage: Hashable, Sendable {
    public let terminal: TerminalID
    public let stretches: CoverageSet
}

/// Something that happened in an office.
public struct OfficeEvent: Hashable, Sendable {
    /// When it happened, as well as that is known.
    public let at: UTCTime
    /// When the centre heard of it.
    public let receivedAt: UTCTime
    /// `terminal-seen`, `terminal-lost`, `terminal-replaced`, `terminal-log-cleared`,
    /// `terminal-nearly-full`, `terminal-clock-set`, `clock-jump`, `bridge-start`, `bridge-stop`,
    /// `bridge-clock-set`, `bridge-configuration`, `bridge-version`, `bridge-repaired`, `file-import`, `late-batch`,
    /// `bridge-enrolled`, `bridge-revoked`, `journal-new`, `journal-forked`, `bridge-clone`,
    /// `terminal-elsewhere`, `terminal-placed`; others may follow.
    public let code: String
    public let terminal: String?
    /// The entry's own words, or numbers: `61` entries of a late batch, `from to` in milliseconds
    /// of a clock jump, milliseconds by which a box's clock was set.
    public let detail: String?
    public var certainty = Certainty.known
}

/// A journal of the office.
public struct JournalRow: Hashable, Sendable {
    public let id: String
    public let bridge: String
    public let head: Int64
    public let startedAt: UTCTime
    /// When the newest entries came.
    public let lastAt: UTCTime?
}

/// A line that is kept and shown, because somebody should look at it.
public struct FlaggedLine: Hashable, Sendable {
    public let journal: String
    public let seq: Int64
    public let at: UTCTime
    /// `oddity`, `unreadable`, `wrong-seq`, `unknown-kind`, `unclear`, `too-long`, `elsewhere`.
    public let reason: String
    public let terminal: String?
    public let detail: String?
}

/// What a check of everything found.
public struct CentralVerification: Sendable {
    public var journals = 0
    public var entries = 0
    public var punches = 0
    public var sightings = 0
    public var auditRows = 0
    /// Entries of which only the digest is here: forgotten after the centre's period, erased, or
    /// lost.
    public var purged = 0
    /// Entries that are lost: no backup and no bridge has their lines.
    public var lost = 0
    /// What is wrong, in English, at most 100 lines; empty if all is whole.
    public var findings: [String] = []
    /// Receipts, entries and punches of boxes that were compared with what is here.
    public var compared = (receipts: 0, entries: 0, punches: 0)
    /// What a box's file tells that could not be compared, in English.
    public var unchecked: [String] = []

    public var isWhole: Bool { findings.isEmpty }
}
