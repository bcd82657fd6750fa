import Attendance
public import Exchange
import Glibc
import SQLite
import Synchronization

/// What the BKD knows: every entry verbatim, what follows from them, and what people stated.
///
/// One actor over one SQLite file. Another process (a command beside the running server) may open
/// the same file: writers wait for each other, and nothing here is remembered between two calls
/// that the other could have changed.
public actor Central {
    private nonisolated let queue = StoreQueue()
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        queue.asUnownedSerialExecutor()
    }

    /// Signs receipts. Bridges learn its public half when they are enrolled.
    public nonisolated let receiptKey: SigningKey
    /// Which keys came before it, for those who know one of them.
    nonisolated let succession: Succession

    private(set) var database: Database
    private let folder: String
    private let distress: Distress

    /// Opens or creates `centre.db` and `receipt.key` in a folder that exists.
    ///
    /// - Throws: an explained error; nothing that was there is changed then.
    public init(folder: String) throws {
        let first = try ReceiptKey.load(orMakeIn: folder)
        let distress = Distress()
        database = try Self.opened(in: folder, distress)
        self.folder = folder
        self.distress = distress
        try database.migrate(Schema.steps)
        succession = try Succession(in: database)
        receiptKey = try ReceiptKey.settled(first, in: folder, after: succession)
    }

    private static func opened(in folder: String, _ distress: Distress) throws -> Database {
        let path = "\(folder)/centre.db"
        try settle(path)
        let database = try Database(path: path, sharing: .shared)
        database.refused = { error in if error.isInputOutput { distress.error = error } }
        return database
    }

    /// What the disk has refused since the file was opened; set wherever SQLite speaks of it.
    private final class Distress: Sendable {
        private let state = Mutex<SQLiteError?>(nil)

        var error: SQLiteError? {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    /// After an input or output error the system's memory may be ahead of the disk and called clean:
    /// the file is opened anew, and what the disk has is read, before anything is receipted.
    ///
    /// - Throws: What the disk refuses, still; the store can be read meanwhile.
    func recover() throws {
        guard let error = distress.error else { return }
        guard takesWrites else { throw error }
        let system = database.system
        database.close()
        database = try Database.$vfs.withValue(system) { try Self.opened(in: folder, distress) }
        distress.error = nil
    }

    private var takesWrites: Bool {
        let path = "\(folder)/.trial"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer {
            Glibc.close(file)
            unlink(path)
        }
        return write(file, "titian\n", 7) == 7 && fsync(file) == 0
    }

    /// See `Database.settleLog`. Where another process has the file open, that one has done it.
    private static func settle(_ path: String) throws {
        do {
            let alone = try Database(path: path, sharing: .exclusive, keepsLog: true)
            defer { alone.close() }
            try alone.settleLog()
        } catch let error as SQLiteError where error.kind == .busy {}
    }

    /// Brings the write-ahead log into the file; the store can be used further.
    public func checkpoint() throws {
        try database.checkpoint()
    }

    /// Returns once the store has been asked something; while its disk hangs it does not.
    ///
    /// - Throws: an explained error if the store cannot be read.
    public func answers() throws {
        try database.execute("SELECT count(*) FROM bridge")
    }

    /// A consistent view over several statements, while another process may write.
    func reading<Result>(_ body: () throws -> Result) throws -> Result {
        try database.execute("BEGIN")
        defer { try? database.execute("COMMIT") }
        return try body()
    }
}

extension Central {
    /// Leaves commits unsynced: the control that shows that a test of power cuts bites.
    package func syncLess() throws {
        try database.execute("PRAGMA synchronous = NORMAL")
    }

    /// Asks SQLite whether the file is whole; what is wrong, or nil. For tests.
    package func quickCheck() throws -> String? {
        try database.quickCheck()
    }

    /// Closes the file; every later call fails. For tests.
    ///
    /// - Parameter untouched: Leaves the log as it is, as a process does that dies.
    package func close(untouched: Bool = false) {
        database.keepsLog = untouched
        database.close()
    }
}
