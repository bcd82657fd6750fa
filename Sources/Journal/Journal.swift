import Attendance
public import Exchange
import SQLite

/// Every punch on disk until the centre has receipted it, and what was read, is waiting, was sent.
///
/// One append-only sequence of lines with a hash chain over them. What ``record(_:positions:at:)``
/// has returned from survives a power cut. The file is held by this connection alone.
///
/// The actor runs on a thread of its own, so a slow SD card never holds up anything else.
public actor Journal {
    /// The journal's own random name, made with its file.
    public nonisolated let id: JournalID
    var database: Database
    /// The last write was refused: no room, or no writes at all.
    var isRefused = false
    /// The newest receipt, where the disk has refused it; it goes with the next entry.
    var unwritten: UnwrittenReceipt?
    /// The disk has given or taken no bytes: nothing is confirmed before the file was opened anew.
    let distress: Distress
    let path: String
    var folder: String { String(path.dropLast("/journal.db".count)) }
    var chain: Chain
    var tallies: Tallies
    let genesis: ChainHash
    /// What became of the journal that was here before; told before the next entry.
    var notice: EntryBody?
    /// Says that the file has to be repaired, which only its next opening can do.
    public nonisolated let alarms: AsyncStream<RepairCause>
    let alarm: AsyncStream<RepairCause>.Continuation
    let headNote: HeadNote
    private let executor: DatabaseExecutor
    /// How long small commits take.
    var pace = CommitPace()
    let stopwatch: @Sendable () -> Duration

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Opens the journal in `folder`, or makes it there.
    ///
    /// The end of the chain is checked before this returns; see ``verify(centre:)`` for all of it.
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
        let log = path + "-wal"
        if BrokenLog.isDamaged(log) { throw JournalError.damaged(path: log, seq: 0) }
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
        let headNote = HeadNote(folder: folder)
        try Self.compare(tallies, of: id, with: headNote.read(), path: path)
        self.headNote = headNote
        if former != id { try bookmark.write(id) }
        notice = existed ? nil : former.map(Self.notice(ofMissing:))
        try database.settleLog()
        headNote.write(HeadNote.Content(journal: id, seq: tallies.head))
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

    /// The last entry's number; 0 in a new journal.
    public var headSeq: Int64 { tallies.head }
    /// The centre has given receipts through this entry, whatever it still has.
    public var ackedThrough: Int64 { tallies.acked }

    /// Moves the write-ahead log into the file, before the daemon ends.
    public func checkpoint() throws {
        try recover()
        try database.checkpoint()
    }

    /// Closes the file; every later call fails.
    ///
    /// - Parameter untouched: Leaves the write-ahead log beside the file, for a repair.
    public func close(untouched: Bool = false) {
        // A log that the disk may not have must not go into the file: a power cut in the middle of it would
        // leave a file that nothing completes.
        database.keepsLog = untouched || distress.isGreat
        database.close()
        distress.isGreat = false  // nobody opens it again
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
