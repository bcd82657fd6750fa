public import Attendance
import Exchange
import Glibc
import SQLite

/// A file that stands beside the books and has to come back with them: keys, configuration.
public struct KeptFile: Hashable, Sendable {
    public let name: String
    public let bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// What a backup that was made, or restored, holds.
public struct BackupReport: Hashable, Sendable {
    public let file: BackupFile
    public let journals: Int
    public let entries: Int
    public let punches: Int
    /// The names of the files that are in it beside the books.
    public let files: [String]
}

extension Central {
    /// Writes all the centre knows, as it is at one moment, to a file, while others go on working.
    ///
    /// The file appears under its name when it is complete, was read again and is whole. Only then
    /// do bridges hear, with their next receipts, that it holds what they sent.
    ///
    /// - Parameters:
    ///   - path: The file; an older one is replaced.
    ///   - files: What stands beside the books.
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens.
    /// - Throws: ``BackupError`` or an SQLite error; an older file is untouched then.
    public func backup(
        to path: String, with files: [KeptFile], by doer: Doer, at now: UTCTime
    ) throws -> BackupReport {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) + "/" } ?? "./"
        let draft = "\(folder)\(Self.draftPrefix)\(UInt64.random(in: .min ... .max))"
        let turn = try Self.turn(in: folder)
        defer { Glibc.close(turn) }
        defer { for end in ["", "-wal", "-shm", "-journal"] { unlink(draft + end) } }
        try database.backup(to: draft)
        CrashPoint.backupCopied.reached()
        let copy = try Self.complete(draft, with: files)
        try BackupFile.seal(draft, at: now)
        CrashPoint.backupSealed.reached()
        let checked = try BackupFile(checking: draft)
        guard rename(draft, path) == 0 else {
            throw BackupError.unwritable(path, reason: String(cString: strerror(errno)))
        }
        try Self.synchronize(folder)
        CrashPoint.backupNamed.reached()
        try remember(copy.heads, checked, path, by: doer, at: now)
        CrashPoint.backupRemembered.reached()
        return BackupReport(
            file: try BackupFile(checking: path), journals: copy.heads.count,
            entries: copy.report.entries, punches: copy.report.punches,
            files: files.map(\.name).sorted())
    }

    private static let draftPrefix = ".titian-backup."

    /// One backup at a time in a folder; what one that was cut short has left is taken away, or the
    /// disk would fill with it.
    ///
    /// - Returns: The folder's descriptor: closing it lets the next one begin.
    private static func turn(in folder: String) throws -> Int32 {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw BackupError.unwritable(folder, reason: String(cString: strerror(errno)))
        }
        // Some network disks know no locks: there drafts are left alone.
        guard flock(descriptor, LOCK_EX) == 0, let names = opendir(folder) else {
            return descriptor
        }
        defer { closedir(names) }
        while let entry = readdir(names) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(draftPrefix) { unlink(folder + name) }
        }
        return descriptor
    }

    /// How far the copy has each journal.
    typealias Heads = [(journal: Int64, seq: Int64)]

    /// Adds the files to the copy, leaves out what nobody may take up again, and checks it all.
    private static func complete(
        _ draft: String, with files: [KeptFile]
    ) throws -> (heads: Heads, report: CentralVerification) {
        guard chmod(draft, 0o600) == 0 else {
            throw BackupError.unwritable(draft, reason: String(cString: strerror(errno)))
        }
        let copy = try Database(path: draft, sharing: .exclusive)
        defer { copy.close() }
        try copy.transaction {
            try copy.execute(Kept.table)
            for file in files {
                try copy.run(
                    "INSERT INTO kept_file VALUES (?, ?)", .text(file.name), .blob(file.bytes))
            }
            try copy.execute("DELETE FROM session")
        }
        let report = try Kept.wholeReport(of: copy)
        var heads: Heads = []
        try copy.rows("SELECT id, head_seq FROM journal ORDER BY id") {
            heads.append(($0.int(0), $0.int(1)))
        }
        try copy.checkpoint()
        return (heads, report)
    }

    /// Now bridges may hear of it.
    private func remember(
        _ heads: Heads, _ file: BackupFile, _ path: String, by doer: Doer, at now: UTCTime
    ) throws {
        try database.transaction {
            for head in heads {
                try database.run(
                    "UPDATE journal SET safe_seq = max(safe_seq, min(?, head_seq)) WHERE id = ?",
                    .int(head.seq), .int(head.journal))
            }
            try database.run(
                "INSERT INTO backup (made_at, path, bytes, sha256) VALUES (?, ?, ?, ?)",
                .int(now.milliseconds), .text(path), .int(file.bytes), .text(file.sha256))
            try audit(doer, "make-backup", path, at: now)
        }
    }

    /// Makes a new name itself survive a power cut.
    static func synchronize(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw BackupError.unwritable(folder, reason: String(cString: strerror(errno)))
        }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw BackupError.unwritable(folder, reason: String(cString: strerror(errno)))
        }
    }
}

// MARK: Restoring

extension Central {
    /// Takes a backup apart into a folder that is empty: the books, and the files beside them.
    ///
    /// - Parameters:
    ///   - path: The backup.
    ///   - folder: Where `centre.db` and the files are written; on disk when this returns.
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens.
    /// - Throws: ``BackupError`` or an SQLite error; what is in the folder is of no use then.
    public static func restore(
        _ path: String, into folder: String, by doer: Doer, at now: UTCTime
    ) async throws -> BackupReport {
        let file = try BackupFile(checking: path)
        let books = "\(folder)/centre.db"
        try file.copyBooks(to: books)
        CrashPoint.restoreCopied.reached()
        let files = try unpack(books, into: folder)
        CrashPoint.restoreUnpacked.reached()
        // Without it a new one would be made, which no bridge believes.
        guard files.contains(ReceiptKey.fileName) else {
            throw BackupError.damaged(path, reason: ReceiptKey.fileName)
        }
        let central = try Central(folder: folder)
        return try await central.comeBack(from: file, files: files, by: doer, at: now)
    }

    private static func unpack(_ books: String, into folder: String) throws -> [String] {
        let database = try Database(path: books, sharing: .exclusive)
        defer { database.close() }
        let names = try Kept.unpack(database, into: folder)
        try database.execute("PRAGMA secure_delete = ON; DROP TABLE kept_file")
        try database.checkpoint()
        return names
    }

    private func comeBack(
        from file: BackupFile, files: [String], by doer: Doer, at now: UTCTime
    ) throws -> BackupReport {
        let report = try Kept.wholeReport(of: database, path: file.path)
        let journals = try database.transaction {
            // The file these books come from holds all that they hold.
            let journals = try database.run("UPDATE journal SET safe_seq = head_seq")
            try audit(doer, "restore-backup", "\(file.madeAt) \(file.path)", at: now)
            return journals
        }
        try checkpoint()
        close()
        return BackupReport(
            file: file, journals: journals, entries: report.entries, punches: report.punches,
            files: files)
    }
}

/// The files in a copy of the books.
enum Kept {
    static let table = """
        CREATE TABLE kept_file (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """

    /// The check of a whole store, which has to find nothing.
    ///
    /// - Parameter path: The backup that is to blame; nil if the store in use is.
    static func wholeReport(of database: Database, path: String? = nil) throws
        -> CentralVerification
    {
        var findings: [String] = []
        if let finding = try database.quickCheck() { findings.append(finding) }
        var verifier = Verifier(database: database)
        if findings.isEmpty { try verifier.run() }
        findings += verifier.report.findings
        guard let finding = findings.first else { return verifier.report }
        if let path { throw BackupError.damaged(path, reason: finding) }
        throw BackupError.notWhole(finding: finding)
    }

    /// Writes the files and puts them on disk, each readable for its owner only.
    static func unpack(_ database: Database, into folder: String) throws -> [String] {
        var names: [String] = []
        try database.rows("SELECT name, bytes FROM kept_file ORDER BY name") { row in
            let name = row.text(0)
            guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else { return }
            try write(row.blob(1), to: "\(folder)/\(name)")
            names.append(name)
        }
        return names
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BackupError.unwritable(path, reason: String(cString: strerror(errno)))
        }
        defer { Glibc.close(descriptor) }
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(descriptor) == 0 else {
            throw BackupError.unwritable(path, reason: String(cString: strerror(errno)))
        }
    }
}
