import Attendance
public import Exchange
import SQLite

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

    let database: Database

    /// Opens or creates `centre.db` and `receipt.key` in a folder that exists.
    ///
    /// - Throws: an explained error; nothing that was there is changed then.
    public init(folder: String) throws {
        receiptKey = try ReceiptKey.load(orMakeIn: folder)
        let path = "\(folder)/centre.db"
        try Self.settle(path)
        database = try Database(path: path, sharing: .shared)
        try database.migrate(Schema.steps)
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
    package func close() {
        database.close()
    }
}
