public import Attendance

/// One punch the centre counts, with the attributes of its best sighting.
public struct CountedPunch: Hashable, Sendable {
    public let office: OfficeID
    public let terminal: TerminalID
    /// The PIN as the best sighting recorded it, leading zeros kept.
    public let pin: String
    public let time: WallTime
    public let verify: String
    public let state: String
    public let work: Int64
    /// How many entries tell of this punch.
    public let sightings: Int
}

/// Where a reader of many punches stands.
public struct PunchCursor: Hashable, Sendable {
    let terminal: String
    let time: Int64
    let pin: String
}

/// Some punches in order of terminal, time and PIN, and where the next ones begin.
public struct PunchPage: Sendable {
    public let punches: [CountedPunch]
    /// nil when nothing follows.
    public let next: PunchCursor?
}

/// A punch on an office's page.
public struct RecentPunch: Hashable, Sendable {
    public let terminal: TerminalID
    public let pin: String
    public let time: WallTime
    public let verify: String
    public let state: String
    /// Announced by a live preview, not yet reached by the chain, and counted nowhere.
    public let isProvisional: Bool
}
