public import Attendance
public import Exchange
import SQLite

extension Journal {
    /// The number of this start of the box: the same for the same `bootID`, one more for a new one.
    ///
    /// - Parameter bootID: The kernel's random name of this start (`/proc/sys/kernel/random/boot_id`).
    public func bootNumber(forBootID bootID: String) throws -> Int64 {
        try recover()
        if let known = try database.int("SELECT number FROM boot WHERE boot_id = ?", .text(bootID))
        {
            return known
        }
        let number = (try database.int("SELECT coalesce(max(number), 0) FROM boot") ?? 0) + 1
        try database.run(
            "INSERT INTO boot (number, boot_id) VALUES (?, ?)", .int(number), .text(bootID))
        return number
    }

    /// Where the terminal's log has been read to, in the words of whoever recorded it.
    public func position(of terminal: TerminalID) throws -> String? {
        try database.text("SELECT position FROM terminal WHERE id = ?", .text(terminal.description))
    }

    /// Terminals whose log has been read, or whose file was taken in, in the order of their names.
    public func terminals() throws -> [TerminalID] {
        var terminals: [TerminalID] = []
        try database.rows("SELECT id FROM terminal ORDER BY id") { row in
            if let id = try? TerminalID(row.text(0)) { terminals.append(id) }
        }
        return terminals
    }

    /// Which of these facts are known by their identity; one that has none is never known.
    public func knows(_ bodies: [EntryBody]) throws -> [Bool] {
        try bodies.map { body in
            try KnownKey(of: body).map { try known($0) != nil } ?? false
        }
    }

    /// The newest clock entry about a terminal, so that a restart goes on where it was.
    public func newestClock(of terminal: TerminalID) throws -> EntryFields? {
        try fields("SELECT clock FROM terminal WHERE id = ?", terminal)
    }

    /// The newest coverage entry about a terminal.
    public func newestCoverage(of terminal: TerminalID) throws -> EntryFields? {
        try fields("SELECT coverage FROM terminal WHERE id = ?", terminal)
    }

    private func fields(_ sql: String, _ terminal: TerminalID) throws -> EntryFields? {
        guard let seq = try database.int(sql, .text(terminal.description)) else { return nil }
        let line = try database.first("SELECT line FROM entry WHERE seq = ?", .int(seq)) {
            $0.optionalBlob(0)
        }
        return (line ?? nil).flatMap { EntryFields(line: $0) }
    }
}
