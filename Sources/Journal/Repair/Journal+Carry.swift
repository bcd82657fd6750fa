import Attendance
import Exchange
import SQLite

extension Journal {
    /// Rows in one transaction.
    private static let rowsAtOnce = 2_000

    /// Takes over what was found of another journal: the identities of what the centre has, and
    /// every line it does not have. Only for a journal that nothing was written to yet.
    ///
    /// Not synced step by step: until ``finish()`` nothing of it counts.
    func carry(_ salvage: Salvage) throws {
        try database.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -16000; BEGIN")
        var count = 0
        try salvage.identities { identity in
            try remember(identity)
            count += 1
            try pause(after: count)
        }
        let isWhole = salvage.missing == 0
        try salvage.lines { line in
            // What was read through an entry that is lost was not read whole.
            guard isWhole || line.fields?.kind != "coverage" else { return }
            try take(line, from: salvage.journal)
            count += 1
            try pause(after: count)
        }
        if salvage.boot > 0 {
            try database.run(
                "INSERT INTO boot (number, boot_id) VALUES (?, 'before')", .int(salvage.boot))
        }
        try tallies.write(to: database)
        try database.execute("COMMIT")
    }

    private func pause(after count: Int) throws {
        if count % Self.rowsAtOnce == 0 { try database.execute("COMMIT; BEGIN") }
    }

    private func remember(_ identity: PageCarver.Identity) throws {
        // Number 0: before this journal began.
        let key = KnownKey(
            time: identity.time, identity: Array(identity.identity.prefix(KnownKey.length)))
        guard try known(key) == nil else { return }
        try keep(
            key, seq: 0, Sighting(rank: identity.source, attributes: identity.attributes))
        guard identity.time != 0 else { return }
        tallies.punches += 1
        tallies.receiptedPunches += 1
    }

    private func take(_ line: CarriedLine, from journal: JournalID?) throws {
        let identity = line.identity
        let isFirst = try identity.map { try sighted($0.key, $0.sighting) == .first } ?? false
        let isPunch = line.fields?.kind == "punch"
        if isFirst, isPunch { tallies.punches += 1 }
        if isFirst, line.fields?.kind == "oddity" { tallies.oddities += 1 }
        try append(
            line.line(seq: tallies.head + 1, from: journal), at: line.at, counts: isFirst && isPunch
        )
        guard let terminal = line.terminal else { return }
        switch line.fields?.kind {
        // Coverage is shown anew by the next read: what the terminal still holds decides.
        case "clock": try note("clock", of: terminal)
        case "import": try note(terminal)
        default: break
        }
    }

    /// Everything is on disk, in one file, when this returns.
    func finish() throws {
        try database.execute("PRAGMA synchronous = FULL")
        try database.checkpoint()
        close()
        try SmallFile.flush(path)
    }
}
