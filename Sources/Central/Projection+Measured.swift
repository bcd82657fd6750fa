import Attendance
import SQLite

// Whose clock has changed: the terminal's, or the one that it is measured against.
extension Projection {
    /// Compares a clock entry with the one before of the same terminal, and takes its place.
    func measured(
        _ point: ClockPoint, on terminal: Int64, from line: LineReading
    ) throws -> ClockChange {
        let reading = ClockChange.Reading(
            offset: point.offsetMilliseconds, error: point.errorMilliseconds,
            origin: try origin(of: line))
        let last = try lastReading(of: terminal)
        try database.run(
            "UPDATE terminal SET offset_ms = ?, error_ms = ? WHERE id = ?", .int(reading.offset),
            .int(reading.error), .int(terminal))
        try keep(reading.origin, of: terminal)
        return last.map { ClockChange(from: $0, to: reading, now: now) } ?? .none
    }

    private func origin(of line: LineReading) throws -> ClockChange.Origin? {
        guard let at = line.at, case .clock(_, _, let device) = line.content else { return nil }
        return ClockChange.Origin(
            journal: journal, boot: line.boot, up: line.up, at: at.milliseconds,
            device: device.map { $0.seconds * 1_000 },
            start: try start(of: line.boot, in: journal))
    }

    private func start(of boot: Int64?, in journal: Int64) throws -> Int64? {
        guard let boot else { return nil }
        return try database.int(
            "SELECT started_at FROM boot WHERE journal = ? AND number = ?", .int(journal),
            .int(boot))
    }

    private func lastReading(of terminal: Int64) throws -> ClockChange.Reading? {
        var origin = try database.first(
            "SELECT journal, boot, up, at, device FROM measured WHERE terminal = ?", .int(terminal)
        ) { row in
            ClockChange.Origin(
                journal: row.int(0), boot: row.optionalInt(1), up: row.optionalInt(2),
                at: row.int(3), device: row.optionalInt(4).map { $0 * 1_000 })
        }
        if let known = origin { origin?.start = try start(of: known.boot, in: known.journal) }
        return try database.first(
            "SELECT offset_ms, error_ms FROM terminal WHERE id = ? AND offset_ms IS NOT NULL",
            .int(terminal)
        ) { ClockChange.Reading(offset: $0.int(0), error: $0.int(1), origin: origin) }
    }

    private func keep(_ origin: ClockChange.Origin?, of terminal: Int64) throws {
        guard let origin else {
            try database.run("DELETE FROM measured WHERE terminal = ?", .int(terminal))
            return
        }
        try database.run(
            "REPLACE INTO measured VALUES (?, ?, ?, ?, ?, ?)", .int(terminal), .int(origin.journal),
            .int(origin.boot), .int(origin.up), .int(origin.at),
            .int(origin.device.map { $0 / 1_000 }))
    }

    /// The terminals of a box are read one after the other, and all of them show that its clock was set.
    func noteSetting(of step: Int64, at: UTCTime, leaving trace: inout Trace) throws {
        var isTold = false
        try database.rows(
            """
            SELECT detail FROM (
                SELECT code, at, detail FROM event WHERE office = ? ORDER BY id DESC LIMIT 200)
            WHERE code = 'bridge-clock-set' AND at BETWEEN ? AND ?
            """, .int(office), .int(at.milliseconds - Dating.tolerance),
            .int(at.milliseconds + Dating.tolerance)
        ) { row in
            guard let told = Int64(row.text(0)) else { return }
            isTold = isTold || !ClockRule.isJump(from: (told, 0), to: (step, 0))
        }
        guard !isTold else { return }
        try Self.event(
            database, "bridge-clock-set", office: office, at: at, now: now, terminal: nil,
            detail: "\(step)", certainty: trace.certainty)
        trace.event = database.lastInsertedRow
    }
}
