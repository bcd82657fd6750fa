public import Attendance
public import Exchange

/// A terminal's clock that was set because somebody asked for it: what it showed before and after.
public struct ClockChange: Hashable, Sendable, Codable {
    /// One comparison of the clocks, as it travels.
    public struct Reading: Hashable, Sendable, Codable {
        public var device: String
        public var asked: String
        public var answered: String

        public init(device: WallTime, asked: UTCTime, answered: UTCTime) {
            self.device = device.description
            self.asked = asked.description
            self.answered = answered.description
        }

        /// - Throws: ``ControlError/badRequest`` if these are no times.
        public func compared(in zone: Zone) throws(ControlError) -> ClockReading {
            guard let device = WallTime(device), let asked = UTCTime(asked),
                let answered = UTCTime(answered)
            else { throw .badRequest }
            return ClockReading(device: device, asked: asked, answered: answered, zone: zone)
        }
    }

    /// `make:serial`.
    public var terminal: String
    public var before: Reading
    public var after: Reading

    public init(_ terminal: TerminalID, before: Reading, after: Reading) {
        self.terminal = terminal.description
        self.before = before
        self.after = after
    }

    /// The last reading of the old clock, the act, the first reading of the new one.
    ///
    /// - Throws: ``ControlError/badRequest`` if anything in it is no time or no terminal.
    public func entries(zone: Zone, by host: Host) throws(ControlError) -> [EntryBody] {
        guard let id = try? TerminalID(terminal) else { throw .badRequest }
        let before = try before.compared(in: zone)
        let after = try after.compared(in: zone)
        let detail =
            "by hand: offset \(before.offsetMilliseconds) ms → \(after.offsetMilliseconds) ms"
        return [
            .clock(id, before, hostSynced: host.isSynced()),
            .terminal(id, .clockSet, detail: detail),
            .clock(id, after, hostSynced: host.isSynced()),
        ]
    }
}

/// The true time as somebody read it off another clock, where the box has none to rely on.
///
/// It stands in the journal as what it is, a witness's word beside the box's clocks of that
/// moment. No punch and no clock is changed by it.
public struct ClockWitness: Hashable, Sendable, Codable {
    /// The witnessed time on the office's wall: `2026-11-25T08:03:00`.
    public var time: String
    /// The box's clock at that moment.
    public var host: String
    /// Where it was read off: `jam dinding`, `GPS`.
    public var source: String?

    public init(time: WallTime, host: UTCTime, source: String?) {
        self.time = time.description
        self.host = host.description
        self.source = source
    }

    /// The entry; its detail begins with the witnessed time in UTC, for programs.
    ///
    /// - Throws: ``ControlError/badRequest`` if these are no times.
    public func entry(zone: Zone, by box: Host) throws(ControlError) -> EntryBody {
        guard let wall = WallTime(time), let shown = UTCTime(host) else { throw .badRequest }
        let utc = UTCTime(milliseconds: wall.secondsSince1970(in: zone) * 1_000)
        let offset = shown.milliseconds - utc.milliseconds
        var detail = "\(utc): \(wall) \(zone.rawValue), box showed \(shown) (\(offset) ms)"
        detail += ", box synced: \(box.isSynced())"
        if let source { detail += ", read off: \(source)" }
        return .bridge(.timeWitnessed, detail: detail)
    }
}
