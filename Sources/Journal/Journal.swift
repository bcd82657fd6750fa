public import Attendance
public import Exchange
import SQLite
import Synchronization

/// Every punch on disk until the centre has receipted it, and what was read, is waiting, was sent.
///
/// One append-only sequence of lines with a hash chain over them. What ``record(_:positions:at:)``
/// has returned from survives a power cut. The file is held by this connection alone.
///
/// The actor runs on a thread of its own, so a slow SD card never holds up anything else.
public actor Journal {
    /// The journal's own random name, made with its file.
    public nonisolated let id: JournalID
    private(set) var database: Database
    /// The last write was refused: no room, or no writes at all.
    var isRefused = false
    /// The disk has given or taken no bytes: nothing is confirmed before the file was opened anew.
    private let distress: Distress
    let path: String
    private var folder: String { String(path.dropLast("/journal.db".count)) }
    var chain: Chain
    var tallies: Tallies
    let genesis: ChainHash
    /// What became of the journal that was here before; told before the next entry.
    var notice: EntryBody?
    /// Says that the file has to be repaired, which only its next opening can do.
    public nonisolated let alarms: AsyncStream<RepairCause>
    let alarm: AsyncStream<RepairCause>.Continuation
    private let executor: DatabaseExecutor
    /// How long small commits take.
    var pace = CommitPace()
    let stopwatch: @Sendable () -> Duration

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Opens the journal in `folder`, or makes it there.
    ///
    /// The end of the chain is checked before this returns; see ``verify()`` for all of it.
    ///
    /// - Parameters:
    ///   - folder: The state folder; it must be there.
    ///   - publicKey: The bridge's key; the chain of a new journal begins with it.
    ///   - random: Where a new journal's name comes from.
    ///   - stopwatch: A clock that is never set, to see how slow the disk is; nil for the box's.
    /// - Throws: ``JournalError`` or `SQLiteError`. The file is never replaced or emptied.
    public init(
        folder: String, publicKey: VerifyingKey,
        using random: inout some RandomNumberGenerator,
        stopwatch: (@Sendable () -> Duration)? = nil
    ) throws {
        let path = folder + "/journal.db"
        let bookmark = Bookmark(folder: folder)
        let former = bookmark.read()
        let existed = fileSize(path) != nil
        let counted = Self.entries(countedIn: path)
        // Closing the file would put the log into it up to the break, and delete what lies behind.
        if BrokenLog.holdsCommits(path + "-wal") { throw JournalError.damaged(path: path, seq: 0) }
        let database = try Database(
            path: path, sharing: .exclusive, applicationID: Schema.applicationID, keepsLog: true)
        if existed, let former, try database.int("PRAGMA user_version") == 0 {
            throw JournalError.emptied(path: path, journal: former)
        }
        try database.migrate(Schema.steps)
        id = try Self.identity(in: database, publicKey: publicKey, using: &random, path: path)
        let start = Chain(journal: id, publicKey: publicKey.bytes)
        genesis = start.head
        tallies = try Tallies(reading: database)
        chain = try Self.checkedTail(
            of: database, tallies, start: start, path: path)
        // A log that is older than the file would take the file back in time.
        if let counted, counted > tallies.head {
            throw JournalError.damaged(path: path, seq: tallies.head + 1)
        }
        if former != id { try bookmark.write(id) }
        notice = existed ? nil : former.map(Self.notice(ofMissing:))
        try database.settleLog()
        // Now that it is known to be ours, the log may go into the file.
        database.keepsLog = false
        let (alarms, alarm) = AsyncStream.makeStream(
            of: RepairCause.self, bufferingPolicy: .bufferingNewest(1))
        self.alarms = alarms
        self.alarm = alarm
        let distress = Distress()
        self.distress = distress
        Self.watch(database, distress, alarm)
        executor = DatabaseExecutor(label: "titian.journal")
        self.path = path
        self.database = database
        self.stopwatch = stopwatch ?? CommitPace.sinceStart
    }

    private static func watch(
        _ database: Database, _ distress: Distress,
        _ alarm: AsyncStream<RepairCause>.Continuation
    ) {
        database.refused = { error in
            if error.kind == .damaged { alarm.yield(RepairCause(.damaged, error.message)) }
            if error.isInputOutput { distress.isGreat = true }
        }
    }

    /// Set wherever SQLite speaks of it, looked at before the next write.
    private final class Distress: Sendable {
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

    private static func identity(
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
    private static func checkedTail(
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

    /// How many entries the file itself counts, without its log; nil where there is no log, or nothing
    /// that tells. Asked before SQLite opens the file: who closes it after that takes SQLite's lock
    /// away.
    private static func entries(countedIn path: String) -> Int64? {
        guard fileSize(path + "-wal") ?? 0 > 0, let file = SalvageFile(path, .database) else {
            return nil
        }
        // The counts have a page among the first: their table was made with the file.
        return (0..<min(file.pages, 64)).lazy.compactMap { index in
            file.page(index).flatMap { PageCarver(page: $0).tally()?.head }
        }.first
    }

    /// The last entry's number; 0 in a new journal.
    public var headSeq: Int64 { tallies.head }
    /// The centre has given receipts through this entry, whatever it still has.
    public var ackedThrough: Int64 { tallies.acked }

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

    // MARK: What is known of terminals

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

    // MARK: Care

    /// Walks the whole chain from its beginning, in stretches between which others may write, and
    /// compares it with what somebody who makes the chain anew would have to change as well.
    ///
    /// - Parameter centre: The key that signs receipts; nil where nobody knows it.
    public func verify(centre: VerifyingKey? = nil) async throws -> Verification {
        let bad = try await firstBad()
        let purged = try database.int("SELECT count(*) FROM entry WHERE line IS NULL") ?? 0
        return Verification(
            entries: Int(tallies.head), purged: Int(purged), firstBad: bad,
            doubt: bad == nil ? try await doubt(centre: centre) : nil)
    }

    private func firstBad() async throws -> Int64? {
        var walk = Walk(from: 1, after: Chain(after: genesis))
        while walk.bad == nil, walk.next <= tallies.head {
            let last = min(tallies.head, walk.next + Self.tailLength - 1)
            try walk.run(through: last, on: database)
            await Task.yield()
        }
        return walk.bad ?? (walk.chain == chain ? nil : tallies.head)
    }

    /// Asks SQLite whether the file is whole; what is wrong, or nil.
    public func quickCheck() throws -> String? {
        do {
            return try database.quickCheck()
        } catch let error as SQLiteError where error.kind == .damaged {
            return error.message
        }
    }

    /// Says that the file has to be repaired, whatever it looks like.
    public nonisolated func callForRepair(_ cause: RepairCause) {
        alarm.yield(cause)
    }

    /// The centre has other entries under this journal's name, or more than are here: an old image was
    /// restored, or the card was copied. Calls for a new journal.
    ///
    /// - Returns: Whether one will begin. One that was begun for this very reason and that the centre
    ///   refuses as well would be begun for ever.
    @discardableResult
    public func fork(_ detail: String) -> Bool {
        let wasForked = Self.repairs(in: folder).last?.cause == .forked
        guard tallies.acked > 0 || !wasForked else { return false }
        alarm.yield(RepairCause(.forked, detail))
        return true
    }

    /// Looks at all of the file, SQLite's order and the chain, and calls for a repair where
    /// something is wrong with it.
    public func examine() async throws {
        var wrong = try quickCheck()
        if wrong == nil { wrong = try await firstBad().map { "entry \($0)" } }
        if let wrong { alarm.yield(RepairCause(.damaged, wrong)) }
    }

    /// Forgets the bytes of entries that are receipted and in the centre's backup, and that were
    /// written before `limit`. One that was written while the box's clock was unset goes when an
    /// entry after it does. Digests and identities stay: the chain verifies, and an old log read
    /// again adds nothing. Of the receipts the newest thousand stay; each proves all before it.
    ///
    /// - Returns: How many lines were forgotten.
    @discardableResult
    public func prune(writtenBefore limit: UTCTime) throws -> Int {
        let last = try newestEntry(
            writtenBefore: limit, through: min(tallies.acked, tallies.safe))
        var forgotten = 0
        // In stretches: one transaction over a year would not fit on a small card.
        for first in stride(from: 1, through: last, by: Int(Self.tailLength)) {
            forgotten += try forget(
                first...min(last, first + Self.tailLength - 1), writtenBefore: limit)
        }
        try database.run(
            """
            DELETE FROM receipt WHERE acked <
                (SELECT acked FROM receipt ORDER BY acked DESC LIMIT 1 OFFSET 999)
            """)
        return forgotten
    }

    /// What is left of a line is its whole digest, which only the line itself can tell.
    private func forget(_ stretch: ClosedRange<Int64>, writtenBefore limit: UTCTime) throws -> Int {
        var digests: [(seq: Int64, digest: ChainHash)] = []
        try database.rows(
            """
            SELECT seq, line, digest FROM entry
            WHERE seq BETWEEN ? AND ? AND at < ? AND line IS NOT NULL
            """, .int(stretch.lowerBound), .int(stretch.upperBound), .int(limit.milliseconds)
        ) { row in
            let digest = EntryRow.digest(line: row.blob(1), stored: row.blob(2))
            guard let digest else { throw damaged(at: row.int(0)) }
            digests.append((row.int(0), digest))
        }
        guard !digests.isEmpty else { return 0 }
        try database.transaction {
            for (seq, digest) in digests {
                try database.run(
                    "UPDATE entry SET line = NULL, digest = ? WHERE seq = ?", .blob(digest.bytes),
                    .int(seq))
            }
        }
        return digests.count
    }

    /// Calls for a repair.
    func damaged(at seq: Int64) -> JournalError {
        alarm.yield(RepairCause(.damaged, "entry \(seq)"))
        return .damaged(path: path, seq: seq)
    }

    /// 1 January 2020: a clock that shows less was never set.
    private static let believable: Int64 = 1_577_836_800_000

    private func newestEntry(writtenBefore limit: UTCTime, through last: Int64) throws -> Int64 {
        try database.int(
            "SELECT seq FROM entry WHERE seq <= ? AND at >= ? AND at < ? ORDER BY seq DESC LIMIT 1",
            .int(last), .int(Self.believable), .int(limit.milliseconds)) ?? 0
    }

    /// Moves the write-ahead log into the file, before the daemon ends.
    public func checkpoint() throws {
        try database.checkpoint()
    }

    /// Closes the file; every later call fails.
    ///
    /// - Parameter untouched: Leaves the write-ahead log beside the file, for a repair.
    public func close(untouched: Bool = false) {
        database.keepsLog = untouched
        database.close()
        alarm.finish()
    }
}

extension Journal {
    /// Lets the file grow no further, as a full disk does; for tests.
    package func fillDisk() throws {
        let pages = try database.int("PRAGMA page_count") ?? 1
        try database.execute("PRAGMA max_page_count = \(pages + 1)")
    }

    /// Takes ``fillDisk()`` back.
    package func freeDisk() throws {
        try database.execute("PRAGMA max_page_count = 1073741823")
    }

    /// Leaves commits unsynced, as many programs do: a power cut then loses what was confirmed. The
    /// control that shows that a test of power cuts bites.
    package func syncLess() throws {
        try database.execute("PRAGMA synchronous = NORMAL")
    }
}
