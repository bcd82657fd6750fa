public import Attendance
public import Exchange
import Glibc
import SQLite

extension Journal {
    /// Whose journal it is, and when: what a repair has to know beside the file.
    public struct Surroundings: Sendable {
        /// The state folder; it must be there.
        public var folder: String
        /// The bridge's key.
        public var publicKey: VerifyingKey
        /// The centre's keys for receipts, of today and of before; none as long as the bridge is not
        /// enrolled.
        public var receiptKeys: [VerifyingKey]
        public var now: UTCTime

        public init(
            folder: String, publicKey: VerifyingKey, receiptKeys: [VerifyingKey], now: UTCTime
        ) {
            self.folder = folder
            self.publicKey = publicKey
            self.receiptKeys = receiptKeys
            self.now = now
        }
    }

    /// Opens the journal, and repairs it first where that has to be: the file is set aside, a new
    /// journal begins, and every line of the old one that its digest still proves and that has no
    /// receipt is appended again.
    ///
    /// A power cut at any step leaves the old journal as it was, or the new one whole.
    ///
    /// - Parameters:
    ///   - place: The folder, and what the journal is told from outside.
    ///   - cause: Repairs whatever the file looks like.
    ///   - random: Draws the id of a new journal.
    /// - Throws: What is not the file's fault (see ``RepairCause``); nothing was changed then.
    public static func open(
        _ place: Surroundings, repairing cause: RepairCause? = nil,
        using random: inout some RandomNumberGenerator & Sendable
    ) async throws -> Journal {
        let workshop = Workshop(folder: place.folder)
        try workshop.install()
        var cause = cause ?? leftBehind(in: place.folder)
        if cause == nil {
            do {
                return try await opened(place, using: &random)
            } catch {
                cause = Self.cause(error, in: place.folder)
                guard cause != nil else { throw error }
            }
        }
        guard let cause else { throw JournalError.damaged(path: place.folder, seq: 0) }
        let salvage = Salvage(place)
        let report = try await workshop.build(
            cause, salvage, at: place, using: &random)
        try workshop.install()
        let journal = try Journal(
            folder: place.folder, publicKey: place.publicKey, using: &random)
        await journal.tell(report)
        return journal
    }

    /// What a repair would do; nil if the journal can be opened and is whole. Changes nothing.
    public static func plan(_ place: Surroundings, cause: RepairCause) -> RepairReport {
        RepairReport(cause, Salvage(place), at: place.now)
    }

    /// Why the journal in a folder cannot be opened; nil for what is not the file's fault.
    public static func cause(_ error: any Error, in folder: String) -> RepairCause? {
        let path = folder + "/journal.db"
        if let error = error as? SQLiteError, error.kind == .readOnly {
            // Where the folder takes files, a file that does not open is not the disk's fault.
            let isFiles = access(folder, W_OK) == 0 && access(path, R_OK | W_OK) != 0
            return isFiles && errno != EROFS ? RepairCause(.unreadable, error.message) : nil
        }
        return RepairCause(error, schema: statements(in: path))
    }

    /// The repairs there have been in a folder, the oldest first.
    public static func repairs(in folder: String) -> [RepairReport] {
        Aside(in: folder).reports()
    }

    private func tell(_ report: RepairReport) {
        notice = report.notice
    }

    /// A log whose database is empty or gone holds all that is left; SQLite would delete it.
    private static func leftBehind(in folder: String) -> RepairCause? {
        let path = folder + "/journal.db"
        guard (fileSize(path) ?? 0) == 0 else { return nil }
        let hasLog = (fileSize(path + "-wal") ?? 0) > 0
        let isEmptied = fileSize(path) != nil && Bookmark(folder: folder).read() != nil
        return hasLog || isEmptied ? RepairCause(.emptied, "no bytes in journal.db") : nil
    }

    /// After a power cut the log is put into the file only if SQLite finds both whole.
    private static func opened(
        _ place: Surroundings, using random: inout some RandomNumberGenerator & Sendable
    ) async throws -> Journal {
        let path = place.folder + "/journal.db"
        let wasCut = (fileSize(path + "-wal") ?? 0) > 0 && (fileSize(path) ?? 0) < Self.quickSize
        let journal = try Journal(
            folder: place.folder, publicKey: place.publicKey, using: &random)
        guard wasCut, try await journal.quickCheck() != nil else { return journal }
        await journal.close(untouched: true)
        throw JournalError.damaged(path: path, seq: 0)
    }

    /// What SQLite looks through in a second or two, also from a slow card.
    private static let quickSize: Int64 = 64 << 20

    private static func statements(in path: String) -> [String] {
        var statements: [String] = []
        guard let database = try? Database(path: path, sharing: .exclusive, keepsLog: true) else {
            return []
        }
        try? database.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL") {
            statements.append($0.text(0))
        }
        return statements
    }
}

extension Salvage {
    init(_ place: Journal.Surroundings) {
        self.init(
            folder: place.folder, publicKey: place.publicKey, receiptKeys: place.receiptKeys,
            former: Bookmark(folder: place.folder).read(),
            noted: HeadNote(folder: place.folder).read())
    }
}

/// Where a new journal is made before it takes the old one's place: `repair.new/` in the state folder,
/// and `repair.ready/` from the moment on at which it is whole.
private struct Workshop {
    let folder: String

    private var draft: String { folder + "/repair.new" }
    private var ready: String { folder + "/repair.ready" }
    private var note: String { "/repair.json" }

    func build(
        _ cause: RepairCause, _ salvage: Salvage, at place: Journal.Surroundings,
        using random: inout some RandomNumberGenerator & Sendable
    ) async throws -> RepairReport {
        sweep(draft)
        guard mkdir(draft, 0o750) == 0 else { throw SmallFile.failure(draft) }
        FolderOwner.adopt(draft)
        do {
            CrashPoint.repairBegun.reached()
            let journal = try Journal(
                folder: draft, publicKey: place.publicKey, using: &random)
            try await journal.carry(salvage)
            CrashPoint.repairCarried.reached()
            try await journal.finish()
            let report = try report(cause, salvage, at: place.now)
            guard rename(draft, ready) == 0 else { throw SmallFile.failure(ready) }
            try SmallFile.flush(folder)
            CrashPoint.repairReady.reached()
            return report
        } catch {
            sweep(draft)
            throw error
        }
    }

    private func report(
        _ cause: RepairCause, _ salvage: Salvage, at now: UTCTime
    ) throws -> RepairReport {
        var report = RepairReport(cause, salvage, at: now)
        let sizes = ["", "-wal"].compactMap { fileSize(folder + "/journal.db" + $0) }
        report.bytes = sizes.reduce(0, +)
        report.file = sizes.isEmpty ? nil : Aside(in: folder).nextName(cause.kind)
        try SmallFile.write(try WireJSON.encode(report), to: draft + note)
        return report
    }

    /// Puts a journal that is ready into the old one's place; goes on where a power cut has stopped it.
    func install() throws {
        let new = ready + "/journal.db"
        if fileSize(new) != nil {
            let report = SmallFile.read(ready + note).flatMap {
                try? WireJSON.decode(RepairReport.self, from: $0)
            }
            let aside = Aside(in: folder)
            let isThere = fileSize(folder + "/journal.db") != nil
            let name = report?.file ?? (isThere ? aside.nextName(.damaged) : nil)
            if let name { try aside.take(report, as: name) }
            CrashPoint.repairAside.reached()
            guard rename(new, folder + "/journal.db") == 0 else { throw SmallFile.failure(new) }
            try SmallFile.flush(folder)
            CrashPoint.repairInstalled.reached()
            aside.thinOut()
        }
        sweep(ready)
    }

    private func sweep(_ folder: String) {
        for name in Aside.files(in: folder) { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }
}
