import Attendance
import SQLite

// What was shown at an uncertain moment, and gets its own once a call tells it.
extension Projection {
    /// What one entry has left behind, as far as its moment matters there.
    struct Trace {
        let certainty: Certainty
        var event: Int64?
        /// Whose clock it told of, and where that reading stands.
        var terminal: Int64?
        var clockAt: UTCTime?

        init(_ certainty: Certainty) {
            self.certainty = certainty
        }
    }

    /// Keeps in mind what a call could date some day.
    func remember(_ trace: Trace, of reading: LineReading, seq: Int64) throws {
        guard trace.certainty != .known, trace.event != nil || trace.terminal != nil,
            let boot = reading.boot, reading.up != nil
        else { return }
        try database.run(
            "REPLACE INTO undated VALUES (?, ?, ?, ?, ?, ?)", .int(journal), .int(boot),
            .int(seq), .int(trace.event), .int(trace.terminal),
            .int(trace.clockAt?.milliseconds))
    }

    /// Dates what came of a start of the box before any call told when that was.
    ///
    /// A line that is forgotten by now leaves its traces where they are, marked as they are.
    func date(boot: Int64) throws {
        struct Found {
            let reading: LineReading
            let trace: Trace
        }
        var found: [Found] = []
        try database.rows(
            """
            SELECT u.seq, u.event, u.terminal, u.clock_at, e.line FROM undated u
                JOIN entry e ON e.journal = u.journal AND e.seq = u.seq
            WHERE u.journal = ? AND u.boot = ? AND e.line IS NOT NULL ORDER BY u.seq
            """, .int(journal), .int(boot)
        ) { row in
            var trace = Trace(.known)
            trace.event = row.optionalInt(1)
            trace.terminal = row.optionalInt(2)
            trace.clockAt = row.moment(3)
            found.append(Found(reading: LineReading(row.blob(4), seq: row.int(0)), trace: trace))
        }
        for entry in found { try date(entry.reading, entry.trace) }
        for terminal in Set(found.compactMap(\.trace.terminal)) {
            try Self.findNewestReading(database, terminal: terminal)
        }
        try database.run(
            "DELETE FROM undated WHERE journal = ? AND boot = ?", .int(journal), .int(boot))
    }

    private func date(_ line: LineReading, _ trace: Trace) throws {
        let (reading, certainty) = try dating.dated(line)
        guard let at = reading.at else { return }
        if let event = trace.event {
            try database.run(
                "UPDATE event SET at = ?, certainty = ? WHERE id = ?", .int(at.milliseconds),
                .int(certainty.rawValue), .int(event))
        }
        guard let terminal = trace.terminal,
            case .clock(_, let point, _) = reading.content
        else { return }
        if let old = trace.clockAt {
            try database.run(
                "DELETE FROM clock WHERE terminal = ? AND at = ?", .int(terminal),
                .int(old.milliseconds))
        }
        try Self.keepReading(database, terminal: terminal, point)
    }

    /// Says anew which reading of a terminal's clock is the newest, and since when it is off.
    private static func findNewestReading(_ database: Database, terminal: Int64) throws {
        var newest: UTCTime?
        var offSince: UTCTime?
        var wasRight = false
        try database.rows(
            "SELECT at, offset_ms, error_ms, host_synced FROM clock WHERE terminal = ? "
                + "ORDER BY at DESC", .int(terminal)
        ) { row in
            let point = ClockPoint(
                at: UTCTime(milliseconds: row.int(0)), offsetMilliseconds: row.int(1),
                errorMilliseconds: row.int(2), hostSynced: row.int(3) != 0)
            newest = newest ?? point.at
            wasRight = wasRight || !ClockRule.isOff(point)
            if !wasRight { offSince = point.at }
        }
        try database.run(
            "UPDATE terminal SET clock_at = ?, clock_off_since = ? WHERE id = ?",
            .int(newest?.milliseconds), .int(offSince?.milliseconds), .int(terminal))
    }
}
