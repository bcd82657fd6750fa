import Attendance
import Exchange
import SQLite

extension Central {
    /// The centre's books as they stand, for `tools/verify.py`: the audit trail, every journal with the
    /// hashes kept beside its entries and what is counted by each. Nothing is judged, so that
    /// whatever was done to the store shows. Format: `docs/reference/evidence.md`.
    ///
    /// - Parameter write: Takes one line of JSON without its newline, one after the other.
    public func evidence(_ write: @escaping @Sendable (_ line: [UInt8]) -> Void) throws {
        try database.execute(Evidence.kept)
        defer { try? database.execute("DROP TABLE temp.kept") }
        try reading { try Evidence(database: database, write: write).run() }
    }
}

/// Writes down all that is kept, over one unchanging view of it.
private struct Evidence {
    let database: Database
    let write: @Sendable ([UInt8]) -> Void

    /// What is counted by each entry: a punch's best sighting tells all of it, a further one its place and
    /// identity, and one that waits for an operator the terminal alone.
    static let kept = """
        CREATE TEMP TABLE kept AS SELECT k.*, t.name, o.name AS office_name FROM (
            SELECT journal, seq, office, terminal, time, pin, coalesce(pin_text, pin) AS shown,
                verify, state, work, via FROM punch
            UNION ALL SELECT s.journal, s.seq, p.office, terminal, time, pin, NULL, NULL, NULL, NULL,
                NULL FROM sighting s LEFT JOIN punch p USING (terminal, time, pin)
            UNION ALL SELECT journal, seq, NULL, terminal, NULL, NULL, NULL, NULL, NULL, NULL, NULL
                FROM waiting
        ) k LEFT JOIN terminal t ON t.id = k.terminal LEFT JOIN office o ON o.id = k.office;
        CREATE INDEX temp.kept_place ON kept (journal, seq);
        """

    func run() throws {
        try writeBooks()
        var journals: [(row: Int64, header: JSONLine)] = []
        try database.rows(
            """
            SELECT j.id, j.name, b.key, (SELECT count(*) FROM entry e WHERE e.journal = j.id),
                j.head_seq, j.head FROM journal j LEFT JOIN bridge b ON b.id = j.bridge ORDER BY j.id
            """
        ) { row in
            var header = JSONLine()
            header.add("evidence", "centre")
            header.add("journal", row.text(1))
            header.add("public_key", (row.optionalBlob(2) ?? []).base64)
            header.add("count", row.int(3))
            header.add("last", row.int(4))
            header.add("head", row.blob(5).hex)
            journals.append((row.int(0), header))
        }
        for (row, header) in journals {
            var header = header
            header.add("offices", json: try offices(of: row))
            write(header.finished)
            try writeEntries(of: row)
        }
    }

    // MARK: Books

    private func writeBooks() throws {
        let head = try AuditTrail.head(database)
        var header = JSONLine()
        header.add("evidence", "books")
        header.add("count", try database.int("SELECT count(*) FROM audit") ?? 0)
        header.add("last", head.seq)
        header.add("head", head.chain.description)
        header.add("terminals", json: try terminals())
        header.add("erased", json: try erased())
        header.add("counts", json: try counts())
        write(header.finished)
        try database.rows(
            "SELECT seq, at, who, action, object, address, chain FROM audit ORDER BY seq"
        ) { stored in
            var line = JSONLine()
            line.add("seq", stored.int(0))
            line.add("line", json: EvidenceLine.text(AuditTrail.line(AuditTrail.row(stored))))
            line.add("hash", stored.blob(6).hex)
            write(line.finished)
        }
    }

    /// Where each terminal stood and since when, and which offices' boxes may speak of it.
    private func terminals() throws -> [UInt8] {
        var names: [(row: Int64, name: String)] = []
        try database.rows("SELECT id, name FROM terminal ORDER BY id") {
            names.append(($0.int(0), $0.text(1)))
        }
        let terminals = try names.map { row, name in
            let readers = try pairs(
                """
                SELECT NULL, name FROM reader JOIN office ON office.id = office
                WHERE terminal = ? ORDER BY name
                """, row)
            let stood = try pairs(
                """
                SELECT from_time, name FROM placement JOIN office ON office.id = office
                WHERE terminal = ? ORDER BY from_time
                """, row)
            var terminal = JSONLine()
            terminal.add("readers", json: JSONLine.array(readers.map(\.name)))
            terminal.add(
                "stood",
                json: JSONLine.array(
                    json: stood.map { since, office in
                        JSONLine.array([WallTime(seconds: since).description, office])
                    }))
            return (name, terminal.finished)
        }
        return EvidenceLine.object(terminals)
    }

    private func pairs(_ sql: String, _ row: Int64) throws -> [(since: Int64, name: String)] {
        var pairs: [(since: Int64, name: String)] = []
        try database.rows(sql, .int(row)) {
            pairs.append(($0.optionalInt(0) ?? 0, $0.optionalText(1) ?? ""))
        }
        return pairs
    }

    private func erased() throws -> [UInt8] {
        var erased: [[UInt8]] = []
        try database.rows(
            """
            SELECT t.name, e.pin, e.through, e.at
            FROM erased e LEFT JOIN terminal t ON t.id = e.terminal ORDER BY e.at, e.pin
            """
        ) { row in
            var line = JSONLine()
            line.add("terminal", row.optionalText(0) ?? "")
            line.add("pin", row.text(1))
            line.add("through", WallTime(seconds: row.int(2)).description)
            line.add("at", UTCTime(milliseconds: row.int(3)).description)
            erased.append(line.finished)
        }
        return JSONLine.array(json: erased)
    }

    /// What is noted beside what is kept.
    private func counts() throws -> [UInt8] {
        var counts: [(key: String, json: [UInt8])] = []
        try database.rows(
            """
            SELECT 'entries', count(*) FROM entry
            UNION ALL SELECT 'sightings', coalesce(sum(sightings), 0) FROM punch
            UNION ALL SELECT 'kept', (SELECT count(*) FROM punch) + (SELECT count(*) FROM sighting)
                + (SELECT count(*) FROM waiting)
            UNION ALL SELECT 'office ' || name, punches FROM office
            """
        ) { counts.append(($0.text(0), Array("\($0.int(1))".utf8))) }
        return EvidenceLine.object(counts)
    }

    // MARK: Journals

    /// Under which office each stretch of a journal was written: a box may move.
    private func offices(of journal: Int64) throws -> [UInt8] {
        let offices = try pairs(
            """
            SELECT first_seq, name FROM journal_office JOIN office ON office.id = office
            WHERE journal = ? ORDER BY first_seq
            """, journal)
        return JSONLine.array(
            json: offices.map { first, office in
                JSONLine.array(json: [Array("\(first)".utf8), JSONLine.quoted(office)])
            })
    }

    private func writeEntries(of journal: Int64) throws {
        var forgotten = ForgottenWalk(try Forgotten.ranges(database, of: journal))
        var entry: (seq: Int64, line: JSONLine, counted: [[UInt8]])?
        try database.rows(
            """
            SELECT e.seq, e.line, e.digest, e.chain, k.journal, k.office_name, k.name, k.time, k.pin,
                k.shown, k.verify, k.state, k.work, k.via
            FROM entry e LEFT JOIN kept k ON k.journal = e.journal AND k.seq = e.seq
            WHERE e.journal = ? ORDER BY e.seq
            """, .int(journal)
        ) { row in
            if let done = entry, done.seq != row.int(0) {
                write(done)
                entry = nil
            }
            var begun = entry ?? (row.int(0), Self.entry(row, &forgotten), [])
            if row.optionalInt(4) != nil { begun.counted.append(Self.counted(row)) }
            entry = begun
        }
        if let entry { write(entry) }
    }

    private func write(_ entry: (seq: Int64, line: JSONLine, counted: [[UInt8]])) {
        var line = entry.line
        if !entry.counted.isEmpty { line.add("counted", json: JSONLine.array(json: entry.counted)) }
        write(line.finished)
    }

    private static func entry(_ row: Row, _ forgotten: inout ForgottenWalk) -> JSONLine {
        var line = JSONLine()
        line.add("seq", row.int(0))
        if let text = row.optionalBlob(1) { line.add("line", json: EvidenceLine.text(text)) }
        line.add("digest", row.blob(2).hex)
        line.add("hash", row.blob(3).hex)
        let reasons = forgotten.reasons(at: row.int(0))
        if row.optionalBlob(1) == nil, !reasons.isEmpty {
            let gone = reasons.map {
                JSONLine.array([$0.reason, UTCTime(milliseconds: $0.at).description])
            }
            line.add("gone", json: JSONLine.array(json: gone))
        }
        return line
    }

    private static func counted(_ row: Row) -> [UInt8] {
        var line = JSONLine()
        let null = Array("null".utf8)
        line.add("office", json: row.optionalText(5).map(JSONLine.quoted) ?? null)
        line.add("terminal", row.optionalText(6) ?? "")
        guard let time = row.optionalInt(7) else { return line.finished }
        line.add("time", WallTime(seconds: time).description)
        line.add("pin", row.text(8))
        guard let shown = row.optionalText(9) else { return line.finished }
        line.add("shown", shown)
        line.add("verify", row.text(10))
        line.add("state", row.text(11))
        line.add("work", row.int(12))
        line.add("via", PunchSource(rank: row.int(13)).rawValue)
        return line.finished
    }
}
