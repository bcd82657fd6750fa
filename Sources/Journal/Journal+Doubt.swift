import Attendance
import Exchange
import SQLite

// What has to fit beside the chain: whoever can write the file can make the chain anew as well, but not
// the centre's receipts; and has to think of the identities.
extension Journal {
    /// The first thing that does not fit, in English; nil if all does.
    func doubt(centre: VerifyingKey?) async throws -> String? {
        if let found = try doubtfulReceipt(centre) ?? doubtfulEnd() { return found }
        var next = try receiptedThrough() + 1
        while next <= tallies.head {
            let last = min(tallies.head, next + Self.tailLength - 1)
            if let found = try doubtfulEntry(next...last) { return found }
            next = last + 1
            await Task.yield()
        }
        return nil
    }

    /// As the file says: on a full disk the daemon knows of receipts that it could not write.
    private func receiptedThrough() throws -> Int64 {
        try database.int("SELECT acked FROM tally") ?? 0
    }

    /// What the centre signed for is what stands here.
    private func doubtfulReceipt(_ centre: VerifyingKey?) throws -> String? {
        var receipts: [(acked: Int64, text: SignedText)] = []
        try database.rows("SELECT acked, text, key, signature FROM receipt ORDER BY acked") { row in
            let text = SignedText(text: row.text(1), key: row.text(2), signature: row.text(3))
            receipts.append((row.int(0), text))
        }
        let through = try receiptedThrough()
        for (acked, text) in receipts {
            let what = "the receipt through entry \(acked)"
            // One of a centre that was there before has another key.
            if let centre, text.key == centre.id, !text.isSigned(by: centre, purpose: .receipt) {
                return "\(what) was changed"
            }
            guard acked <= through, acked <= tallies.head,
                let receipt = try? WireJSON.decode(Receipt.self, fromOutside: text.text.utf8),
                receipt.journal == id.description, receipt.ackedThrough == acked,
                try hash(before: acked + 1).description == receipt.head
            else { return "\(what) does not fit the journal" }
        }
        return nil
    }

    /// No identity is of an entry behind the last one.
    private func doubtfulEnd() throws -> String? {
        let last = try database.int("SELECT max(seq) FROM known") ?? 0
        return last > tallies.head ? "entry \(last) was cut off" : nil
    }

    /// Entries that no receipt proves yet: the identities say which punches they told of.
    private func doubtfulEntry(_ seqs: ClosedRange<Int64>) throws -> String? {
        var entries: [(seq: Int64, line: [UInt8]?)] = []
        try database.rows(
            """
            SELECT seq, line FROM entry WHERE seq BETWEEN ? AND ? AND (counts = 1 OR line IS NULL)
            """, .int(seqs.lowerBound), .int(seqs.upperBound)
        ) { entries.append(($0.int(0), $0.optionalBlob(1))) }
        for (seq, line) in entries {
            guard let line else { return "entry \(seq) was forgotten and has no receipt" }
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
