public import Attendance
import Exchange
public import Journal

/// Who was seen on this office's terminals lately and not today: the JSON of `titian missing`.
///
/// Keys are a promise (`docs/reference/cli-json.md`): they are added, never changed.
public struct MissingReport: Hashable, Sendable, Codable {
    /// How far back a PIN is somebody who could be missing.
    public static let days: Int64 = 30

    /// One who was seen in the last 30 days and not today.
    public struct Absentee: Hashable, Sendable, Codable {
        public var pin: String
        /// The last punch, by the terminal's clock.
        public var last: String
    }

    /// A terminal that may hold punches of today which are not here yet. That a punch is not here
    /// never means that somebody was not.
    public struct Doubt: Hashable, Sendable, Codable {
        public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
            case unreachable
            case unreadable
            /// Not read since the daemon started.
            case unread
            /// Its clock is so far off that its punches may carry another day.
            case clock
            /// No daemon runs, so nothing is read at all.
            case stopped
        }

        /// The label in the configuration.
        public var name: String
        public var reason: Reason
        /// Since when; nil where that is not known.
        public var since: String?
    }

    /// The office's day by the box's clock: `2026-11-25`.
    public var date: String
    public var timezone: String
    /// Whether something keeps the box's clock right: without it the day itself may be wrong.
    public var hostSynced: Bool
    /// PINs of the last 30 days and today, and how many of them were seen today.
    public var known: Int
    public var present: Int
    public var missing: [Absentee]
    public var doubts: [Doubt]

    enum CodingKeys: String, CodingKey {
        case date, timezone
        case hostSynced = "host_synced"
        case known, present, missing, doubts
    }

    /// - Parameters:
    ///   - seen: The newest sighting of each PIN since 30 days before `day`.
    ///   - day: Midnight of the office's day.
    init(
        _ seen: [SeenPin], on day: WallTime, zone: Zone, hostSynced: Bool,
        doubts: [Doubt]
    ) {
        date = String(day.description.prefix(10))
        timezone = zone.ianaName
        self.hostSynced = hostSynced
        self.doubts = doubts
        let absent = seen.filter { $0.time < day }
        known = seen.count
        present = seen.count - absent.count
        missing = absent.sorted { Self.order($0.pin) < Self.order($1.pin) }
            .map { Absentee(pin: $0.pin.text, last: $0.time.description) }
    }

    /// Numbers in the order of numbers.
    private static func order(_ pin: Pin) -> (Int, String) {
        (pin.canonical.utf8.count, pin.canonical)
    }

    /// A terminal's clock may be this far off before its punches may carry another day.
    static let tolerableOffset: Int64 = 600_000

    /// What keeps this list from being certain.
    static func doubts(of terminals: [TerminalStatus]) -> [Doubt] {
        terminals.compactMap { terminal in
            switch terminal.state {
            case .lost:
                Doubt(name: terminal.name, reason: .unreachable, since: terminal.since)
            case .blocked:
                Doubt(name: terminal.name, reason: .unreadable, since: terminal.since)
            case .starting: Doubt(name: terminal.name, reason: .unread, since: terminal.since)
            case .online where abs(terminal.offsetMilliseconds ?? 0) > tolerableOffset:
                Doubt(name: terminal.name, reason: .clock, since: terminal.clockAt)
            case .online: nil
            }
        }
    }
}

extension WallTime {
    /// Midnight at the beginning of the same day.
    var midnight: WallTime {
        WallTime(seconds: seconds - ((seconds % 86_400) + 86_400) % 86_400)
    }
}

extension MissingReport {
    /// The report of a box whose daemon does not run, from its journal alone.
    public static func read(
        _ journal: Journal, zone: Zone, host: Host, terminals: [String]
    ) async throws -> MissingReport {
        let roll = PresenceRoll(journal, zone: zone)
        let seen = try await roll.seen(at: host.now())
        return MissingReport(
            seen.pins, on: seen.day, zone: zone, hostSynced: host.isSynced(),
            doubts: terminals.map { Doubt(name: $0, reason: .stopped) })
    }
}
