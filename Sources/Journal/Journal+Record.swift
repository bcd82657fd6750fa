public import Attendance
public import Exchange
import SQLite

extension Journal {
    /// Puts facts on disk in one transaction, each punch once.
    ///
    /// A punch that is known adds nothing, unless this sighting tells it differently than any
    /// before: then it is one more entry about the same punch. A damaged record, and a file taken in
    /// for a terminal, are told of once too. Everything else is appended as it is.
    ///
    /// - Parameters:
    ///   - bodies: The facts, in the order they are to stand in.
    ///   - moment: When they are written.
    ///   - positions: How far logs have been read once this is on disk; the journal does not look
    ///     into them. They are kept with the facts or not at all.
    /// - Throws: `SQLiteError`; then nothing of the call was kept.
    @discardableResult
    public func record(
        _ bodies: [EntryBody], positions: [TerminalID: String] = [:], at moment: Moment
    ) throws -> Recorded {
        try recover()
        let before = (chain, tallies)
        let start = stopwatch()
        do {
            let recorded = try database.transaction {
                CrashPoint.journalBegun.reached()
                var recorded = Recorded()
                if let notice { try append(notice, at: moment) }
                for body in bodies { try add(body, at: moment, to: &recorded) }
                for (terminal, position) in positions { try keep(position, of: terminal) }
                if tallies != before.1 { try write(tallies) }
                recorded.lastSeq = tallies.head
                CrashPoint.journalCommitting.reached()
                return recorded
            }
            CrashPoint.journalCommitted.reached()
            notice = nil
            // What was known already is not written.
            let entries = tallies.head - before.1.head
            if entries > 0 {
                unwritten = nil
                pace.note(stopwatch() - start, entries: Int(entries))
                headNote.write(HeadNote.Content(journal: id, seq: tallies.head))
            }
            return recorded
        } catch {
            (chain, tallies) = before
            isRefused = true
            throw error
        }
    }

    /// Says in the journal itself that it is not the first one here.
    static func notice(ofMissing missing: JournalID) -> EntryBody {
        .bridge(.repaired, detail: "the file of journal \(missing) was gone; a new one begins")
    }

    private func add(_ body: EntryBody, at moment: Moment, to recorded: inout Recorded) throws {
        switch body {
        case .punch(let terminal, let punch, let via):
            switch try sighted(KnownKey(terminal, punch), Sighting(punch, via)) {
            case .first:
                tallies.punches += 1
                recorded.new += 1
                try append(body, at: moment, counts: true)
            case .differing:
                recorded.sightings += 1
                try append(body, at: moment)
            case .known:
                recorded.known += 1
            }
        case .oddity(let terminal, let oddity, let via):
            let sighting = Sighting(rank: via.order, attributes: 0)
            guard case .first = try sighted(KnownKey(terminal, oddity), sighting)
            else { return recorded.known += 1 }
            tallies.oddities += 1
            recorded.odd += 1
            try append(body, at: moment)
        case .clock(let terminal, _, _):
            try append(body, at: moment)
            try note("clock", of: terminal)
        case .coverage(let terminal, _, _):
            try append(body, at: moment)
            try note("coverage", of: terminal)
        case .fileImport(let terminal, _, let sha256, _, _, _, _):
            // The same file for the same terminal is told of once, however often it is carried.
            let sighting = Sighting(rank: PunchSource.stick.order, attributes: 0)
            guard case .first = try sighted(KnownKey(file: sha256, of: terminal), sighting)
            else { return }
            if let terminal { try note(terminal) }
            try append(body, at: moment)
        case .terminal, .bridge:
            try append(body, at: moment)
        }
    }

    private func append(_ body: EntryBody, at moment: Moment, counts: Bool = false) throws {
        let seq = tallies.head + 1
        let line = Entry(
            seq: seq, at: moment.at, boot: moment.boot, up: moment.up, body: body.bounded
        ).line
        try append(line, at: moment.at.milliseconds, counts: counts)
    }

    /// Puts a line at the end; it begins with its number, the one after ``Tallies/head``.
    func append(_ line: [UInt8], at: Int64, counts: Bool) throws {
        let digest = Chain.digest(ofLine: line)
        let hash = chain.append(digest: digest)
        tallies.head += 1
        tallies.hash = hash.bytes
        try database.run(
            "INSERT INTO entry (seq, line, digest, hash, at, counts) VALUES (?, ?, ?, ?, ?, ?)",
            .int(tallies.head), .blob(line), .blob(EntryRow.check(digest)),
            .blob(EntryRow.hash(hash, at: tallies.head)), .int(at), .int(counts ? 1 : 0))
        CrashPoint.entryAppended.reached()
    }

    // MARK: Identities

    enum Standing { case first, differing, known }

    /// Looks a sighting up and remembers it.
    func sighted(_ key: KnownKey, _ sighting: Sighting) throws -> Standing {
        guard let (key, stored) = try known(key) else {
            try keep(key, seq: tallies.head + 1, sighting)
            CrashPoint.identityKept.reached()
            return .first
        }
        let differs = sighting.attributes != stored.attributes
        let isNew = differs ? try remember(sighting.attributes, of: key) : false
        if sighting.rank > stored.rank {
            // What the weaker source said was an entry already: it must not become one again.
            if differs { try remember(stored.attributes, of: key) }
            try database.run(
                """
                UPDATE known SET source = ?, attributes = ? WHERE time = ? AND identity = ?
                """, .int(sighting.rank), .int(sighting.attributes), .int(key.time),
                .blob(key.identity))
        }
        return isNew ? .differing : .known
    }

    /// The row of an identity, under the key it has there, and the best sighting so far.
    func known(_ key: KnownKey) throws -> (key: KnownKey, sighting: Sighting)? {
        try database.first(
            """
            SELECT identity, source, attributes FROM known
            WHERE time = ? AND identity BETWEEN ? AND ?
            """, .int(key.time), .blob(key.identity), .blob(key.longest)
        ) { row in
            (
                KnownKey(time: key.time, identity: row.blob(0)),
                Sighting(rank: row.int(1), attributes: row.int(2))
            )
        }
    }

    func keep(_ key: KnownKey, seq: Int64, _ sighting: Sighting) throws {
        try database.run(
            "INSERT INTO known (time, identity, seq, source, attributes) VALUES (?, ?, ?, ?, ?)",
            .int(key.time), .blob(key.identity), .int(seq), .int(sighting.rank),
            .int(sighting.attributes))
    }

    /// - Returns: Whether this was not remembered before.
    @discardableResult
    private func remember(_ attributes: Int64, of key: KnownKey) throws -> Bool {
        try database.run(
            "INSERT OR IGNORE INTO sighting (time, identity, attributes) VALUES (?, ?, ?)",
            .int(key.time), .blob(key.identity), .int(attributes)) > 0
    }

    // MARK: Terminals

    /// The terminal is one that this journal has something of.
    func note(_ terminal: TerminalID) throws {
        try database.run(
            "INSERT OR IGNORE INTO terminal (id) VALUES (?)", .text(terminal.description))
    }

    private func keep(_ position: String, of terminal: TerminalID) throws {
        // A log that has not grown leaves the disk alone.
        guard try self.position(of: terminal) != position else { return }
        try database.run(
            """
            INSERT INTO terminal (id, position) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET position = excluded.position
            """, .text(terminal.description), .text(position))
        CrashPoint.positionKept.reached()
    }

    /// - Parameter column: `clock` or `coverage`.
    func note(_ column: StaticString, of terminal: TerminalID) throws {
        try database.run(
            """
            INSERT INTO terminal (id, \(column)) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET \(column) = excluded.\(column)
            """, .text(terminal.description), .int(tallies.head))
    }
}
