public import Attendance
import SQLite

extension Central {
    /// States where a terminal stands from a moment on: its punches count there, and what that
    /// office's bridge said of it before, which waited for an operator, counts now.
    ///
    /// - Parameters:
    ///   - doer: Who does it, for the audit trail.
    ///   - id: The terminal.
    ///   - now: The moment it happens.
    ///   - office: Where it stands.
    ///   - from: A wall time of the terminal; nil for all it ever recorded.
    public func place(
        _ id: TerminalID, in office: OfficeID, from: WallTime? = nil, by doer: Doer,
        at now: UTCTime
    ) throws {
        let new = try officeRow(office)
        try database.transaction {
            guard let terminal = try Projection.load(database, id) else {
                throw CentralError.unknownTerminal(id.description)
            }
            let start = from?.seconds ?? Projection.always
            try database.run(
                "REPLACE INTO placement VALUES (?, ?, ?, ?, ?)", .int(terminal.row), .int(start),
                .int(new), .int(now.milliseconds), .text(doer.name))
            try database.run(
                "INSERT OR IGNORE INTO reader VALUES (?, ?)", .int(terminal.row), .int(new))
            let end = terminal.placements.map(\.from).filter { $0 > start }.min() ?? .max
            let olds = Set(terminal.placements.map(\.office)).subtracting([new])
            for old in olds {
                try move(terminal.row, from: old, to: new, start..<end)
            }
            try countWaiting(of: id, seenFrom: new, at: now)
            try event(
                "terminal-placed", office: new, at: now, now: now, terminal: id.description,
                detail: doer.name)
            try audit(doer, "place-terminal", "\(id) \(office)", at: now)
        }
    }

    private func move(
        _ terminal: Int64, from old: Int64, to new: Int64, _ times: Range<Int64>
    ) throws {
        let moved = try database.run(
            """
            UPDATE punch SET office = ? WHERE office = ? AND terminal = ? AND time >= ? AND time < ?
            """, .int(new), .int(old), .int(terminal), .int(times.lowerBound),
            .int(times.upperBound))
        try database.run(
            "UPDATE office SET punches = punches - ? WHERE id = ?", .int(moved), .int(old))
        try database.run(
            "UPDATE office SET punches = punches + ? WHERE id = ?", .int(moved), .int(new))
        try database.run(
            """
            UPDATE provisional SET office = ?
            WHERE office = ? AND terminal = ? AND time >= ? AND time < ?
            """, .int(new), .int(old), .int(terminal), .int(times.lowerBound),
            .int(times.upperBound))
    }

    /// Takes the entries again that waited.
    private func countWaiting(of id: TerminalID, seenFrom office: Int64, at now: UTCTime) throws {
        guard let terminal = try Projection.load(database, id) else { return }
        let key: [Value] = [.int(terminal.row), .int(office)]
        var waiting: [(journal: Int64, seq: Int64, line: [UInt8])] = []
        try database.rows(
            """
            SELECT w.journal, w.seq, e.line FROM waiting w
                JOIN entry e ON e.journal = w.journal AND e.seq = w.seq
            WHERE w.terminal = ? AND w.office = ? AND e.line IS NOT NULL ORDER BY w.journal, w.seq
            """, key
        ) { waiting.append(($0.int(0), $0.int(1), $0.blob(2))) }
        for entry in waiting {
            let reading = LineReading(entry.line, seq: entry.seq)
            guard case .punch(_, let punch, let via) = reading.content,
                let place = terminal.office(at: punch.time)
            else { continue }
            let isNew = try Projection.insert(
                database, punch, office: place, terminal: terminal.row, via: via,
                journal: entry.journal, seq: entry.seq)
            guard isNew else { continue }
            try database.run(
                "UPDATE office SET punches = punches + 1 WHERE id = ?", .int(place))
        }
        try database.run("DELETE FROM waiting WHERE terminal = ? AND office = ?", key)
    }
}
