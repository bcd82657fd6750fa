public import Attendance
public import Exchange
import SQLite

extension Central {
    /// The most entries one call may bring; a bridge halves what was too large.
    public static let mostEntries = 20_000

    /// Takes a call in: everything it brings is on disk when this returns.
    ///
    /// Signature, chain and lines are looked at before the store is asked to do anything, so that
    /// calls wait for each other only while they write.
    ///
    /// - Throws: ``SyncRefusal``. Nothing of the call's entries was kept then.
    public nonisolated func accept(
        _ opened: Envelope.Opened, nextPins: [String] = [], at now: UTCTime
    ) async throws(SyncRefusal) -> SyncAnswer {
        try await take(opened, way: .line, nextPins: nextPins, at: now).answer
    }

    /// Takes a call in that came in a courier file.
    ///
    /// - Throws: ``SyncRefusal``, as ``accept(_:nextPins:at:)`` does.
    public nonisolated func acceptCarried(
        _ opened: Envelope.Opened, nextPins: [String] = [], at now: UTCTime
    ) async throws(SyncRefusal) -> TakenCall {
        try await take(opened, way: .courier, nextPins: nextPins, at: now)
    }

    private nonisolated func take(
        _ opened: Envelope.Opened, way: Way, nextPins: [String], at now: UTCTime
    ) async throws(SyncRefusal) -> TakenCall {
        guard opened.lines.count <= Self.mostEntries else { throw SyncRefusal(.tooLarge) }
        do {
            let caller = try await caller(opened.header.key)
            guard opened.isSigned(by: caller.key) else { throw SyncRefusal(.badSignature) }
            let batch = try Batch(opened, way: way)
            CrashPoint.callChecked.reached()
            let settled = try await take(batch, from: caller, nextPins: nextPins, at: now)
            let answer = try SyncAnswer(
                settled.receipt, key: receiptKey, successions: succession.statements)
            CrashPoint.receiptSigned.reached()
            return TakenCall(
                answer: answer,
                office: caller.officeID, bridge: opened.header.key,
                entries: batch.entries.count, new: settled.new, newPunches: settled.newPunches)
        } catch {
            throw Self.refusal(error)
        }
    }

    /// The key of a bridge that may call.
    public func key(_ id: String) throws -> VerifyingKey? {
        try database.first("SELECT key FROM bridge WHERE name = ?", .text(id)) {
            try VerifyingKey(bytes: $0.blob(0))
        }
    }

    static func refusal(_ error: any Error) -> SyncRefusal {
        if let refusal = error as? SyncRefusal { return refusal }
        if let error = error as? SQLiteError, error.kind == .busy { return SyncRefusal(.busy) }
        if error is InvalidValue || error is EnvelopeError { return SyncRefusal(.notOurs) }
        return SyncRefusal(.storeFailed)
    }

    /// Who calls, as the store knows it.
    struct Caller {
        let row: Int64
        let key: VerifyingKey
        let office: Int64
        let officeID: OfficeID
    }

    private func caller(_ id: String) throws -> Caller {
        let found = try database.first(
            """
            SELECT b.id, b.key, b.office, b.revoked_at, o.name
            FROM bridge b JOIN office o ON o.id = b.office WHERE b.name = ?
            """, .text(id)
        ) { row in
            let caller = Caller(
                row: row.int(0), key: try VerifyingKey(bytes: row.blob(1)), office: row.int(2),
                officeID: try OfficeID(row.text(4)))
            return (caller, row.isNull(3))
        }
        guard let (caller, mayCall) = found else { throw SyncRefusal(.unknownKey) }
        guard mayCall else { throw SyncRefusal(.revokedKey) }
        return caller
    }

    /// One transaction: status, entries and all that follows from them.
    private func take(
        _ batch: Batch, from caller: Caller, nextPins: [String], at now: UTCTime
    ) throws -> Settled {
        try recover()
        let outcome: Result<Settled, SyncRefusal> = try database.transaction {
            CrashPoint.storeBegun.reached()
            StoreDelay.pass()
            let outcome = try settle(batch, from: caller, nextPins: nextPins, at: now)
            CrashPoint.storeCommitting.reached()
            return outcome
        }
        CrashPoint.storeCommitted.reached()
        return try outcome.get()
    }

    private struct Settled {
        let receipt: Receipt
        var new = 0
        var newPunches = 0
    }

    private func settle(
        _ batch: Batch, from caller: Caller, nextPins: [String], at now: UTCTime
    ) throws -> Result<Settled, SyncRefusal> {
        var journal = try journal(batch.journal, of: caller, at: now)
        let place = try batch.place(
            headSeq: journal.headSeq, emptyQueue: batch.status.queue == 0
        ) { seq in try chain(of: journal, after: seq) }
        if case .fork = place { return try forked(batch, journal, caller, at: now) }
        if journal.isOthers { return try forked(batch, journal, caller, at: now) }
        if journal.row == 0 { journal.row = try begin(journal, of: caller, at: now) }
        let dating = try dating(batch, journal: journal.row, of: caller, at: now)
        let isNewest = try keepStatus(
            batch, journal: journal.row, of: caller, dating: dating, at: now)
        CrashPoint.statusKept.reached()
        if case .gap(let sendFrom) = place {
            return .failure(SyncRefusal(.gap, sendFrom: sendFrom))
        }
        var new = 0
        var newPunches = 0
        if case .append(let known) = place {
            new = batch.entries.count - known
            newPunches = try append(
                batch, known: known, to: &journal, of: caller, dating: dating, at: now)
        }
        if isNewest { try keepLive(batch, journal: journal.row, of: caller, at: now) }
        try believeCoverage(of: journal)
        let receipt = Receipt(
            journal: batch.journal, ackedThrough: journal.headSeq, head: journal.head,
            safeThrough: journal.safeSeq, serverTime: now, nextPins: nextPins)
        return .success(Settled(receipt: receipt, new: new, newPunches: newPunches))
    }

    /// What this call tells of the box's starts. What came of this one before is dated by it.
    private func dating(
        _ batch: Batch, journal: Int64, of caller: Caller, at now: UTCTime
    ) throws -> Dating {
        let dating = Dating(database, journal: journal, now: now)
        guard batch.way == .line else {
            dating.carried(batch)
            return dating
        }
        if try dating.heard(batch) {
            let projection = Projection(
                database: database, journal: journal, office: caller.office, now: now,
                dating: dating)
            try projection.date(boot: batch.boot)
        }
        return dating
    }

    private func forked(
        _ batch: Batch, _ journal: KnownJournal, _ caller: Caller, at now: UTCTime
    ) throws -> Result<Settled, SyncRefusal> {
        let changed = try database.run(
            """
            UPDATE bridge_status SET forked_at = ?
            WHERE bridge = ? AND (forked_at IS NULL OR forked_at < ?)
            """, .int(now.milliseconds), .int(caller.row), .int(now.milliseconds - 600_000))
        if changed > 0 {
            try event(
                "journal-forked", office: caller.office, at: now, now: now,
                detail: "\(batch.journal) \(batch.first)")
        }
        return .failure(SyncRefusal(.forked))
    }
}

// MARK: Journals

extension Central {
    /// A journal as the centre has it; `row` is 0 before its first call was taken.
    struct KnownJournal {
        let id: JournalID
        var row: Int64
        var headSeq: Int64
        var head: ChainHash
        /// A backup holds the entries through this one.
        let safeSeq: Int64
        /// The chain before the first line.
        let start: ChainHash
        /// Known under another bridge's key.
        let isOthers: Bool
    }

    private func journal(_ id: JournalID, of caller: Caller, at now: UTCTime) throws -> KnownJournal
    {
        let start = Chain(journal: id, publicKey: caller.key.bytes).head
        let known = try database.first(
            "SELECT id, head_seq, head, bridge, safe_seq FROM journal WHERE name = ?",
            .text(id.description)
        ) { row in
            KnownJournal(
                id: id, row: row.int(0), headSeq: row.int(1),
                head: try ChainHash(bytes: row.blob(2)), safeSeq: row.int(4), start: start,
                isOthers: row.int(3) != caller.row)
        }
        return known
            ?? KnownJournal(
                id: id, row: 0, headSeq: 0, head: start, safeSeq: 0, start: start, isOthers: false)
    }

    private func begin(_ journal: KnownJournal, of caller: Caller, at now: UTCTime) throws -> Int64
    {
        try database.run(
            """
            INSERT INTO journal (name, bridge, head_seq, head, started_at) VALUES (?, ?, 0, ?, ?)
            """, .text(journal.id.description), .int(caller.row), .blob(journal.head.bytes),
            .int(now.milliseconds))
        let row = database.lastInsertedRow
        try event(
            "journal-new", office: caller.office, at: now, now: now,
            detail: journal.id.description)
        return row
    }

    /// The chain's hash after an entry that is here.
    private func chain(of journal: KnownJournal, after seq: Int64) throws -> ChainHash? {
        if seq == 0 { return journal.start }
        if seq == journal.headSeq { return journal.head }
        return try database.first(
            "SELECT chain FROM entry WHERE journal = ? AND seq = ?", .int(journal.row), .int(seq)
        ) { try ChainHash(bytes: $0.blob(0)) }
    }

    /// - Returns: How many punches are counted for the first time.
    private func append(
        _ batch: Batch, known: Int, to journal: inout KnownJournal, of caller: Caller,
        dating: Dating, at now: UTCTime
    ) throws -> Int {
        let new = batch.entries.dropFirst(known)
        guard let last = new.last else { return 0 }
        try noteOffice(caller.office, of: journal)
        try noteHole(at: new, provedBy: batch.proof, in: journal, of: caller, at: now)
        let projection = Projection(
            database: database, journal: journal.row, office: caller.office, now: now,
            dating: dating)
        for entry in new { try keep(entry, with: projection) }
        try projection.finish()
        journal.headSeq = last.seq
        journal.head = last.chain
        try database.run(
            "UPDATE journal SET head_seq = ?, head = ?, last_at = ? WHERE id = ?",
            .int(last.seq), .blob(last.chain.bytes), .int(now.milliseconds), .int(journal.row))
        CrashPoint.headMoved.reached()
        return projection.newPunches
    }

    private func keep(_ entry: Batch.Entry, with projection: Projection) throws {
        let isErased = try entry.reading.map { try projection.isErased($0) } ?? false
        let line = isErased ? nil : entry.line
        try database.run(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?)", .int(projection.journal), .int(entry.seq),
            line.map { .blob($0) } ?? .null, .blob(entry.digest.bytes), .blob(entry.chain.bytes))
        CrashPoint.lineKept.reached()
        if isErased {
            try Forgotten.note(
                database, projection.journal, entry.seq...entry.seq, .subject, at: projection.now)
        } else if let reading = entry.reading {
            try projection.take(reading, seq: entry.seq)
        }
    }

    /// Remembers from which entry on the journal belongs to another office.
    private func noteOffice(_ office: Int64, of journal: KnownJournal) throws {
        let last = try database.int(
            "SELECT office FROM journal_office WHERE journal = ? ORDER BY first_seq DESC LIMIT 1",
            .int(journal.row))
        guard last != office else { return }
        try database.run(
            "INSERT INTO journal_office VALUES (?, ?, ?)", .int(journal.row),
            .int(journal.headSeq + 1), .int(office))
    }

    /// Adds to what happened in an office, within the caller's transaction.
    func event(
        _ code: String, office: Int64, at: UTCTime, now: UTCTime, terminal: String? = nil,
        detail: String? = nil
    ) throws {
        try Projection.event(
            database, code, office: office, at: at, now: now, terminal: terminal, detail: detail)
    }
}
