import Attendance
import Exchange
import SQLite

/// Entries whose lines are not here, and why. Their digests are, so the chain verifies.
///
/// A line may be missing for these reasons and no other: the check of the whole store takes one
/// that stands nowhere here for a line that somebody took away.
enum Forgotten {
    enum Reason: String {
        /// The centre's own period is over.
        case retention
        /// A person's lines were erased.
        case subject
        /// Lost: the centre was restored from a backup that did not hold them, and the bridge had
        /// forgotten them because a receipt of the centre said that a backup did.
        case hole
        /// As ``hole``, but no receipt shows that the bridge was entitled to forget them.
        case unprovedHole = "unproved-hole"
    }

    static func note(
        _ database: Database, _ journal: Int64, _ seqs: ClosedRange<Int64>, _ reason: Reason,
        at now: UTCTime, from: UTCTime? = nil
    ) throws {
        try database.run(
            "INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?, ?, ?, ?, NULL)", .int(journal),
            .int(seqs.lowerBound), .int(seqs.upperBound), .text(reason.rawValue),
            .int(now.milliseconds), .int(from?.milliseconds))
    }

    /// Entries that are said to be forgotten for one reason, and when.
    struct Range {
        let seqs: ClosedRange<Int64>
        let reason: String
        let at: Int64
    }

    /// The ranges of a journal, in order.
    static func ranges(_ database: Database, of journal: Int64) throws -> [Range] {
        var ranges: [Range] = []
        try database.rows(
            """
            SELECT first_seq, last_seq, why, at FROM forgotten
            WHERE journal = ? AND first_seq <= last_seq ORDER BY first_seq
            """, .int(journal)
        ) {
            ranges.append(
                Range(seqs: $0.int(0)...$0.int(1), reason: $0.text(2), at: $0.int(3)))
        }
        return ranges
    }

    // MARK: Holes

    private static let isHole = "why IN ('hole', 'unproved-hole')"

    /// Until when nothing that a journal says of coverage can be believed any more, as entries of it are
    /// lost; nil if none are.
    ///
    /// A lost entry may tell of any punch before it was written: of a whole log that was read for the
    /// first time, or of an old stick. What was believed before the loss rests on entries that are here.
    static func doubtful(_ database: Database, in journal: Int64) throws -> UTCTime? {
        try database.first(
            "SELECT max(coalesce(through_at, ?)) FROM forgotten WHERE journal = ? AND \(isHole)",
            .int(Int64.max), .int(journal)
        ) { $0.optionalInt(0).map(UTCTime.init(milliseconds:)) } ?? nil
    }

    /// The first line that can be dated behind a hole ends it.
    static func endHoles(_ database: Database, in journal: Int64, at time: UTCTime) throws {
        try database.run(
            """
            UPDATE forgotten SET through_at = ?
            WHERE journal = ? AND through_at IS NULL AND \(isHole)
            """, .int(time.milliseconds), .int(journal))
    }
}

extension Central {
    /// Writes down that entries will never be here, and says so in the office.
    func noteHole(
        at new: ArraySlice<Batch.Entry>, provedBy proof: SignedText?, in journal: KnownJournal,
        of caller: Caller, at now: UTCTime
    ) throws {
        let gone = new.prefix { $0.line == nil }
        if let first = gone.first, let last = gone.last {
            let isProved = isProved(proof, in: journal.id, through: last.seq)
            try Forgotten.note(
                database, journal.row, first.seq...last.seq, isProved ? .hole : .unprovedHole,
                at: now, from: try timeOfLine(before: first.seq, in: journal))
            try event(
                "journal-hole", office: caller.office, at: now, now: now,
                detail: "\(first.seq) \(last.seq)")
        }
        let times = new.lazy.compactMap { $0.reading?.at }
        guard let time = times.first(where: { $0.milliseconds > Projection.believableFrom }) else {
            return
        }
        try Forgotten.endHoles(database, in: journal.row, at: time)
    }

    /// Whether a receipt of our own says that a backup holds all this.
    private nonisolated func isProved(
        _ proof: SignedText?, in journal: JournalID, through seq: Int64
    ) -> Bool {
        guard let proof, isOurReceipt(proof),
            let receipt = try? WireJSON.decode(Receipt.self, fromOutside: proof.text.utf8)
        else { return false }
        return receipt.journal == journal.description
            && min(receipt.ackedThrough, receipt.safeThrough) >= seq
    }

    private func timeOfLine(before seq: Int64, in journal: KnownJournal) throws -> UTCTime? {
        let line = try database.first(
            """
            SELECT line FROM entry WHERE journal = ? AND seq < ? AND line IS NOT NULL
            ORDER BY seq DESC LIMIT 1
            """, .int(journal.row), .int(seq)
        ) { $0.blob(0) }
        let time = line.flatMap { LineReading($0, seq: 0).at }
        return time.flatMap { $0.milliseconds > Projection.believableFrom ? $0 : nil }
    }
}
