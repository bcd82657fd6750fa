import Attendance
import Exchange
import SQLite

// What has to fit beside the chain: whoever can write the file can make the chain anew as well, but not
// the centre's receipts; and has to think of the identities.
extension Journal {
    /// The first thing that does not fit, in English; nil if all does.
    func doubt(centre: VerifyingKey?) async throws -> String? {
        let receipts = try keptReceipts()
        if let found = try doubtfulReceipt(receipts, centre) ?? doubtfulEnd() { return found }
        let told = tallies
        let (acked, safe) = (try receiptedThrough(), receipts.map(\.safe).max() ?? 0)
        var counted: (all: Int64, receipted: Int64) = (0, 0)
        for first in stride(from: 1, through: told.head, by: Int(Self.tailLength)) {
            let last = min(told.head, first + Self.tailLength - 1)
            if let found = try doubtfulGap(first...last, safe: max(safe, tallies.safe)) {
                return found
            }
            if last > acked, let found = try doubtfulEntry(max(first, acked + 1)...last) {
                return found
            }
            counted.all += try punches(from: first, through: last)
            counted.receipted += try punches(from: first, through: min(last, told.acked))
            await Task.yield()
        }
        return counted == (told.punches, told.receiptedPunches)
            ? nil : "the count of punches was changed"
    }

    /// As the file says: on a full disk the daemon knows of receipts that it could not write.
    private func receiptedThrough() throws -> Int64 {
        try database.int("SELECT acked FROM tally") ?? 0
    }

    private struct KeptReceipt {
        let acked: Int64
        let text: SignedText
        let receipt: Receipt?
        /// Through which entry a backup of the centre has the journal.
        var safe: Int64 { min(acked, receipt?.safeThrough ?? 0) }
    }

    private func keptReceipts() throws -> [KeptReceipt] {
        var receipts: [KeptReceipt] = []
        try database.rows("SELECT acked, text, key, signature FROM receipt ORDER BY acked") { row in
            let text = SignedText(text: row.text(1), key: row.text(2), signature: row.text(3))
            let receipt = try? WireJSON.decode(Receipt.self, fromOutside: text.text.utf8)
            receipts.append(KeptReceipt(acked: row.int(0), text: text, receipt: receipt))
        }
        return receipts
    }

    /// What the centre signed for is what stands here.
    private func doubtfulReceipt(
        _ receipts: [KeptReceipt], _ centre: VerifyingKey?
    ) throws -> String? {
        let through = try receiptedThrough()
        for kept in receipts {
            let what = "the receipt through entry \(kept.acked)"
            // One of a centre that was there before has another key.
            if let centre, kept.text.key == centre.id,
                !kept.text.isSigned(by: centre, purpose: .receipt)
            {
                return "\(what) was changed"
            }
            guard kept.acked <= through, kept.acked <= tallies.head, let receipt = kept.receipt,
                receipt.journal == id.description, receipt.ackedThrough == kept.acked,
                try hash(before: kept.acked + 1).description == receipt.head
            else { return "\(what) does not fit the journal" }
        }
        guard through > 0, receipts.last?.acked != through else { return nil }
        return "the receipt through entry \(through) is gone"
    }

    /// No identity is of an entry behind the last one.
    private func doubtfulEnd() throws -> String? {
        let last = try database.int("SELECT max(seq) FROM known") ?? 0
        return last > tallies.head ? "entry \(last) was cut off" : nil
    }

    /// Lines may be gone that a backup of the centre has.
    private func doubtfulGap(_ seqs: ClosedRange<Int64>, safe: Int64) throws -> String? {
        try database.int(
            "SELECT seq FROM entry WHERE seq BETWEEN ? AND ? AND line IS NULL ORDER BY seq LIMIT 1",
            .int(max(seqs.lowerBound, safe + 1)), .int(seqs.upperBound)
        ).map { "entry \($0) was forgotten, and no backup of the centre has it" }
    }

    /// Entries that no receipt proves yet: the identities say which punches they told of.
    private func doubtfulEntry(_ seqs: ClosedRange<Int64>) throws -> String? {
        var entries: [(seq: Int64, line: [UInt8])] = []
        try database.rows(
            """
            SELECT seq, line FROM entry WHERE seq BETWEEN ? AND ? AND counts = 1
            """, .int(seqs.lowerBound), .int(seqs.upperBound)
        ) { entries.append(($0.int(0), $0.blob(1))) }
        for (seq, line) in entries {
            guard try isKnown(line, first: seq) else { return "entry \(seq) is of no known punch" }
        }
        return nil
    }

    private func isKnown(_ line: [UInt8], first seq: Int64) throws -> Bool {
        guard let (terminal, punch, via) = EntryFields(line: line)?.punch else { return false }
        let key = KnownKey(terminal, punch)
        let told = Sighting(punch, via).attributes
        return try database.int(
            """
            SELECT 1 FROM known k WHERE time = ?1 AND identity BETWEEN ?2 AND ?5 AND seq = ?3
                AND (attributes = ?4 OR EXISTS (SELECT 1 FROM sighting s
                    WHERE s.time = ?1 AND s.identity = k.identity AND s.attributes = ?4))
            """, .int(key.time), .blob(key.identity), .int(seq), .int(told), .blob(key.longest))
            != nil
    }
}
