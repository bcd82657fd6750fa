import Attendance
import Exchange
import SQLite

extension Journal {
    /// Rows in one transaction.
    private static let rowsAtOnce = 2_000

    /// Takes over the lines that were found of another journal. Only for a journal that nothing was
    /// written to yet.
    ///
    /// Not synced step by step: until ``finish()`` nothing of it counts.
    func carry(_ salvage: Salvage) throws {
        try database.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -16000; BEGIN")
        var count = 0
        let isWhole = salvage.isWhole
        try salvage.lines { line in
            // It speaks of all punches told before it: only together with them is it true for a centre
            // that has nothing but this journal.
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
