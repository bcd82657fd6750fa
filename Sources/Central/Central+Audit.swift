public import Attendance
import Exchange
import SQLite

extension Central {
    /// Adds one line to the audit trail: it is on disk when this returns.
    ///
    /// - Parameters:
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens.
    ///   - object: What it is done to.
    ///   - action: English words joined by hyphens: `sign-in`, `view-office`.
    public func record(_ doer: Doer, _ action: String, object: String? = nil, at now: UTCTime)
        throws
    {
        try database.transaction { try audit(doer, action, object, at: now) }
    }

    /// The newest rows first.
    ///
    /// - Parameters:
    ///   - limit: How many rows at most.
    ///   - seq: Only rows before this one.
    public func auditRows(before seq: Int64? = nil, limit: Int) throws -> [AuditRow] {
        var rows: [AuditRow] = []
        try database.rows(
            """
            SELECT seq, at, who, action, object, address FROM audit
            WHERE seq < ? ORDER BY seq DESC LIMIT ?
            """, .int(seq ?? .max), .int(limit)
        ) { rows.append(AuditTrail.row($0)) }
        return rows
    }

    /// Recomputes the chain over the newest rows and its end: quick, however long the trail is.
    /// ``verify()`` goes over all of it.
    public func auditIsWhole(newest: Int = 10_000) throws -> Bool {
        try reading { try AuditTrail.check(database, newest: newest).findings.isEmpty }
    }

    /// Adds a row within the caller's transaction.
    func audit(_ doer: Doer, _ action: String, _ object: String?, at now: UTCTime) throws {
        let last = try AuditTrail.head(database)
        let row = AuditRow(
            seq: last.seq + 1, at: now, who: doer.name, action: action, object: object,
            address: doer.address)
        var chain = Chain(after: last.chain)
        let head = Value.blob(chain.append(line: AuditTrail.line(row)).bytes)
        try database.run(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", .int(row.seq),
            .int(now.milliseconds), .text(row.who), .text(action), .text(object),
            .text(row.address), head)
        try database.run("REPLACE INTO audit_head VALUES (1, ?, ?)", .int(row.seq), head)
    }
}

/// The chain over the audit trail: each row's hash covers all before it, and the head is kept
/// apart, so that a row changed, inserted or cut off shows.
enum AuditTrail {
    static func row(_ row: Row) -> AuditRow {
        AuditRow(
            seq: row.int(0), at: UTCTime(milliseconds: row.int(1)), who: row.text(2),
            action: row.text(3), object: row.optionalText(4), address: row.text(5))
    }

    /// What is hashed of a row.
    static func line(_ row: AuditRow) -> [UInt8] {
        var line = JSONLine()
        line.add("seq", row.seq)
        line.add("at", row.at.description)
        line.add("who", row.who)
        line.add("action", row.action)
        line.add("object", ifPresent: row.object)
        line.add("address", row.address)
        return line.finished
    }

    static func head(_ database: Database) throws -> (seq: Int64, chain: ChainHash) {
        let stored = try database.first("SELECT seq, chain FROM audit_head") {
            (seq: $0.int(0), chain: try ChainHash(bytes: $0.blob(1)))
        }
        return try stored ?? (0, start())
    }

    private static func start() throws -> ChainHash {
        Chain.digest(ofLine: Array("titian audit v1".utf8))
    }

    /// Recomputes the newest rows, or all.
    static func check(
        _ database: Database, newest: Int = .max
    ) throws -> (rows: Int, findings: [String]) {
        var findings: [String] = []
        let head = try head(database)
        var seq = max(0, head.seq - Int64(newest))
        let before = try database.first("SELECT chain FROM audit WHERE seq = ?", .int(seq)) {
            try ChainHash(bytes: $0.blob(0))
        }
        var chain = Chain(after: try before ?? start())
        try database.rows(
            """
            SELECT seq, at, who, action, object, address, chain FROM audit
            WHERE seq > ? ORDER BY seq
            """, .int(seq)
        ) { stored in
            seq += 1
            let row = row(stored)
            if row.seq != seq || chain.append(line: line(row)).bytes != stored.blob(6) {
                if findings.count < 10 { findings.append("audit row \(row.seq) was changed") }
                seq = row.seq
                if let hash = try? ChainHash(bytes: stored.blob(6)) { chain = Chain(after: hash) }
            }
        }
        if head.seq != seq || head.chain != chain.head {
            findings.append("the audit trail ends at \(seq) and not at \(head.seq)")
        }
        return (Int(seq), findings)
    }
}
