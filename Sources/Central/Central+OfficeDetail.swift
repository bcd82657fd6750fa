public import Attendance
import SQLite

extension Central {
    static let recentPunches = 50
    static let shownReadings = 500
    static let shownEvents = 100
    static let shownFlags = 50

    /// Everything the page of one office shows; nil if the office is not known.
    public func officeDetail(_ id: OfficeID, at now: UTCTime) throws -> OfficeDetail? {
        guard try office(id) != nil else { return nil }
        let office = try officeRow(id)
        return try reading {
            let rows = try FleetReader(database: database, office: office).rows(at: now)
            guard let row = rows.first else { return nil }
            let terminals = try placedTerminals(office)
            return OfficeDetail(
                at: now, row: row, recent: try recentPunches(office, terminals),
                clocks: try clocks(terminals), coverage: try coverage(terminals),
                events: try events(office), journals: try journals(office),
                flagged: try flagged(office),
                waiting: Int(
                    try database.int(
                        "SELECT count(*) FROM waiting WHERE office = ?", .int(office)) ?? 0))
        }
    }

    struct PlacedTerminal {
        let row: Int64
        let id: TerminalID
    }

    /// The terminals that stand, or once stood, in an office, by name.
    func placedTerminals(_ office: Int64) throws -> [PlacedTerminal] {
        var terminals: [PlacedTerminal] = []
        try database.rows(
            """
            SELECT DISTINCT t.id, t.name FROM placement p JOIN terminal t ON t.id = p.terminal
            WHERE p.office = ? ORDER BY t.name
            """, .int(office)
        ) { row in
            guard let id = try? TerminalID(row.text(1)) else { return }
            terminals.append(PlacedTerminal(row: row.int(0), id: id))
        }
        return terminals
    }

    private func recentPunches(
        _ office: Int64, _ terminals: [PlacedTerminal]
    ) throws -> [RecentPunch] {
        var punches: [RecentPunch] = []
        for terminal in terminals {
            try database.rows(
                """
                SELECT coalesce(pin_text, pin), time, verify, state FROM punch
                WHERE office = ? AND terminal = ? ORDER BY time DESC, pin DESC LIMIT ?
                """, .int(office), .int(terminal.row), .int(Self.recentPunches)
            ) { punches.append(Self.recent($0, terminal.id, isProvisional: false)) }
        }
        punches.sort { $0.time > $1.time }
        var provisional: [RecentPunch] = []
        try database.rows(
            """
            SELECT p.pin_text, p.time, p.verify, p.state, t.name
            FROM provisional p JOIN terminal t ON t.id = p.terminal
            WHERE p.office = ?1 AND NOT EXISTS (SELECT 1 FROM punch c WHERE c.office = ?1
                AND c.terminal = p.terminal AND c.time = p.time AND c.pin = p.pin)
            """, .int(office)
        ) { row in
            guard let id = try? TerminalID(row.text(4)) else { return }
            provisional.append(Self.recent(row, id, isProvisional: true))
        }
        return (punches.prefix(Self.recentPunches) + provisional).sorted { $0.time > $1.time }
    }

    private static func recent(_ row: Row, _ terminal: TerminalID, isProvisional: Bool)
        -> RecentPunch
    {
        RecentPunch(
            terminal: terminal, pin: row.text(0), time: WallTime(seconds: row.int(1)),
            verify: row.text(2), state: row.text(3), isProvisional: isProvisional)
    }

    private func clocks(_ terminals: [PlacedTerminal]) throws -> [TerminalClock] {
        try terminals.map { terminal in
            var readings: [ClockPoint] = []
            try database.rows(
                """
                SELECT at, offset_ms, error_ms, host_synced FROM clock
                WHERE terminal = ? ORDER BY at DESC LIMIT ?
                """, .int(terminal.row), .int(Self.shownReadings)
            ) {
                readings.append(
                    ClockPoint(
                        at: UTCTime(milliseconds: $0.int(0)), offsetMilliseconds: $0.int(1),
                        errorMilliseconds: $0.int(2), hostSynced: $0.int(3) != 0))
            }
            return TerminalClock(terminal: terminal.id, readings: readings)
        }
    }

    private func coverage(_ terminals: [PlacedTerminal]) throws -> [TerminalCoverage] {
        try terminals.map {
            TerminalCoverage(
                terminal: $0.id, stretches: try Projection.coverage(database, of: $0.row))
        }
    }

    private func events(_ office: Int64) throws -> [OfficeEvent] {
        var events: [OfficeEvent] = []
        try database.rows(
            """
            SELECT at, received_at, code, terminal, detail, certainty FROM event
            WHERE office = ? ORDER BY id DESC LIMIT ?
            """, .int(office), .int(Self.shownEvents)
        ) {
            events.append(
                OfficeEvent(
                    at: UTCTime(milliseconds: $0.int(0)),
                    receivedAt: UTCTime(milliseconds: $0.int(1)), code: $0.text(2),
                    terminal: $0.optionalText(3), detail: $0.optionalText(4),
                    certainty: Certainty(rawValue: $0.int(5)) ?? .known))
        }
        return events
    }

    private func journals(_ office: Int64) throws -> [JournalRow] {
        var journals: [JournalRow] = []
        try database.rows(
            """
            SELECT j.name, b.name, j.head_seq, j.started_at, j.last_at
            FROM bridge b JOIN journal j ON j.bridge = b.id WHERE b.office = ? ORDER BY j.id DESC
            """, .int(office)
        ) {
            journals.append(
                JournalRow(
                    id: $0.text(0), bridge: $0.text(1), head: $0.int(2),
                    startedAt: UTCTime(milliseconds: $0.int(3)), lastAt: $0.moment(4)))
        }
        return journals
    }

    private func flagged(_ office: Int64) throws -> [FlaggedLine] {
        var lines: [FlaggedLine] = []
        let read = { (row: Row) in
            lines.append(
                FlaggedLine(
                    journal: row.text(0), seq: row.int(1), at: UTCTime(milliseconds: row.int(2)),
                    reason: row.text(3), terminal: row.optionalText(4),
                    detail: row.optionalText(5)))
        }
        try database.rows(
            """
            SELECT j.name, f.seq, f.at, f.reason, f.terminal, f.detail
            FROM flagged f JOIN journal j ON j.id = f.journal
            WHERE f.office = ? ORDER BY f.at DESC, f.journal DESC, f.seq DESC LIMIT ?
            """, .int(office), .int(Self.shownFlags), read: read)
        try database.rows(
            """
            SELECT j.name, w.seq, w.at, 'elsewhere', t.name, NULL
            FROM waiting w JOIN journal j ON j.id = w.journal JOIN terminal t ON t.id = w.terminal
            WHERE w.office = ? ORDER BY w.at DESC, w.seq DESC LIMIT ?
            """, .int(office), .int(Self.shownFlags), read: read)
        return lines.sorted { $0.at > $1.at }
    }
}
