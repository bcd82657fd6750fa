public import Attendance
public import Exchange
import SQLite

extension Journal {
    /// Walks the whole chain from its beginning, in stretches between which others may write, and
    /// compares it with what somebody who makes the chain anew would have to change as well.
    ///
    /// - Parameter centre: The key that signs receipts; nil where nobody knows it.
    public func verify(centre: VerifyingKey? = nil) async throws -> Verification {
        let bad = try await firstBad()
        let purged = try database.int("SELECT count(*) FROM entry WHERE line IS NULL") ?? 0
        return Verification(
            entries: Int(tallies.head), purged: Int(purged), firstBad: bad,
            doubt: bad == nil ? try await doubt(centre: centre) : nil)
    }

    private func firstBad() async throws -> Int64? {
        var walk = Walk(from: 1, after: Chain(after: genesis))
        while walk.bad == nil, walk.next <= tallies.head {
            let last = min(tallies.head, walk.next + Self.tailLength - 1)
            try walk.run(through: last, on: database)
            await Task.yield()
        }
        return walk.bad ?? (walk.chain == chain ? nil : tallies.head)
    }

    /// Asks SQLite whether the file is whole; what is wrong, or nil.
    public func quickCheck() throws -> String? {
        do {
            return try database.quickCheck()
        } catch let error as SQLiteError where error.kind == .damaged {
            return error.message
        }
    }

    /// Says that the file has to be repaired, whatever it looks like.
    public nonisolated func callForRepair(_ cause: RepairCause) {
        alarm.yield(cause)
    }

    /// The centre has other entries under this journal's name, or more than are here: an old image was
    /// restored, or the card was copied. Calls for a new journal.
    ///
    /// - Returns: Whether one will begin. One that was begun for this very reason and that the centre
    ///   refuses as well would be begun for ever.
    @discardableResult
    public func fork(_ detail: String) -> Bool {
        let wasForked = Self.repairs(in: folder).last?.cause == .forked
        guard tallies.acked > 0 || !wasForked else { return false }
        alarm.yield(RepairCause(.forked, detail))
        return true
    }

    /// Looks at all of the file, SQLite's order and the chain, and calls for a repair where
    /// something is wrong with it.
    public func examine() async throws {
        var wrong = try quickCheck()
        if wrong == nil { wrong = try await firstBad().map { "entry \($0)" } }
        if let wrong { alarm.yield(RepairCause(.damaged, wrong)) }
    }

    /// Forgets the bytes of entries that are receipted and in the centre's backup, and that were
    /// written before `limit`. One that was written while the box's clock was unset goes when an
    /// entry after it does. Digests and identities stay: the chain verifies, and an old log read
    /// again adds nothing. Of the receipts the newest thousand stay; each proves all before it.
    ///
    /// - Returns: How many lines were forgotten.
    @discardableResult
    public func prune(writtenBefore limit: UTCTime) throws -> Int {
        try recover()
        let last = try newestEntry(
            writtenBefore: limit, through: min(tallies.acked, tallies.safe))
        var forgotten = 0
        // In stretches: one transaction over a year would not fit on a small card.
        for first in stride(from: 1, through: last, by: Int(Self.tailLength)) {
            forgotten += try forget(
                first...min(last, first + Self.tailLength - 1), writtenBefore: limit)
        }
        try database.run(
            """
            DELETE FROM receipt WHERE acked <
                (SELECT acked FROM receipt ORDER BY acked DESC LIMIT 1 OFFSET 999)
            """)
        return forgotten
    }

    /// What is left of a line is its whole digest, which only the line itself can tell.
    private func forget(_ stretch: ClosedRange<Int64>, writtenBefore limit: UTCTime) throws -> Int {
        var digests: [(seq: Int64, digest: ChainHash)] = []
        try database.rows(
            """
            SELECT seq, line, digest FROM entry
            WHERE seq BETWEEN ? AND ? AND at < ? AND line IS NOT NULL
            """, .int(stretch.lowerBound), .int(stretch.upperBound), .int(limit.milliseconds)
        ) { row in
            let digest = EntryRow.digest(line: row.blob(1), stored: row.blob(2))
            guard let digest else { throw damaged(at: row.int(0)) }
            digests.append((row.int(0), digest))
        }
        guard !digests.isEmpty else { return 0 }
        try database.transaction {
            for (seq, digest) in digests {
                try database.run(
                    "UPDATE entry SET line = NULL, digest = ? WHERE seq = ?", .blob(digest.bytes),
                    .int(seq))
            }
        }
        return digests.count
    }

    /// Calls for a repair.
    func damaged(at seq: Int64) -> JournalError {
        alarm.yield(RepairCause(.damaged, "entry \(seq)"))
        return .damaged(path: path, seq: seq)
    }

    /// 1 January 2020: a clock that shows less was never set.
    private static let believable: Int64 = 1_577_836_800_000

    private func newestEntry(writtenBefore limit: UTCTime, through last: Int64) throws -> Int64 {
        try database.int(
            "SELECT seq FROM entry WHERE seq <= ? AND at >= ? AND at < ? ORDER BY seq DESC LIMIT 1",
            .int(last), .int(Self.believable), .int(limit.milliseconds)) ?? 0
    }
}
