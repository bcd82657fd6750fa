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
    ///   tries again.
    func recover() throws {
        guard distress.isGreat else { return }
        // As long as the disk takes no writes the file stays open: what waits in it can be sent.
        try Bookmark(folder: folder).write(id)
        database.keepsLog = true
        database.close()
        let system = database.system
        let fresh = try Database.$vfs.withValue(system) {
            try Database(
                path: path, sharing: .exclusive, applicationID: Schema.applicationID,
                keepsLog: true)
        }
        let counts = try Tallies(reading: fresh)
        let start = Chain(after: genesis)
        chain = try Self.checkedTail(of: fresh, counts, start: start, path: path)
        tallies = counts
        try fresh.settleLog()
        fresh.keepsLog = false
        distress.isGreat = false
        Self.watch(fresh, distress, alarm)
        database = fresh
    }
}
