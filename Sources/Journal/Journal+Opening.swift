import Attendance
import Exchange
import SQLite

extension Journal {
    static func identity(
        in database: Database, publicKey: VerifyingKey,
        using random: inout some RandomNumberGenerator, path: String
    ) throws -> JournalID {
        let stored = try database.first("SELECT journal, public_key FROM identity_card") { row in
            (row.text(0), row.blob(1))
        }
        guard let (journal, key) = stored else {
            let id = JournalID(using: &random)
            try database.transaction {
                try database.run(
                    "INSERT INTO identity_card (one, journal, public_key) VALUES (1, ?, ?)",
                    .text(id.description), .blob(publicKey.bytes))
                try database.run("UPDATE tally SET journal = ?", .text(id.description))
            }
            return id
        }
        guard key == publicKey.bytes else { throw JournalError.otherKey(path: path) }
        return try JournalID(journal)
    }

    /// How many entries back the chain is checked at every start.
    static let tailLength: Int64 = 2_000

    /// Recomputes the end of the chain from the lines themselves.
    static func checkedTail(
        of database: Database, _ tallies: Tallies, start: Chain, path: String
    ) throws -> Chain {
        let head = tallies.head
        let last = try database.int("SELECT coalesce(max(seq), 0) FROM entry") ?? 0
        guard last <= head else { throw JournalError.damaged(path: path, seq: head + 1) }
        let first = max(1, head - tailLength + 1)
        var chain = start
        if first > 1 {
            let before = try hash(at: first - 1, in: database, after: start.head, path: path)
            chain = Chain(after: before)
        }
        var walk = Walk(from: first, after: chain)
        try walk.run(through: head, on: database)
        let isEnd = tallies.hash.isEmpty || tallies.hash == walk.chain.head.bytes
        if let bad = walk.bad ?? (isEnd ? nil : head) {
            throw JournalError.damaged(path: path, seq: bad)
        }
        return walk.chain
    }

    /// The journal ends where it was confirmed to, or later: a note is some seconds behind a power cut.
    static func compare(
        _ tallies: Tallies, of journal: JournalID, with note: HeadNote.Content?, path: String
    ) throws {
        guard let note, note.journal == journal, note.seq > tallies.head else { return }
        throw JournalError.behind(path: path, head: tallies.head, confirmed: note.seq)
    }

    /// How many entries the file itself counts, without its log; nil where there is no log, or nothing
    /// that tells. Asked before SQLite opens the file: who closes it after that takes SQLite's lock
    /// away.
    static func entries(countedIn path: String) -> Int64? {
        guard fileSize(path + "-wal") ?? 0 > 0, let file = SalvageFile(path, .database) else {
            return nil
        }
        // The counts have a page among the first: their table was made with the file.
        return (0..<min(file.pages, 64)).lazy.compactMap { index in
            file.page(index).flatMap { PageCarver(page: $0).tally()?.head }
        }.first
    }
}
