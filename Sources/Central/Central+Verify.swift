import Attendance
import Exchange
import SQLite

extension Central {
    /// Reads everything again and compares: the chain of every journal, every punch with the
    /// entries it rests on, every count, and the audit trail; and all of it with what boxes hold.
    ///
    /// - Parameter files: Evidence of boxes and files of receipts. Without them whoever makes the whole
    ///   store anew is not found.
    /// - Throws: ``CentralError`` if a file cannot be read.
    public func verify(beside files: [String] = []) throws -> CentralVerification {
        try reading {
            var verifier = Verifier(database: database)
            try verifier.run()
            try verifier.compare(files, keys: [receiptKey.verifying] + succession.formers)
            return verifier.report
        }
    }
}

/// One check of the whole store, over one unchanging view of it.
struct Verifier {
    let database: Database
    private(set) var report = CentralVerification()
    private var terminals: [TerminalID: Projection.Terminal] = [:]
    /// Punch entries that must have a sighting, and those that wait.
    private var counted = 0
    private var waiting = 0
    /// Best sightings whose line is purged: only their digests can still be checked.
    private var purged = 0

    init(database: Database) {
        self.database = database
    }

    mutating func run() throws {
        var journals: [Stored] = []
        try database.rows(
            """
            SELECT j.id, j.name, b.key, j.head_seq, j.head
            FROM journal j LEFT JOIN bridge b ON b.id = j.bridge ORDER BY j.id
            """
        ) { row in
            journals.append(
                Stored(
                    row: row.int(0), name: row.text(1), key: row.optionalBlob(2) ?? [],
                    headSeq: row.int(3),
                    head: row.blob(4)))
        }
        let entitlements = try Entitlements(reading: database)
        for finding in entitlements.findings { found(finding) }
        for journal in journals { try check(journal, entitlements) }
        report.journals = journals.count
        try checkPunches()
        try checkForgottenPlaces(of: journals.map(\.row))
        try checkCounts()
        let audit = try AuditTrail.check(database)
        report.auditRows = audit.rows
        for finding in audit.findings { found(finding) }
    }

    /// Puts what boxes hold beside what is here.
    mutating func compare(_ files: [String], keys: [VerifyingKey]) throws {
        var boxes = BoxComparison(database, keys: keys)
        for file in files { try boxes.compare(file) }
        for finding in boxes.findings { found(finding) }
        report.unchecked = boxes.unchecked
        report.compared = (boxes.receipts, boxes.entries, boxes.punches)
    }

    private struct Stored {
        let row: Int64
        let name: String
        let key: [UInt8]
        let headSeq: Int64
        let head: [UInt8]
    }

    private mutating func found(_ finding: String) {
        if report.findings.count < 100 { report.findings.append(finding) }
    }

    // MARK: Chains

    private mutating func check(_ journal: Stored, _ entitlements: Entitlements) throws {
        guard let id = try? JournalID(journal.name) else {
            return found("journal \(journal.name): no name of a journal")
        }
        var chain = Chain(journal: id, publicKey: journal.key)
        var seq: Int64 = 0
        var offices = try self.offices(of: journal.row)[...]
        var office: Int64?
        var forgotten = ForgottenWalk(try Forgotten.ranges(database, of: journal.row))
        try database.rows(
            "SELECT seq, line, digest, chain FROM entry WHERE journal = ? ORDER BY seq",
            .int(journal.row)
        ) { row in
            seq += 1
            report.entries += 1
            if row.int(0) != seq {
                found("journal \(id): entries \(seq) to \(row.int(0) - 1) are missing")
                seq = row.int(0)
            }
            while let next = offices.first, next.first <= seq {
                office = next.office
                offices.removeFirst()
            }
            let line = row.optionalBlob(1)
            let stored = try ChainHash(bytes: row.blob(2))
            if let line, Chain.digest(ofLine: line) != stored {
                found("journal \(id): the line of entry \(seq) was changed")
            }
            if chain.append(digest: stored).bytes != row.blob(3) {
                found("journal \(id): the chain breaks at entry \(seq)")
                chain = Chain(after: try ChainHash(bytes: row.blob(3)))
            }
            if line == nil {
                report.purged += 1
                let reasons = forgotten.reasons(at: seq)
                if !reasons.contains(where: entitlements.cover) {
                    found("journal \(id): the line of entry \(seq) was taken away")
                }
                if reasons.contains(where: { $0.reason.hasSuffix("hole") }) { report.lost += 1 }
            }
            if let line, let office {
                try expectSighting(of: line, journal: journal.row, name: id, seq, office)
            }
        }
        if seq != journal.headSeq || chain.head.bytes != journal.head {
            found("journal \(id): it ends at \(seq) and not at \(journal.headSeq)")
        }
    }

    private func offices(of journal: Int64) throws -> [(first: Int64, office: Int64)] {
        var offices: [(first: Int64, office: Int64)] = []
        try database.rows(
            "SELECT first_seq, office FROM journal_office WHERE journal = ? ORDER BY first_seq",
            .int(journal)
        ) { offices.append(($0.int(0), $0.int(1))) }
        return offices
    }

    // MARK: Punches

    private mutating func expectSighting(
        of line: [UInt8], journal: Int64, name: JournalID, _ seq: Int64, _ office: Int64
    ) throws {
        guard case .punch(let id, let punch, _) = LineReading(line, seq: seq).content else {
            return
        }
        guard let terminal = try terminal(id) else {
            return found("journal \(name): entry \(seq) is of a terminal that is gone")
        }
        guard terminal.isTrusted(from: office), let place = terminal.office(at: punch.time) else {
            waiting += 1
            let waits = try database.int(
                "SELECT 1 FROM waiting WHERE terminal = ? AND journal = ? AND seq = ?",
                .int(terminal.row), .int(journal), .int(seq))
            if waits == nil { found("journal \(name): entry \(seq) should wait and does not") }
            return
        }
        counted += 1
        let key: [Value] = [
            .int(place), .int(terminal.row), .int(punch.time.seconds),
            .text(punch.pin.canonical),
        ]
        let best = try database.first(
            """
            SELECT journal, seq FROM punch
            WHERE office = ? AND terminal = ? AND time = ? AND pin = ?
            """, key[0], key[1], key[2], key[3]
        ) { (journal: $0.int(0), seq: $0.int(1)) }
        guard let best else {
            return found("journal \(name): the punch of entry \(seq) is gone")
        }
        if best.journal == journal, best.seq == seq { return }
        let isSighted = try database.int(
            """
            SELECT 1 FROM sighting
            WHERE terminal = ? AND time = ? AND pin = ? AND journal = ? AND seq = ?
            """, key[1], key[2], key[3], .int(journal), .int(seq))
        if isSighted == nil { found("journal \(name): entry \(seq) is no sighting of its punch") }
    }

    private mutating func terminal(_ id: TerminalID) throws -> Projection.Terminal? {
        if let known = terminals[id] { return known }
        let terminal = try Projection.load(database, id)
        terminals[id] = terminal
        return terminal
    }

    /// Every counted punch against the line it rests on.
    private mutating func checkPunches() throws {
        try database.rows(
            """
            SELECT p.time, p.pin, p.pin_text, p.verify, p.state, p.work, p.via, p.sightings,
                e.line, e.seq, t.name, p.seq,
                (SELECT count(*) FROM sighting s
                 WHERE s.terminal = p.terminal AND s.time = p.time AND s.pin = p.pin)
            FROM punch p LEFT JOIN entry e ON e.journal = p.journal AND e.seq = p.seq
                LEFT JOIN terminal t ON t.id = p.terminal
            """
        ) { row in
            report.punches += 1
            report.sightings += Int(row.int(7))
            let what = "punch \(row.text(10)) \(row.text(1)) \(WallTime(seconds: row.int(0)))"
            if row.int(7) != row.int(12) + 1 { found("\(what): its sightings are miscounted") }
            guard row.optionalInt(9) != nil else { return found("\(what): no entry tells of it") }
            guard let line = row.optionalBlob(8) else {
                purged += 1
                return
            }
            if !Self.isSame(row, line) { found("\(what): its entry says something else") }
        }
    }

    private static func isSame(_ row: Row, _ line: [UInt8]) -> Bool {
        guard
            case .punch(let id, let punch, let via) = LineReading(line, seq: row.int(11)).content
        else { return false }
        return id.description == row.text(10) && punch.time.seconds == row.int(0)
            && punch.pin.canonical == row.text(1)
            && punch.pin.text == (row.optionalText(2) ?? row.text(1))
            && punch.verify.rawValue == row.text(3) && punch.state.rawValue == row.text(4)
            && punch.workCode == row.int(5) && via.rank == row.int(6)
    }

    /// Of a line that was forgotten after the centre's period one punch or sighting may be left; of
    /// any other that is gone, none.
    private mutating func checkForgottenPlaces(of journals: [Int64]) throws {
        for journal in journals {
            var forgotten = ForgottenWalk(try Forgotten.ranges(database, of: journal))
            var last: Int64 = 0
            try database.rows(
                """
                SELECT e.seq FROM entry e JOIN (
                    SELECT journal, seq FROM punch UNION ALL SELECT journal, seq FROM sighting
                ) p ON p.journal = e.journal AND p.seq = e.seq
                WHERE e.journal = ? AND e.line IS NULL ORDER BY e.seq
                """, .int(journal)
            ) { row in
                let seq = row.int(0)
                let isOnlyOld = forgotten.reasons(at: seq).allSatisfy { $0.reason == "retention" }
                if !isOnlyOld || seq == last {
                    found("entry \(seq) is forgotten, and more is counted by it than it can tell")
                }
                last = seq
            }
        }
    }

    // MARK: Counts

    private mutating func checkCounts() throws {
        let entries = Int(try database.int("SELECT count(*) FROM entry") ?? 0)
        if entries != report.entries {
            found("\(entries - report.entries) entries are of a journal that is not here")
        }
        let readable = report.sightings - purged - (try purgedRows(of: "sighting"))
        if readable != counted {
            found("\(counted) entries tell of punches and \(readable) sightings are kept")
        }
        let kept =
            Int(try database.int("SELECT count(*) FROM waiting") ?? 0)
            - (try purgedRows(of: "waiting"))
        if kept != waiting { found("\(waiting) entries should wait for an operator, \(kept) do") }
        try database.rows(
            """
            SELECT o.name, o.punches, (SELECT count(*) FROM punch p WHERE p.office = o.id)
            FROM office o
            """
        ) { row in
            if row.int(1) != row.int(2) {
                found("office \(row.text(0)): \(row.int(1)) punches noted, \(row.int(2)) kept")
            }
        }
    }

    /// Rows that rest on an entry whose line is purged.
    private func purgedRows(of table: String) throws -> Int {
        let count = try database.int(
            """
            SELECT count(*) FROM \(table) s JOIN entry e ON e.journal = s.journal AND e.seq = s.seq
            WHERE e.line IS NULL
            """)
        return Int(count ?? 0)
    }
}
