public import Attendance
import SQLite

extension Central {
    /// Every office and how it is.
    ///
    /// Reads what was projected when calls came, never the punches themselves, so that a page of
    /// 20,000 offices comes at once.
    public func fleet(at now: UTCTime) throws -> FleetReport {
        let rows = try reading { try FleetReader(database: database, office: nil).rows(at: now) }
        let expected = rows.filter(\.office.stage.isExpectedToReport).sorted(by: Health.isBefore)
        return FleetReport(
            at: now, groups: Health.groups(expected, at: now), offices: expected,
            planned: rows.filter { $0.office.stage == .planned },
            inactive: rows.filter { $0.office.stage == .inactive })
    }
}

/// Reads offices with their bridges and terminals, all of them or one.
struct FleetReader {
    let database: Database
    /// The row of the only office that is wanted.
    let office: Int64?

    private struct Found {
        let office: Office
        let punches: Int
        var notes: Health.Notes
        var bridges: [BridgeRow] = []
        var terminals: [TerminalRow] = []
    }

    /// In the order of the offices' ids.
    func rows(at now: UTCTime) throws -> [OfficeRow] {
        var (order, found) = try offices()
        try addWaiting(to: &found)
        try addRevoked(to: &found)
        try addBridges(to: &found)
        try addTerminals(to: &found)
        return order.compactMap { found[$0] }.map { Self.row($0, at: now) }
    }

    private static func row(_ found: Found, at now: UTCTime) -> OfficeRow {
        let replaced = Health.replaced(found.bridges, found.terminals)
        let bridges = found.bridges.filter { !replaced.contains($0.id) }
        let terminals = found.terminals.filter { !replaced.contains($0.bridge) }
        let causes = Health.causes(
            office: found.office, bridges: bridges, terminals: terminals, notes: found.notes,
            at: now)
        return OfficeRow(
            office: found.office, bridges: bridges, terminals: terminals, causes: causes,
            punches: found.punches, severity: Health.severity(of: found.office, causes: causes),
            isNew: causes.contains { Health.isNew($0, at: now) })
    }

    private func offices() throws -> (order: [Int64], found: [Int64: Found]) {
        var order: [Int64] = []
        var found: [Int64: Found] = [:]
        try database.rows(
            """
            SELECT \(Central.officeColumns), id, punches, flagged_since, flagged_last FROM office
            WHERE ?1 IS NULL OR id = ?1 ORDER BY name
            """, .int(office)
        ) { row in
            guard let office = Central.office(row) else { return }
            order.append(row.int(6))
            found[row.int(6)] = Found(
                office: office, punches: Int(row.int(7)),
                notes: Health.Notes(
                    flaggedSince: row.moment(8), flaggedLast: row.moment(9)))
        }
        return (order, found)
    }

    private func addWaiting(to found: inout [Int64: Found]) throws {
        try database.rows("SELECT office, min(at) FROM waiting GROUP BY office") {
            found[$0.int(0)]?.notes.waitingSince = $0.moment(1)
        }
    }

    private func addRevoked(to found: inout [Int64: Found]) throws {
        // SQLite takes revoked_why from the row that gives the maximum.
        try database.rows(
            """
            SELECT office, max(revoked_at), revoked_why FROM bridge
            WHERE revoked_at IS NOT NULL AND (?1 IS NULL OR office = ?1) GROUP BY office
            """, .int(office)
        ) {
            found[$0.int(0)]?.notes.revoked = Health.Revoked(
                at: UTCTime(milliseconds: $0.int(1)), reason: $0.optionalText(2) ?? "")
        }
    }

    private func addBridges(to found: inout [Int64: Found]) throws {
        try database.rows(
            """
            SELECT b.office, b.name, b.hostname, b.enrolled_at, s.heard_at, s.version,
                s.started_at, s.queue, s.oldest_unsent, s.journal_bytes, s.disk_free,
                s.disk_total, s.host_synced, s.unsynced_since, s.host_offset_ms, s.clone_since,
                s.forked_at, s.clone_last,
                (SELECT sum(head_seq) FROM journal j WHERE j.bridge = b.id)
            FROM bridge b LEFT JOIN bridge_status s ON s.bridge = b.id
            WHERE b.revoked_at IS NULL AND (?1 IS NULL OR b.office = ?1) ORDER BY b.id
            """, .int(office)
        ) { row in
            found[row.int(0)]?.bridges.append(Self.bridge(row))
            if let last = row.moment(17) { found[row.int(0)]?.notes.cloneLast = last }
        }
    }

    private static func bridge(_ row: Row) -> BridgeRow {
        BridgeRow(
            id: row.text(1), hostname: row.text(2),
            enrolledAt: UTCTime(milliseconds: row.int(3)), lastHeard: row.moment(4),
            version: row.optionalText(5), startedAt: row.moment(6), queue: Int(row.int(7)),
            oldestUnsent: row.moment(8), journalBytes: row.int(9), diskFree: row.int(10),
            diskTotal: row.int(11), hostSynced: row.int(12) != 0,
            hostUnsyncedSince: row.moment(13), hostOffsetMilliseconds: row.optionalInt(14),
            entries: row.int(18), cloneSince: row.moment(15), forkedAt: row.moment(16))
    }

    private func addTerminals(to found: inout [Int64: Found]) throws {
        let ends = try coverageEnds()
        try database.rows(
            """
            SELECT b.office, b.name, s.name, s.driver, s.link, t.name, s.model, s.firmware,
                s.state, s.since, s.problem_code, s.problem_id, s.problem_en, s.last_contact,
                s.last_read, s.records, s.record_capacity, s.users, s.offset_ms, s.error_ms,
                s.clock_at, t.clock_off_since, t.id,
                (SELECT host_synced FROM bridge_status h WHERE h.bridge = b.id)
            FROM bridge b JOIN terminal_status s ON s.bridge = b.id
                LEFT JOIN terminal t ON t.id = s.terminal
            WHERE b.revoked_at IS NULL AND (?1 IS NULL OR b.office = ?1) ORDER BY b.id, s.place
            """, .int(office)
        ) { row in
            let end = row.optionalInt(22).flatMap { ends[$0] }
            found[row.int(0)]?.terminals.append(Self.terminal(row, end))
        }
    }

    /// What the stretches of one terminal come to.
    private struct CoverageEnd {
        /// The end of the first.
        let through: UTCTime
        let holes: Int
        /// Where the newest has no length: it began at an empty log.
        let emptySince: UTCTime?
    }

    private func coverageEnds() throws -> [Int64: CoverageEnd] {
        var ends: [Int64: CoverageEnd] = [:]
        let ofOffice = """
            AND (?1 IS NULL OR terminal IN (
                SELECT s.terminal FROM bridge b JOIN terminal_status s ON s.bridge = b.id
                WHERE b.office = ?1))
            """
        // None touches the next, so the first to begin is the first to end.
        try database.rows(
            """
            SELECT terminal, min(through_at), count(*), max(from_at), max(through_at) FROM coverage
            WHERE terminal IS NOT NULL \(ofOffice) GROUP BY terminal
            """, .int(office)
        ) { row in
            ends[row.int(0)] = CoverageEnd(
                through: UTCTime(milliseconds: row.int(1)), holes: Int(row.int(2)) - 1,
                emptySince: row.int(3) == row.int(4) ? row.moment(4) : nil)
        }
        return ends
    }

    private static func terminal(_ row: Row, _ end: CoverageEnd?) -> TerminalRow {
        var problem: Text?
        if let indonesian = row.optionalText(11), let english = row.optionalText(12) {
            problem = Text(id: indonesian, en: english)
        }
        let offset = row.optionalInt(18)
        let isOff =
            row.int(23) != 0
            && offset.map { ClockRule.isOff(offset: $0, error: row.int(19)) } ?? false
        return TerminalRow(
            bridge: row.text(1), name: row.text(2), driver: row.text(3), link: row.text(4),
            terminal: row.optionalText(5).flatMap { try? TerminalID($0) },
            model: row.optionalText(6), firmware: row.optionalText(7), state: row.text(8),
            since: row.moment(9), problemCode: row.optionalText(10), problem: problem,
            lastContact: row.moment(13), lastRead: row.moment(14),
            records: row.optionalInt(15).map(Int.init),
            recordCapacity: row.optionalInt(16).map(Int.init),
            users: row.optionalInt(17).map(Int.init), offsetMilliseconds: offset,
            errorMilliseconds: row.optionalInt(19), clockAt: row.moment(20),
            clockOffSince: isOff ? row.moment(21) ?? row.moment(20) : nil,
            completeThrough: end?.through, holes: end?.holes ?? 0,
            emptySince: row.optionalInt(15) == 0 ? end?.emptySince : nil)
    }
}

extension Row {
    /// A moment in milliseconds, or nothing.
    func moment(_ column: Int) -> UTCTime? {
        optionalInt(column).map(UTCTime.init(milliseconds:))
    }
}
