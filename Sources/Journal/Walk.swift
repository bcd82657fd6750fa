import Attendance
import Exchange
import SQLite

/// A walk along the chain that recomputes every step from the lines themselves.
struct Walk {
    /// The next entry to be looked at.
    private(set) var next: Int64
    /// The chain before ``next``.
    private(set) var chain: Chain
    /// The first entry that does not fit; nothing after it is looked at.
    private(set) var bad: Int64?

    init(from seq: Int64, after chain: Chain) {
        next = seq
        self.chain = chain
    }

    /// Goes on through entry `last`, all of which must be there.
    mutating func run(through last: Int64, on database: Database) throws {
        guard bad == nil else { return }
        var walk = self
        try database.rows(
            "SELECT seq, line, digest, hash FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq",
            .int(next), .int(last)
        ) { row in
            guard walk.bad == nil else { return }
            guard row.int(0) == walk.next, walk.step(row) else {
                return walk.bad = walk.next
            }
            walk.next += 1
        }
        if walk.next <= last { walk.bad = walk.next }
        self = walk
    }

    private mutating func step(_ row: Row) -> Bool {
        let digest = EntryRow.digest(line: row.optionalBlob(1), stored: row.blob(2))
        guard let digest else { return false }
        let hash = chain.append(digest: digest).bytes
        let stored = row.blob(3)
        return stored == hash || stored.isEmpty && next % EntryRow.hashEvery != 0
    }
}
