public import Attendance

/// Every office and how it is, at one moment.
public struct FleetReport: Sendable {
    public let at: UTCTime
    /// Equal causes together, the new ones first, then the hardest.
    public let groups: [CauseGroup]
    /// Pilot and active offices: new trouble first, then the hardest, then by name.
    public let offices: [OfficeRow]
    /// Planned offices, apart: nothing is expected of them yet.
    public let planned: [OfficeRow]
    public let inactive: [OfficeRow]

    public func count(of severity: Severity) -> Int {
        offices.count { $0.severity == severity }
    }
}

/// Offices in which the same thing is wrong.
public struct CauseGroup: Hashable, Sendable {
    public let code: Cause.Code
    public let detail: String?
    /// When the first of them began.
    public let since: UTCTime
    /// Some of it began within the last day.
    public let isNew: Bool
    public let offices: [OfficeID]
}

/// One office in the fleet.
public struct OfficeRow: Hashable, Sendable {
    public let office: Office
    public let bridges: [BridgeRow]
    public let terminals: [TerminalRow]
    /// Hardest first.
    public let causes: [Cause]
    /// Counted punches, ever.
    public let punches: Int
    public let severity: Severity
    /// Something began within the last day.
    public let isNew: Bool

    /// The newest call of any bridge of this office.
    public var lastHeard: UTCTime? { bridges.compactMap(\.lastHeard).max() }
    public var queue: Int { bridges.reduce(0) { $0 + $1.queue } }
    public var oldestUnsent: UTCTime? { bridges.compactMap(\.oldestUnsent).min() }
    /// The earliest of its terminals' ends; nil if one of them has none.
    public var completeThrough: UTCTime? {
        let ends = terminals.map(\.completeThrough)
        return ends.contains(nil) ? nil : ends.compactMap(\.self).min()
    }
}

/// A bridge as its newest status shows it. Everything in it is as old as ``lastHeard``.
public struct BridgeRow: Hashable, Sendable {
    public let id: String
    public let hostname: String
    public let enrolledAt: UTCTime
    /// The centre's clock when the newest call came; nil before the first.
    public let lastHeard: UTCTime?
    public let version: String?
    public let startedAt: UTCTime?
    public let queue: Int
    public let oldestUnsent: UTCTime?
    public let journalBytes: Int64
    public let diskFree: Int64
    public let diskTotal: Int64
    public let hostSynced: Bool
    public let hostUnsyncedSince: UTCTime?
    public let hostOffsetMilliseconds: Int64?
    /// Entries of all its journals that are here.
    public let entries: Int64
    public let cloneSince: UTCTime?
    public let forkedAt: UTCTime?
}

/// A terminal as its bridge's newest status shows it.
public struct TerminalRow: Hashable, Sendable {
    /// ``BridgeRow/id`` of the bridge that reads it.
    public let bridge: String
    /// The label in the bridge's configuration.
    public let name: String
    public let driver: String
    public let link: String
    /// `make:serial`, once it has said who it is.
    public let terminal: TerminalID?
    public let model: String?
    public let firmware: String?
    /// `starting`, `online`, `lost` or `blocked`.
    public let state: String
    public let since: UTCTime?
    public let problemCode: String?
    public let problem: Text?
    public let lastContact: UTCTime?
    public let lastRead: UTCTime?
    public let records: Int?
    public let recordCapacity: Int?
    public let users: Int?
    /// Terminal minus host, its error, and when it was measured.
    public let offsetMilliseconds: Int64?
    public let errorMilliseconds: Int64?
    public let clockAt: UTCTime?
    /// Since when the clock is off by more than a minute.
    public let clockOffSince: UTCTime?
    /// Every punch before this moment is here: what the first hole allows.
    public let completeThrough: UTCTime?
    /// Stretches that nobody can vouch for.
    public let holes: Int
    /// Since when every read has found its log empty; nil if it holds records. Nothing is known to be
    /// complete meanwhile, and nothing is late: what was filled and cleared between two reads leaves
    /// no trace, so the next stretch begins with the next record.
    public let emptySince: UTCTime?
}
