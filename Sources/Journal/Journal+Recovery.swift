import Exchange
import SQLite
import Synchronization

extension Journal {
    static func watch(
        _ database: Database, _ distress: Distress,
        _ alarm: AsyncStream<RepairCause>.Continuation
    ) {
        database.refused = { error in
            if error.kind == .damaged { alarm.yield(RepairCause(.damaged, error.message)) }
            if error.isInputOutput { distress.isGreat = true }
        }
    }

    /// Set wherever SQLite speaks of it, looked at before the next write.
    final class Distress: Sendable {
        private let state = Mutex(false)

        var isGreat: Bool {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    /// Whether the disk takes writes again, after it has refused one; asked before a terminal is read,
    /// for what cannot be kept need not be fetched.
    ///
    /// - Throws: What keeps it from writing, still.
    public func probe() throws {
        try recover()
        guard isRefused else { return }
        // SQLite writes no page that ends as it began, unless a row has come and gone in between.
        try database.transaction {
            try database.run("INSERT INTO boot (number, boot_id) VALUES (-1, 'probe')")
            try database.run("DELETE FROM boot WHERE number = -1")
        }
        isRefused = false
    }

    /// After an input or output error the system may call pages clean that never reached the disk,
    /// and SQLite's memory may be ahead of it: the file is closed, opened and read again first.
    ///
    /// - Throws: What opening or the look at it meets; then nothing is confirmed, and the next call
    ///   tries again. What was confirmed before the error can be read and sent all the same.
    func recover() throws {
        guard distress.isGreat else { return }
        // As long as the disk takes no writes at all the file stays open as it is.
        if database.isOpen { try Bookmark(folder: folder).write(id) }
        let found = try openAnew()
        try database.settleLog()
        (tallies, chain) = found
        unwritten = nil
        database.keepsLog = false
        distress.isGreat = false
    }

    /// Where not even opening has succeeded, whoever wants to read what waits tries anew.
    func reopen() throws {
        guard distress.isGreat, !database.isOpen else { return }
        _ = try openAnew()
    }

    /// SQLite allows a process one connection that holds the file alone, so the old one goes first.
    /// All that the new one does is to read: a disk that takes no writes lets it stand.
    ///
    /// - Returns: What the file says. It may be ahead of what was confirmed by a commit that the disk has
    ///   refused and that is whole all the same; such entries leave the box once they are settled.
    private func openAnew() throws -> (Tallies, Chain) {
        database.keepsLog = true
        database.close()
        let fresh = try Database.$vfs.withValue(database.system) {
            try Database(
                path: path, sharing: .exclusive, applicationID: Schema.applicationID,
                keepsLog: true)
        }
        let counts = try Tallies(reading: fresh)
        let end: Chain
        do {
            end = try Self.checkedTail(of: fresh, counts, start: Chain(after: genesis), path: path)
        } catch JournalError.damaged(_, let seq) {
            throw damaged(at: seq)
        }
        if counts.head < tallies.head { (tallies, chain) = (counts, end) }
        Self.watch(fresh, distress, alarm)
        database = fresh
        return (counts, end)
    }
}
