import Attendance
import Exchange
import SQLite

extension Central {
    /// Stores a call's status, and shows it if no newer call came before.
    ///
    /// - Returns: Whether this is the newest call.
    func keepStatus(
        _ batch: Batch, journal: Int64, of caller: Caller, dating: Dating, at now: UTCTime
    ) throws -> Bool {
        var order = try callOrder(of: caller.row)
        let call = CallOrder.Call(journal: journal, boot: batch.boot, n: batch.n)
        let isRepeated = order.newest == call
        let verdict = batch.way == .line ? order.take(call) : order.takeCarried(call)
        let text = String(decoding: try WireJSON.encode(batch.status), as: UTF8.self)
        if verdict == .newest {
            try show(batch, text, order, of: caller, dating: dating, at: now)
            try replaceTerminals(batch.status, journal: journal, of: caller, at: now)
            return true
        }
        if isRepeated { return true }
        try keepOlder(batch, text, order, of: caller, at: now)
        if verdict == .clone { try markClone(of: caller, at: now) }
        return false
    }

    private func callOrder(of bridge: Int64) throws -> CallOrder {
        let stored = try database.first(
            """
            SELECT journal, boot, n, late_journal, late_boot, late_n, was_late, turns
            FROM bridge_status WHERE bridge = ?
            """, .int(bridge)
        ) { row in
            let late =
                row.isNull(3)
                ? nil : CallOrder.Call(journal: row.int(3), boot: row.int(4), n: row.int(5))
            return CallOrder(
                newest: CallOrder.Call(journal: row.int(0), boot: row.int(1), n: row.int(2)),
                late: late, wasLate: row.int(6) != 0, turns: Int(row.int(7)))
        }
        return stored ?? CallOrder()
    }

    private func orderValues(_ order: CallOrder) -> [Value] {
        [
            .int(order.newest?.journal ?? 0), .int(order.newest?.boot ?? 0),
            .int(order.newest?.n ?? 0), .int(order.late?.journal), .int(order.late?.boot),
            .int(order.late?.n), .int(order.wasLate ? 1 : 0), .int(order.turns),
        ]
    }

    private func show(
        _ batch: Batch, _ text: String, _ order: CallOrder, of caller: Caller, dating: Dating,
        at now: UTCTime
    ) throws {
        let status = batch.status
        let heard =
            batch.way == .line ? now : try heard(batch, from: caller, dating: dating, at: now)
        try database.run(
            """
            INSERT INTO bridge_status (bridge, journal, boot, n, late_journal, late_boot, late_n,
                was_late, turns, heard_at, text, version, started_at, queue, oldest_unsent,
                journal_bytes, disk_free, disk_total, host_synced, host_offset_ms, unsynced_since)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                ?18, ?19, ?20, CASE WHEN ?19 THEN NULL ELSE ?10 END)
            ON CONFLICT (bridge) DO UPDATE SET journal = ?2, boot = ?3, n = ?4, late_journal = ?5,
                late_boot = ?6, late_n = ?7, was_late = ?8, turns = ?9, heard_at = ?10, text = ?11,
                version = ?12, started_at = ?13, queue = ?14, oldest_unsent = ?15,
                journal_bytes = ?16, disk_free = ?17, disk_total = ?18, host_synced = ?19,
                host_offset_ms = ?20, unsynced_since =
                    CASE WHEN ?19 THEN NULL ELSE coalesce(unsynced_since, ?10) END
            """,
            [.int(caller.row)] + orderValues(order) + [
                .int(heard.milliseconds), .text(text), .text(status.version),
                Self.moment(status.startedAt), .int(status.queue),
                Self.moment(status.oldestUnsent), .int(status.journalBytes),
                .int(status.diskFree), .int(status.diskTotal), .int(status.hostSynced ? 1 : 0),
                .int(status.hostOffsetMilliseconds),
            ])
    }

    /// A status that was carried is as old as the newest entry that came with it: nothing is green
    /// on old evidence.
    private func heard(
        _ batch: Batch, from caller: Caller, dating: Dating, at now: UTCTime
    ) throws -> UTCTime {
        let last = try database.int(
            "SELECT heard_at FROM bridge_status WHERE bridge = ?", .int(caller.row))
        guard let reading = batch.entries.last?.reading,
            let written = try dating.dated(reading).reading.at
        else { return now }
        return max(min(written, now), UTCTime(milliseconds: last ?? 0))
    }

    /// A box without a clock begins at 1970: such a time says nothing.
    private static func moment(_ text: String?) -> Value {
        let time = text.flatMap(UTCTime.init)?.milliseconds
        return .int(time.flatMap { $0 < Projection.believableFrom ? nil : $0 })
    }

    private func keepOlder(
        _ batch: Batch, _ text: String, _ order: CallOrder, of caller: Caller, at now: UTCTime
    ) throws {
        try database.run(
            "INSERT OR IGNORE INTO late_status VALUES (?, ?, ?, ?, ?)", .int(caller.row),
            .int(now.milliseconds), .int(batch.boot), .int(batch.n), .text(text))
        try database.run(
            """
            DELETE FROM late_status WHERE bridge = ?1 AND received_at < (
                SELECT received_at FROM late_status WHERE bridge = ?1
                ORDER BY received_at DESC LIMIT 1 OFFSET 49)
            """, .int(caller.row))
        try database.run(
            """
            UPDATE bridge_status SET journal = ?, boot = ?, n = ?, late_journal = ?, late_boot = ?,
                late_n = ?, was_late = ?, turns = ? WHERE bridge = ?
            """, orderValues(order) + [.int(caller.row)])
    }

    private func markClone(of caller: Caller, at now: UTCTime) throws {
        let isNew =
            try database.int(
                "SELECT 1 FROM bridge_status WHERE bridge = ? AND clone_last > ?",
                .int(caller.row), .int(now.milliseconds - Health.cloneMemory)) == nil
        try database.run(
            """
            UPDATE bridge_status SET clone_last = ?1,
                clone_since = CASE WHEN ?2 THEN ?1 ELSE clone_since END WHERE bridge = ?3
            """, .int(now.milliseconds), .int(isNew ? 1 : 0), .int(caller.row))
        if isNew { try event("bridge-clone", office: caller.office, at: now, now: now) }
    }

    // MARK: Terminals in a status

    private func replaceTerminals(
        _ bridge: BridgeStatus, journal: Int64, of caller: Caller, at now: UTCTime
    ) throws {
        try database.run("DELETE FROM terminal_status WHERE bridge = ?", .int(caller.row))
        let projection = Projection(
            database: database, journal: journal, office: caller.office, now: now)
        for (place, status) in bridge.terminals.prefix(256).enumerated() {
            let id = status.terminal.flatMap { try? TerminalID($0) }
            let terminal = try id.map { try projection.terminal($0) }
            try keep(status, place: place, terminal: terminal?.row, of: caller)
            guard let terminal, terminal.isTrusted(from: caller.office) else { continue }
            try keepReading(status, of: bridge, terminal: terminal.row, at: now)
            try keepCoverage(status, terminal: terminal.row, journal: journal, at: now)
        }
    }

    private func keep(
        _ status: TerminalStatus, place: Int, terminal: Int64?, of caller: Caller
    ) throws {
        try database.run(
            """
            INSERT INTO terminal_status
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, .int(caller.row), .int(place), .text(status.name), .text(status.driver),
            .text(status.link), .int(terminal), .text(status.model), .text(status.firmware),
            .text(status.state.rawValue), Self.moment(status.since),
            .text(status.problem?.code), .text(status.problem?.id), .text(status.problem?.en),
            Self.moment(status.lastContact), Self.moment(status.lastRead),
            .int(status.records.map(Int64.init)), .int(status.recordCapacity.map(Int64.init)),
            .int(status.users.map(Int64.init)), .int(status.offsetMilliseconds),
            .int(status.errorMilliseconds), Self.moment(status.clockAt))
    }

    /// Terminals are read once an hour at the least; what is older was told before.
    private static let freshReading: Int64 = 2 * 3_600_000

    /// A routine reading: once an hour is enough for the history, and whatever differs.
    private func keepReading(
        _ status: TerminalStatus, of bridge: BridgeStatus, terminal: Int64, at now: UTCTime
    ) throws {
        guard let shown = status.clockAt.flatMap(UTCTime.init),
            let offset = status.offsetMilliseconds
        else { return }
        // What a box's clock is off is known since its last call; it may have been set since then. A
        // reading that cannot be placed is left out: the journal has those that matter.
        let wrong = bridge.hostOffsetMilliseconds ?? 0
        let at = wrong.magnitude > Dating.tolerance ? shown.advanced(byMilliseconds: -wrong) : shown
        let oldest = bridge.hostSynced ? Self.freshReading : Dating.tolerance
        guard Dating.isPossible(at, at: now), at.milliseconds >= now.milliseconds - oldest
        else { return }
        let point = ClockPoint(
            at: at, offsetMilliseconds: offset, errorMilliseconds: status.errorMilliseconds ?? 0,
            hostSynced: bridge.hostSynced)
        let last = try database.first(
            "SELECT at, offset_ms, error_ms FROM clock WHERE terminal = ? ORDER BY at DESC LIMIT 1",
            .int(terminal)
        ) { (at: $0.int(0), offset: $0.int(1), error: $0.int(2)) }
        if let last, at.milliseconds < last.at + 3_600_000,
            !ClockRule.isJump(
                from: (last.offset, last.error), to: (offset, point.errorMilliseconds))
        {
            return
        }
        try Projection.keepReading(database, terminal: terminal, point)
    }

    private func keepCoverage(
        _ status: TerminalStatus, terminal: Int64, journal: Int64, at now: UTCTime
    ) throws {
        guard let coverage = status.coverage, let from = UTCTime(coverage.from),
            let through = UTCTime(coverage.through), from <= through,
            Dating.isPossible(through, at: now)
        else { return }
        try database.run(
            "REPLACE INTO pending_coverage VALUES (?, ?, ?, ?, ?)", .int(journal),
            .int(coverage.seq), .int(terminal), .int(from.milliseconds),
            .int(through.milliseconds))
    }

    /// Believes what statuses said about coverage, as far as the entries it rests on are here.
    func believeCoverage(of journal: KnownJournal) throws {
        var believed: [(terminal: Int64, interval: CoverageInterval)] = []
        let key: [Value] = [.int(journal.row), .int(journal.headSeq)]
        try database.rows(
            """
            SELECT terminal, from_at, through_at FROM pending_coverage
            WHERE journal = ? AND seq <= ? ORDER BY seq
            """, key
        ) {
            let interval = CoverageInterval(
                from: UTCTime(milliseconds: $0.int(1)), through: UTCTime(milliseconds: $0.int(2)))
            believed.append(($0.int(0), interval))
        }
        guard !believed.isEmpty else { return }
        for (terminal, interval) in believed {
            try Projection.cover(database, terminal, interval, by: journal.row)
        }
        try database.run("DELETE FROM pending_coverage WHERE journal = ? AND seq <= ?", key)
    }

    // MARK: Live preview

    /// Shows the announced punches that the chain has not reached; they are counted nowhere.
    ///
    /// A bridge announces a punch once, so what earlier calls announced stays until the chain
    /// brings it, or until nothing waits at the bridge any more. A terminal that nobody has seen
    /// stands in the bridge's own office, as it would if the entry itself had come.
    func keepLive(
        _ batch: Batch, journal: Int64, of caller: Caller, at now: UTCTime
    ) throws {
        try forgetLive(of: caller, all: batch.status.queue <= batch.entries.count)
        let projection = Projection(
            database: database, journal: journal, office: caller.office, now: now)
        for line in batch.live {
            guard let (id, punch, _) = EntryFields(line: line.utf8)?.punch else { continue }
            let terminal = try projection.terminal(id)
            guard terminal.isTrusted(from: caller.office),
                let office = terminal.office(at: punch.time),
                try !Projection.isErased(database, punch, terminal: terminal.row)
            else { continue }
            let isCounted =
                try database.int(
                    """
                    SELECT 1 FROM punch WHERE office = ? AND terminal = ? AND time = ? AND pin = ?
                    """, .int(office), .int(terminal.row), .int(punch.time.seconds),
                    .text(punch.pin.canonical)) != nil
            if isCounted { continue }
            try database.run(
                "REPLACE INTO provisional VALUES (?, ?, ?, ?, ?, ?, ?, ?)", .int(caller.row),
                .int(office), .int(terminal.row), .int(punch.time.seconds),
                .text(punch.pin.canonical), .text(punch.pin.text),
                .text(punch.verify.rawValue), .text(punch.state.rawValue))
        }
    }

    /// The most announcements of one bridge that are kept.
    private static let mostProvisional = 400

    private func forgetLive(of caller: Caller, all: Bool) throws {
        if all {
            try database.run("DELETE FROM provisional WHERE bridge = ?", .int(caller.row))
            return
        }
        try database.run(
            """
            DELETE FROM provisional WHERE bridge = ? AND EXISTS (
                SELECT 1 FROM punch p
                WHERE p.office = provisional.office AND p.terminal = provisional.terminal
                    AND p.time = provisional.time AND p.pin = provisional.pin)
            """, .int(caller.row))
        try database.run(
            """
            DELETE FROM provisional WHERE bridge = ?1 AND time < (
                SELECT time FROM provisional WHERE bridge = ?1
                ORDER BY time DESC LIMIT 1 OFFSET ?2)
            """, .int(caller.row), .int(Self.mostProvisional - 1))
    }
}
