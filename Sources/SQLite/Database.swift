import Attendance
import CSQLite
import Glibc

/// One connection to one database file, used by one task or actor at a time.
///
/// The few things Titian needs of SQLite, exactly: settings are read back after they are set,
/// because a pragma that was refused says nothing.
public final class Database {
    /// How a file is opened.
    public enum Sharing: Hashable, Sendable {
        /// This connection alone holds the file until it is closed; a second opener is refused.
        case exclusive
        /// Other processes may open the file too; a writer waits up to half a minute for another.
        case shared
    }

    /// The SQLite VFS through which files are opened in this task; nil: the system's own. Tests put
    /// a disk there that fails. No setting leads here, and the package's users cannot reach it.
    @TaskLocal package static var vfs: String?

    public let path: String
    /// The VFS it was opened with; see ``vfs``.
    package let system: String?
    private let handle: OpaquePointer
    /// What went wrong when the log was moved into the file, behind a commit that is whole.
    private let failure = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    private var cache: [String: Statement] = [:]
    /// Whether ``close()`` has not been called.
    public private(set) var isOpen = true
    /// Told of everything that SQLite refuses, before the caller is.
    public var refused: ((SQLiteError) -> Void)?
    /// Closing leaves the write-ahead log as it is and moves nothing of it into the file: for a file
    /// that nobody has looked at yet, and for one that is damaged.
    public var keepsLog = false {
        didSet { if isOpen { titian_sqlite_keep_log(handle, keepsLog ? 1 : 0) } }
    }

    /// Opens or creates the file: WAL, `synchronous = FULL`, foreign keys on.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - sharing: Whether this connection alone holds the file.
    ///   - applicationID: The number in the header of the caller's files, which their first
    ///     migration sets; a database with another one is refused before anything in it is changed.
    ///   - keepsLog: See ``keepsLog``.
    /// - Throws: ``SQLiteError``; nothing of the file was changed unless it was empty.
    public init(
        path: String, sharing: Sharing, applicationID: Int32? = nil, keepsLog: Bool = false
    ) throws {
        self.path = path
        system = Self.vfs
        FolderOwner.prepare(path)
        if sharing == .exclusive { Self.forgetCached(path) }
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let result = sqlite3_open_v2(path, &opened, flags, Self.vfs)
        guard result == SQLITE_OK, let opened else {
            let error = SQLiteError(result, of: opened, path: path)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        self.keepsLog = keepsLog
        titian_sqlite_keep_log(handle, keepsLog ? 1 : 0)  // no didSet within init
        failure.initialize(to: SQLITE_OK)
        titian_sqlite_watch_log(handle, failure)
        sqlite3_busy_timeout(handle, sharing == .shared ? 30_000 : 0)
        if sharing == .exclusive { try set("locking_mode", "exclusive", expecting: "exclusive") }
        if let applicationID { try refuseForeign(applicationID) }
        try configure(sharing)
    }

    /// Lets the system forget what it holds of the file and its log, so that they are read as the disk
    /// has them: after a write that failed its memory is ahead of the disk and called clean, and ext4
    /// may leave blocks that were new then unwritten however often they are written again.
    private static func forgetCached(_ path: String) {
        for file in [path, path + "-wal"] {
            let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            // Only what is written can be forgotten. What cannot be written is forgotten too.
            fsync(descriptor)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            Glibc.close(descriptor)
        }
    }

    deinit {
        close()
        failure.deallocate()
    }

    /// Closes the file and gives it free for others. Closing twice does nothing.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        cache = [:]  // statements end before their connection
        sqlite3_close_v2(handle)
    }

    private func checkOpen() throws {
        guard isOpen else {
            throw SQLiteError(
                kind: .failed, code: SQLITE_MISUSE, message: "closed already", path: path)
        }
    }

    private func configure(_ sharing: Sharing) throws {
        // A new file becomes WAL through a rollback journal. Were its deletion not on disk when the
        // power fails, it would come back and roll away everything since, WAL and all.
        try set("synchronous", "extra", expecting: "3")
        try becomeWAL(sharing)
        try set("synchronous", "full", expecting: "2")
        #if DEBUG
            // The control of the power cuts: commits that are not synced must be lost.
            if getenv("TITIAN_SYNCHRONOUS").map({ String(cString: $0) }) == "NORMAL" {
                try set("synchronous", "normal", expecting: "1")
            }
        #endif
        try set("foreign_keys", "on", expecting: "1")
        // A WAL that is never cut grows with the largest transaction; keep it small on SD cards.
        try set("journal_size_limit", "4194304", expecting: "4194304")
        if sharing == .exclusive {
            // Takes the lock now, so that a second opener is refused at once and not later.
            try execute("BEGIN IMMEDIATE; COMMIT")
        }
    }

    /// SQLite does not wait where several open a new file at once and each would make it WAL; the
    /// first one will have done it for all.
    private func becomeWAL(_ sharing: Sharing) throws {
        for attempt in 0... {
            do {
                return try set("journal_mode", "wal", expecting: "wal")
            } catch let error as SQLiteError where error.kind == .busy {
                guard sharing == .shared, attempt < 1_000 else { throw error }
                usleep(30_000)
            }
        }
    }

    /// A file of another program, or of nobody but with something in it, is not ours to change.
    private func refuseForeign(_ applicationID: Int32) throws {
        let found = try int("PRAGMA application_id") ?? 0
        guard found != Int64(applicationID) else { return }
        let isEmpty = try int("SELECT count(*) FROM sqlite_schema") == 0
        guard found == 0, isEmpty else {
            throw SQLiteError(
                kind: .foreign, code: SQLITE_NOTADB, message: "application_id \(found)", path: path)
        }
    }

    private func set(_ pragma: String, _ value: String, expecting: String) throws {
        try execute("PRAGMA \(pragma) = \(value)")
        let found = try text("PRAGMA \(pragma)") ?? ""
        guard found.lowercased() == expecting else {
            throw SQLiteError(
                kind: .failed, code: SQLITE_ERROR,
                message: "\(pragma) is \(found) and not \(expecting)", path: path)
        }
    }

    // MARK: Statements

    /// Runs one or more statements without values.
    public func execute(_ sql: String) throws {
        try watched {
            try checkOpen()
            let result = sqlite3_exec(handle, sql, nil, nil, nil)
            guard result == SQLITE_OK else { throw SQLiteError(result, of: handle, path: path) }
        }
    }

    private func watched<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            let result = try body()
            if failure.pointee != SQLITE_OK {
                refused?(SQLiteError(failure.pointee, of: nil, path: path))
                failure.pointee = SQLITE_OK
            }
            return result
        } catch let error as SQLiteError {
            refused?(error)
            throw error
        }
    }

    /// Runs `body` with a statement that is ready to step.
    private func with<Result>(
        _ sql: String, _ values: [Value], _ body: (Statement) throws -> Result
    ) throws -> Result {
        try watched {
            let statement = try prepared(sql)
            defer { statement.reset() }
            try statement.bind(values)
            return try body(statement)
        }
    }

    /// Runs one statement with values to its end.
    ///
    /// - Returns: How many rows it changed.
    @discardableResult
    public func run(_ sql: String, _ values: Value...) throws -> Int {
        try run(sql, values)
    }

    /// Runs one statement with values to its end.
    @discardableResult
    public func run(_ sql: String, _ values: [Value]) throws -> Int {
        try with(sql, values) { statement in
            while try statement.step() {}
            return Int(sqlite3_changes(handle))
        }
    }

    /// Reads rows one by one; `read` gets each while the statement stands on it.
    public func rows(
        _ sql: String, _ values: Value..., read: (Row) throws -> Void
    ) throws {
        try rows(sql, values, read: read)
    }

    /// Reads rows one by one; `read` gets each while the statement stands on it.
    public func rows(_ sql: String, _ values: [Value], read: (Row) throws -> Void) throws {
        try with(sql, values) { statement in
            while try statement.step() { try read(statement.row) }
        }
    }

    /// The first row, turned into a value; nil if there is none.
    public func first<Result>(
        _ sql: String, _ values: Value..., read: (Row) throws -> Result
    ) throws -> Result? {
        try with(sql, values) { try $0.step() ? try read($0.row) : nil }
    }

    /// The first column of the first row as a number.
    public func int(_ sql: String, _ values: Value...) throws -> Int64? {
        try with(sql, values) { try $0.step() ? $0.row.optionalInt(0) : nil }
    }

    /// The first column of the first row as a text.
    public func text(_ sql: String, _ values: Value...) throws -> String? {
        try with(sql, values) { try $0.step() ? $0.row.optionalText(0) : nil }
    }

    public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    private func prepared(_ sql: String) throws -> Statement {
        try checkOpen()
        guard let cached = cache[sql] else {
            let statement = try Statement(sql, on: handle, path: path)
            cache[sql] = statement
            return statement
        }
        // Asked again while its rows are being read: a second one, for this time only.
        return cached.isRunning ? try Statement(sql, on: handle, path: path) : cached
    }

    // MARK: Transactions

    /// Runs `body` in one transaction: all of it is on disk when this returns, or nothing is.
    @discardableResult
    public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // COMMIT itself may have rolled back already (disk full): then there is nothing left.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Brings the schema from the version in `user_version` to the newest, one step a transaction.
    ///
    /// - Throws: ``SQLiteError`` of kind `newer` if the file was written by a newer program.
    public func migrate(_ steps: [String]) throws {
        let version = Int(try int("PRAGMA user_version") ?? 0)
        guard version <= steps.count else {
            throw SQLiteError(
                kind: .newer, code: SQLITE_ERROR, message: "schema \(version)", path: path)
        }
        for (index, step) in steps.enumerated().dropFirst(version) {
            try transaction {
                // Another process may have been faster since: it waits for us, or we for it.
                guard try int("PRAGMA user_version") ?? 0 <= index else { return }
                try execute(step)
                try execute("PRAGMA user_version = \(index + 1)")
            }
        }
    }

    // MARK: Care

    /// Asks SQLite whether the file is whole; the first thing that is wrong, or nil.
    public func quickCheck() throws -> String? {
        let answer = try text("PRAGMA quick_check(1)") ?? "no answer"
        return answer == "ok" ? nil : answer
    }

    /// Puts on the disk what the log holds, for who holds the file alone and has just opened it.
    ///
    /// SQLite takes whole commits that it finds in the log for kept. But a process that died before
    /// its sync, or whose sync failed, leaves them in the system's memory alone, and the system may
    /// even call them clean: no later sync would write them, and what is written behind them would be
    /// lost with them when the power goes.
    public func settleLog() throws {
        let result = titian_sqlite_rewrite_log(handle)
        guard result == SQLITE_OK else { throw SQLiteError(result, of: nil, path: path) }
    }

    /// Moves what is in the WAL into the file itself and cuts the WAL.
    public func checkpoint() throws {
        let result = sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard result == SQLITE_OK || result == SQLITE_BUSY else {
            let error = SQLiteError(result, of: handle, path: path)
            refused?(error)
            throw error
        }
    }

    /// Copies the whole database to another file while this one is in use.
    public func backup(to target: String) throws {
        try run("VACUUM INTO ?", .text(target))
    }
}
