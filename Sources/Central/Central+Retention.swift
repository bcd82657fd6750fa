public import Attendance
import Exchange
import SQLite

/// Which lines the centre's own period lets go.
public struct RetentionReport: Hashable, Sendable {
    /// Lines written before this moment.
    public let limit: UTCTime
    public var journals = 0
    public var lines = 0
    public var bytes: Int64 = 0
    public var isApplied: Bool
}

extension Central {
    /// Finds, and forgets where that is wished, the lines written before a moment.
    ///
    /// Their digests stay, so that every chain verifies; and so do the punches that were counted by
    /// them, so that an old log read again adds nothing. A line that waits for an operator stays.
    /// A line is dated by itself, or by the one before where the box's clock was unset.
    ///
    /// - Parameters:
    ///   - limit: The end of the period.
    ///   - apply: Whether they are forgotten; else nothing is changed.
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens.
    public func retention(
        before limit: UTCTime, apply: Bool, by doer: Doer, at now: UTCTime
    ) throws -> RetentionReport {
        var report = RetentionReport(limit: limit, isApplied: apply)
        var journals: [Int64] = []
        try database.rows("SELECT id FROM journal ORDER BY id") { journals.append($0.int(0)) }
        if apply {
            try database.execute("PRAGMA secure_delete = ON")
            try record(doer, "apply-retention", object: "lines before \(limit)", at: now)
        }
        for journal in journals {
            let before = report.lines
            var search = try RetentionSearch(
                journal: journal, limit: limit, now: now, database: database)
            while let found = try search.next() {
                for seqs in found.ranges {
                    report.lines += seqs.count
                    if apply { try forget(seqs, of: journal, at: now) }
                }
                report.bytes += found.bytes
            }
            if report.lines > before { report.journals += 1 }
        }
        if apply { try checkpoint() }
        return report
    }

    /// One transaction a range: bridges wait no longer than for one of their own calls.
    private func forget(_ seqs: ClosedRange<Int64>, of journal: Int64, at now: UTCTime) throws {
        try database.transaction {
            try database.run(
                "UPDATE entry SET line = NULL WHERE journal = ? AND seq BETWEEN ? AND ?",
                .int(journal), .int(seqs.lowerBound), .int(seqs.upperBound))
            let grown = try database.run(
                """
                UPDATE forgotten SET last_seq = ?
                WHERE journal = ? AND last_seq = ? AND why = 'retention'
                """, .int(seqs.upperBound), .int(journal), .int(seqs.lowerBound - 1))
            if grown == 0 {
                try Forgotten.note(database, journal, seqs, .retention, at: now)
            }
        }
    }
}

/// Goes along a journal in pieces and finds lines that are old enough.
private struct RetentionSearch {
    let journal: Int64
    let limit: UTCTime
    let database: Database
    private let waiting: Set<Int64>
    private let dating: Dating
    private var last: Int64 = 0
    private var written: UTCTime?

    private static let piece = 5_000

    init(journal: Int64, limit: UTCTime, now: UTCTime, database: Database) throws {
        self.journal = journal
        dating = Dating(database, journal: journal, now: now)
        self.limit = limit
        self.database = database
        var waiting: Set<Int64> = []
        try database.rows("SELECT seq FROM waiting WHERE journal = ?", .int(journal)) {
            waiting.insert($0.int(0))
        }
        self.waiting = waiting
    }

    /// What one piece of the journal has; nil at its end.
    mutating func next() throws -> (ranges: [ClosedRange<Int64>], bytes: Int64)? {
        var seqs: [Int64] = []
        var bytes: Int64 = 0
        var count = 0
        var (last, written) = (last, written)
        try database.rows(
            """
            SELECT seq, line FROM entry WHERE journal = ? AND seq > ? AND line IS NOT NULL
            ORDER BY seq LIMIT ?
            """, .int(journal), .int(last), .int(Self.piece)
        ) { row in
            count += 1
            last = row.int(0)
            let line = row.blob(1)
            let reading = LineReading(line, seq: last)
            if let at = reading.at, at.milliseconds > Projection.believableFrom {
                written = try dating.dated(reading).reading.at
            }
            guard let written, written < limit, !waiting.contains(last) else { return }
            seqs.append(last)
            bytes += Int64(line.count)
        }
        (self.last, self.written) = (last, written)
        return count == 0 ? nil : (seqs.ranges, bytes)
    }
}

extension [Int64] {
    /// Rising numbers as ranges without gaps.
    var ranges: [ClosedRange<Int64>] {
        reduce(into: []) { ranges, seq in
            if let open = ranges.last, open.upperBound + 1 == seq {
                ranges[ranges.count - 1] = open.lowerBound...seq
            } else {
                ranges.append(seq...seq)
            }
        }
    }
}
