import Attendance
import Exchange
import SQLite

// Clocks, and for which stretches a terminal's log is complete.
extension Projection {
    /// A reading of an unknown moment stands in no history; it waits until a call dates it.
    ///
    /// - Parameter line: The entry with the moment at which the box says it was written.
    func keepClock(
        _ id: TerminalID, _ point: ClockPoint, from line: LineReading, leaving trace: inout Trace
    ) throws {
        let terminal = try terminal(id)
        let change = try measured(point, on: terminal.row, from: line)
        let offset = point.offsetMilliseconds
        switch change {
        case .none, .ofBox(step: nil): break
        case .ofTerminal(let before):
            try Self.event(
                database, "clock-jump", office: office, at: point.at, now: now,
                terminal: id.description, detail: "\(before) \(offset)",
                certainty: trace.certainty)
            trace.event = database.lastInsertedRow
        case .ofBox(let step?): try noteSetting(of: step, at: point.at, leaving: &trace)
        }
        trace.terminal = terminal.row
        guard trace.certainty != .latest else { return }
        trace.clockAt = point.at
        try Self.keepReading(database, terminal: terminal.row, point)
    }

    /// Stores a reading and since when the clock is off.
    static func keepReading(_ database: Database, terminal: Int64, _ point: ClockPoint) throws {
        try database.run(
            "INSERT OR IGNORE INTO clock VALUES (?, ?, ?, ?, ?)", .int(terminal),
            .int(point.at.milliseconds), .int(point.offsetMilliseconds),
            .int(point.errorMilliseconds), .int(point.hostSynced ? 1 : 0))
        try database.run(
            """
            UPDATE terminal SET clock_at = ?1, clock_off_since =
                CASE WHEN ?2 THEN coalesce(clock_off_since, ?1) ELSE NULL END
            WHERE id = ?3 AND (clock_at IS NULL OR clock_at <= ?1)
            """, .int(point.at.milliseconds), .int(ClockRule.isOff(point) ? 1 : 0),
            .int(terminal))
    }

    /// Takes a stretch in and stores the set anew if it changed.
    ///
    /// Nobody can vouch for what entries told that will never be here: of what their journal says after
    /// their loss, only the time after it is believed.
    static func cover(
        _ database: Database, _ terminal: Int64, _ interval: CoverageInterval, by journal: Int64
    ) throws {
        let old = try coverage(database, of: terminal)
        var new = old
        let from = max(
            interval.from, try Forgotten.doubtful(database, in: journal) ?? interval.from)
        guard from <= interval.through else { return }
        new.insert(CoverageInterval(from: from, through: interval.through))
        guard new != old else { return }
        let gone = old.intervals.filter { !new.intervals.contains($0) }
        for interval in gone {
            try database.run(
                "DELETE FROM coverage WHERE terminal = ? AND from_at = ?", .int(terminal),
                .int(interval.from.milliseconds))
        }
        for interval in new.intervals where !old.intervals.contains(interval) {
            try database.run(
                "INSERT INTO coverage VALUES (?, ?, ?)", .int(terminal),
                .int(interval.from.milliseconds), .int(interval.through.milliseconds))
        }
    }

    static func coverage(_ database: Database, of terminal: Int64) throws -> CoverageSet {
        var intervals: [CoverageInterval] = []
        try database.rows(
            "SELECT from_at, through_at FROM coverage WHERE terminal = ? ORDER BY from_at",
            .int(terminal)
        ) {
            intervals.append(
                CoverageInterval(
                    from: UTCTime(milliseconds: $0.int(0)),
                    through: UTCTime(milliseconds: $0.int(1))))
        }
        return CoverageSet(intervals)
    }
}
