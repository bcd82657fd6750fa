import SQLite

/// What may be missing: lines that somebody forgot who answers for it in the audit trail, and lines
/// whose loss was told in their office when it happened.
///
/// Rows that were only put into `forgotten` entitle to nothing.
struct Entitlements {
    /// What does not fit about the erasures themselves.
    private(set) var findings: [String] = []
    /// When the centre's period was applied.
    private var retentions: Set<Int64> = []
    private var firstErasure: Int64?
    private var holes: Set<String> = []

    init(reading database: Database) throws {
        try database.rows("SELECT at FROM audit WHERE action = 'apply-retention'") {
            retentions.insert($0.int(0))
        }
        try database.rows("SELECT received_at, detail FROM event WHERE code = 'journal-hole'") {
            holes.insert("\($0.int(0)) \($0.optionalText(1) ?? "")")
        }
        firstErasure = try database.int("SELECT min(at) FROM erased")
        try checkErasures(database)
    }

    /// Whether lines may be missing for this.
    func cover(_ range: Forgotten.Range) -> Bool {
        switch Forgotten.Reason(rawValue: range.reason) {
        case .retention: retentions.contains(range.at)
        case .subject: firstErasure.map { $0 <= range.at } ?? false
        case .hole, .unprovedHole:
            holes.contains("\(range.at) \(range.seqs.lowerBound) \(range.seqs.upperBound)")
        case nil: false
        }
    }

    private mutating func checkErasures(_ database: Database) throws {
        try database.rows(
            """
            SELECT t.name, e.pin FROM erased e LEFT JOIN terminal t ON t.id = e.terminal
            WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.action = 'erase-subject' AND a.at = e.at)
            """
        ) {
            findings.append("the erasure of \($0.text(0)) \($0.text(1)) is not in the audit trail")
        }
        // Where a terminal has moved, an erasure is of one of its offices alone.
        try database.rows(
            """
            SELECT DISTINCT t.name, e.pin FROM erased e JOIN terminal t ON t.id = e.terminal
                JOIN placement l ON l.terminal = e.terminal
                JOIN punch p ON p.office = l.office AND p.terminal = e.terminal
                    AND p.time <= e.through AND p.pin = e.pin
            WHERE (SELECT count(*) FROM placement o WHERE o.terminal = e.terminal) = 1
            """
        ) {
            findings.append(
                "punches of \($0.text(0)) \($0.text(1)) are still here after its erasure")
        }
    }
}

/// Goes along the ranges of forgotten lines beside the entries.
struct ForgottenWalk {
    private var ahead: ArraySlice<Forgotten.Range>
    private var open: [Forgotten.Range] = []

    init(_ ranges: [Forgotten.Range]) {
        ahead = ranges[...]
    }

    /// - Parameter seq: Not before the one asked for last.
    mutating func reasons(at seq: Int64) -> [Forgotten.Range] {
        while let next = ahead.first, next.seqs.lowerBound <= seq {
            open.append(next)
            ahead.removeFirst()
        }
        open.removeAll { $0.seqs.upperBound < seq }
        return open
    }
}
