public import Attendance
import Exchange
import SQLite

extension Central {
    /// Everything that is stored of a person: counted punches, the lines they and others rest on,
    /// what is shown as provisional, and what was done with their data.
    ///
    /// - Parameters:
    ///   - subject: The person.
    ///   - doer: Who asks, for the audit trail.
    ///   - now: The moment it happens.
    public func export(
        _ subject: Subject, by doer: Doer, at now: UTCTime
    ) throws -> SubjectExport {
        try record(doer, "export-subject", object: subject.description, at: now)
        return try reading {
            let traces = try SubjectTraces(
                of: subject, in: database, office: officeRow(subject.office))
            var export = SubjectExport()
            try traces.addPunches(to: &export)
            try traces.addLines(to: &export)
            try traces.addProvisional(to: &export)
            try traces.addAudit(to: &export)
            return export
        }
    }

    /// Takes a person's lines and all that follows from them away; digests stay, so that every
    /// chain verifies. What comes of the same punches again – from a bridge, a stick, an old log – is
    /// not taken in.
    ///
    /// - Parameters:
    ///   - subject: The person.
    ///   - apply: Whether anything is taken away; else it is only counted.
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens: later punches of the same number are somebody's own.
    public func erase(
        _ subject: Subject, apply: Bool, by doer: Doer, at now: UTCTime
    ) throws -> ErasureReport {
        let office = try officeRow(subject.office)
        let zone = try self.office(subject.office)?.zone ?? .wib
        if apply { try database.execute("PRAGMA secure_delete = ON") }
        let report = try database.transaction {
            let traces = try SubjectTraces(of: subject, in: database, office: office)
            var report = ErasureReport(isApplied: apply)
            report.punches = traces.punches.count
            report.lines = try traces.keptLines()
            report.provisional = try traces.provisional()
            guard apply else { return report }
            try traces.erase(at: now)
            try traces.keepOut(
                through: WallTime(secondsSince1970: now.milliseconds / 1_000, in: zone), at: now)
            try audit(doer, "erase-subject", subject.description, at: now)
            return report
        }
        if apply { try checkpoint() }
        return report
    }
}

/// Where a person stands in the books.
struct SubjectTraces {
    let subject: Subject
    let database: Database
    let office: Int64

    struct Key: Hashable {
        let terminal: Int64
        let time: Int64
    }

    struct Place: Hashable, Comparable {
        let journal: Int64
        let seq: Int64

        static func < (left: Place, right: Place) -> Bool {
            (left.journal, left.seq) < (right.journal, right.seq)
        }
    }

    private(set) var punches: [Key] = []
    private(set) var places: Set<Place> = []

    init(of subject: Subject, in database: Database, office: Int64) throws {
        self.subject = subject
        self.database = database
        self.office = office
        try findPunches()
        try findWaiting()
        try findFlagged()
    }

    var pin: Value { .text(subject.pin.canonical) }

    private mutating func findPunches() throws {
        var found: [(key: Key, place: Place)] = []
        try database.rows(
            "SELECT terminal, time, journal, seq FROM punch WHERE office = ? AND pin = ?",
            .int(office), pin
        ) { found.append((Key(terminal: $0.int(0), time: $0.int(1)), Self.place($0, from: 2))) }
        for (key, place) in found {
            punches.append(key)
            places.insert(place)
            try database.rows(
                "SELECT journal, seq FROM sighting WHERE terminal = ? AND time = ? AND pin = ?",
                .int(key.terminal), .int(key.time), pin
            ) { places.insert(Self.place($0, from: 0)) }
        }
    }

    private static func place(_ row: Row, from column: Int) -> Place {
        Place(journal: row.int(column), seq: row.int(column + 1))
    }

    /// Punches that were seen from this office, or of a terminal that stands in it, and not counted.
    private mutating func findWaiting() throws {
        try find(
            """
            SELECT w.journal, w.seq, e.line FROM waiting w
                JOIN entry e ON e.journal = w.journal AND e.seq = w.seq
            WHERE e.line IS NOT NULL AND (w.office = ?1
                OR w.terminal IN (SELECT terminal FROM placement WHERE office = ?1))
            """)
    }

    private mutating func findFlagged() throws {
        try find(
            """
            SELECT f.journal, f.seq, e.line FROM flagged f
                JOIN entry e ON e.journal = f.journal AND e.seq = f.seq
            WHERE e.line IS NOT NULL AND f.office = ?1
            """)
    }

    private mutating func find(_ sql: String) throws {
        try database.rows(sql, .int(office)) { row in
            guard let named = EntryFields(line: row.blob(2))?.pin,
                (try? Pin(named))?.canonical == subject.pin.canonical
            else { return }
            places.insert(Self.place(row, from: 0))
        }
    }

    func line(at place: Place) throws -> [UInt8]? {
        try database.first(
            "SELECT line FROM entry WHERE journal = ? AND seq = ?", .int(place.journal),
            .int(place.seq)
        ) { $0.optionalBlob(0) } ?? nil
    }

    func keptLines() throws -> Int {
        try places.count { try line(at: $0) != nil }
    }

    func provisional() throws -> Int {
        Int(
            try database.int(
                "SELECT count(*) FROM provisional WHERE office = ? AND pin = ?", .int(office), pin)
                ?? 0)
    }
}
