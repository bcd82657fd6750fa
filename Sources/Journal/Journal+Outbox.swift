import Attendance
public import Exchange
import SQLite

extension Journal {
    /// What waits for a receipt, from the oldest on; nil if nothing does.
    ///
    /// - Parameters:
    ///   - seq: Where the centre wants the batch to begin, if it said so.
    ///   - maxEntries: At least one entry is taken.
    ///   - maxBytes: Of the lines together; the first line is taken whatever its length.
    public func outbox(from seq: Int64? = nil, maxEntries: Int, maxBytes: Int) throws -> Outgoing? {
        try reopen()
        let first = max(1, seq ?? tallies.acked + 1)
        guard first <= tallies.head else { return nil }
        var forgotten: [ChainHash] = []
        var lines: [[UInt8]] = []
        var bytes = 0
        var isOpen = true
        try database.rows(
            "SELECT line, digest FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
            .int(first), .int(tallies.head), .int(max(1, maxEntries))
        ) { row in
            // A forgotten line behind others begins the next batch.
            guard isOpen, let line = row.optionalBlob(0) ?? (lines.isEmpty ? [] : nil) else {
                return isOpen = false
            }
            bytes += line.isEmpty ? 65 : line.count + 1
            guard forgotten.isEmpty && lines.isEmpty || bytes <= maxBytes else {
                return isOpen = false
            }
            guard let digest = EntryRow.digest(line: row.optionalBlob(0), stored: row.blob(1))
            else {
                throw damaged(at: first + Int64(forgotten.count + lines.count))
            }
            if row.isNull(0) {
                forgotten.append(digest)
            } else {
                lines.append(line)
            }
        }
        guard !forgotten.isEmpty || !lines.isEmpty else { return nil }
        let outgoing = Outgoing(
            first: first, prev: try hash(before: first), forgotten: forgotten, lines: lines)
        try check(outgoing)
        return outgoing
    }

    /// What a disk has changed since it was written does not leave the box.
    private func check(_ outgoing: Outgoing) throws {
        var chain = Chain(after: outgoing.prev)
        for digest in outgoing.forgotten { chain.append(digest: digest) }
        for line in outgoing.lines { chain.append(line: line) }
        guard try hash(before: outgoing.last + 1) != chain.head else { return }
        throw damaged(at: outgoing.first)
    }

    /// The receipt that shows why lines of a batch were forgotten here; nil where none were.
    public func proof(for batch: Outgoing) throws -> SignedText? {
        guard !batch.forgotten.isEmpty, let receipt = try newestReceipt() else { return nil }
        return SignedText(text: receipt.text, key: receipt.key, signature: receipt.signature)
    }

    /// The chain's hash before entry `seq`: what a call that begins there, even an empty one, names.
    public func hash(before seq: Int64) throws -> ChainHash {
        guard seq > 1 else { return genesis }
        guard seq <= tallies.head else { return chain.head }
        do {
            return try Self.hash(at: seq - 1, in: database, after: genesis, path: path)
        } catch JournalError.damaged(_, let seq) {
            throw damaged(at: seq)
        }
    }

    /// Where the next entry goes and what stands before it: the place of an empty call.
    public var end: (next: Int64, prev: ChainHash) { (tallies.head + 1, chain.head) }

    /// The newest punches after `seq`, oldest first, as verbatim lines: a preview for the centre.
    public func newestPunches(after seq: Int64, limit: Int) throws -> [String] {
        var lines: [String] = []
        try database.rows(
            """
            SELECT line FROM entry WHERE seq > ? AND seq <= ? AND counts = 1 AND line IS NOT NULL
            ORDER BY seq DESC LIMIT ?
            """, .int(seq), .int(tallies.head), .int(limit)
        ) { lines.append(String(decoding: $0.blob(0), as: UTF8.self)) }
        return lines.reversed()
    }

    /// Keeps a receipt whose signature has been verified.
    ///
    /// What was delivered stays delivered. But how far the centre's backup goes may go back: a
    /// centre that was restored from an older one says so, and nothing more is forgotten meanwhile.
    ///
    /// - Returns: Whether it moved anything on; an idle exchange writes nothing.
    /// - Throws: ``JournalError/receiptMismatch(seq:)`` if it speaks of another journal or of
    ///   entries that are not here in this form. Nothing is changed then.
    @discardableResult
    public func keep(_ receipt: Receipt, text: SignedText) throws -> Bool {
        var isUnwritten = try isDiskRefusing()
        let through = receipt.ackedThrough
        guard receipt.journal == id.description, through >= 0, through <= tallies.head,
            try hash(before: through + 1).description == receipt.head
        else { throw JournalError.receiptMismatch(seq: through) }
        let safe = min(receipt.safeThrough, through)
        guard through > tallies.acked || safe != tallies.safe else { return false }
        var moved = tallies
        moved.receiptedPunches += try punches(from: tallies.acked + 1, through: through)
        moved.acked = max(tallies.acked, through)
        moved.safe = safe
        do {
            if !isUnwritten { try keep(moved, UnwrittenReceipt(through: through, text: text)) }
        } catch let error as SQLiteError where error.isOfTheDisk {
            isUnwritten = true
        }
        if isUnwritten {
            // Sending goes on where nothing can be written: the receipt holds as long as the daemon
            // runs. After that these entries are sent once more, and count once.
            isRefused = true
            moved.safe = tallies.safe
            unwritten = UnwrittenReceipt(through: through, text: text)
        }
        tallies = moved
        return true
    }

    private func keep(_ moved: Tallies, _ receipt: UnwrittenReceipt) throws {
        try database.transaction {
            try write(moved)
            try receipt.write(to: database)
            CrashPoint.receiptWriting.reached()
        }
        unwritten = nil
        CrashPoint.receiptKept.reached()
    }

    /// Writes the counts, and with them the receipt that proves them.
    func write(_ tallies: Tallies) throws {
        try tallies.write(to: database)
        if let unwritten, unwritten.through == tallies.acked {
            try unwritten.write(to: database)
        }
    }

    /// Whether a disk that has failed before still does.
    private func isDiskRefusing() throws -> Bool {
        do {
            try recover()
            return false
        } catch JournalError.unwritable {
            return true
        } catch let error as SQLiteError where error.isOfTheDisk {
            return true
        }
    }

    /// Distinct punches that these entries were the first to tell.
    func punches(from first: Int64, through last: Int64) throws -> Int64 {
        try database.int(
            "SELECT coalesce(sum(counts), 0) FROM entry WHERE seq BETWEEN ? AND ?", .int(first),
            .int(last)) ?? 0
    }

    // MARK: Looking

    public func status() throws -> JournalStatus {
        try reopen()
        let next = tallies.acked + 1
        let oldest =
            next <= tallies.head
            ? try database.int("SELECT at FROM entry WHERE seq = ?", .int(next)) : nil
        return JournalStatus(
            id: id, headSeq: tallies.head, head: chain.head, ackedThrough: tallies.acked,
            safeThrough: tallies.safe, punches: Int(tallies.punches),
            receiptedPunches: Int(tallies.receiptedPunches), oddities: Int(tallies.oddities),
            queue: Int(tallies.head - tallies.acked),
            oldestUnsent: oldest.map(UTCTime.init(milliseconds:)),
            bytes: (fileSize(path) ?? 0) + (fileSize(path + "-wal") ?? 0),
            commitTime: pace.typical)
    }

    /// Lines from `seq` on, in order; purged ones are left out.
    public func lines(from seq: Int64, limit: Int) throws -> [(seq: Int64, line: [UInt8])] {
        var lines: [(seq: Int64, line: [UInt8])] = []
        try database.rows(
            "SELECT seq, line FROM entry WHERE seq >= ? AND line IS NOT NULL ORDER BY seq LIMIT ?",
            .int(seq), .int(limit)
        ) { lines.append(($0.int(0), $0.blob(1))) }
        return lines
    }

    /// The newest receipt, verbatim: proof of delivery.
    public func newestReceipt() throws -> (text: String, key: String, signature: String)? {
        try database.first("SELECT text, key, signature FROM receipt ORDER BY acked DESC LIMIT 1") {
            ($0.text(0), $0.text(1), $0.text(2))
        }
    }
}

extension SQLiteError {
    /// The disk takes nothing, or not all: what was kept before can be read all the same.
    fileprivate var isOfTheDisk: Bool { kind == .full || kind == .readOnly || isInputOutput }
}
