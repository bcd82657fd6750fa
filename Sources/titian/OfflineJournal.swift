import Attendance
import Bridge
import Exchange
import Glibc
import Journal

/// The journal of this box while no daemon holds it.
enum OfflineJournal {
    /// Opens it for the length of `body`; the daemon cannot start meanwhile.
    ///
    /// - Returns: nil if there is no journal yet; none is made.
    /// - Throws: ``Journal/JournalError``, or that another program holds the file.
    static func read<Result: Sendable>(
        in folder: StateFolder, _ body: (Journal) async throws -> Result
    ) async throws -> Result? {
        guard try folder.hasJournal else { return nil }
        return try await with(folder, body)
    }

    /// As ``read(in:_:)``, but makes the folder, the key and the journal if they are not there.
    static func with<Result: Sendable>(
        _ folder: StateFolder, _ body: (Journal) async throws -> Result
    ) async throws -> Result {
        var random = SystemRandomNumberGenerator()
        let journal = try Journal(
            folder: folder.path, publicKey: try folder.signingKey().verifying, using: &random)
        do {
            let result = try await body(journal)
            await journal.close()
            return result
        } catch {
            await journal.close()
            throw error
        }
    }
}

extension OfflineJournal {
    /// Looks at the journal, and at what a repair would do where it needs one.
    ///
    /// - Parameter look: Looks at a journal that can be opened.
    /// - Returns: nil if there is no journal yet.
    static func examine(
        in folder: StateFolder, _ look: (Journal) async throws -> Wholeness
    ) async throws -> Wholeness? {
        var found: Wholeness
        do {
            guard let seen = try await read(in: folder, look) else { return nil }
            found = seen
        } catch {
            guard let cause = Journal.cause(error, in: folder.path) else { throw error }
            found = Wholeness(whole: false, message: cause.detail)
        }
        if found.isDamaged {
            found.plan = Journal.plan(try surroundings(folder), cause: found.cause)
        }
        return found
    }

    /// Repairs the journal as the daemon does.
    static func repair(in folder: StateFolder, cause: RepairCause) async throws -> RepairReport? {
        var random = SystemRandomNumberGenerator()
        let journal = try await Journal.open(
            try surroundings(folder), repairing: cause, using: &random)
        await journal.close()
        Ownership.giveToService(folder)
        return Journal.repairs(in: folder.path).last
    }

    private static func surroundings(_ folder: StateFolder) throws -> Journal.Surroundings {
        try folder.surroundings(at: Host.system.now())
    }
}

extension StateFolder {
    /// Whether a journal is there.
    ///
    /// - Throws: ``StateError`` where the folder may not be looked into: what is in it is not known then.
    var hasJournal: Bool {
        get throws(StateError) {
            if access(journalFile, F_OK) == 0 { return true }
            guard errno == ENOENT || errno == ENOTDIR else {
                throw .unusable(path: path, reason: String(cString: strerror(errno)))
            }
            return false
        }
    }
}

/// There is nothing to look at: no daemon runs and nothing was ever written here.
struct NoJournal: Explained {
    let folder: String

    var problem: Problem {
        Problem(
            code: "cli.no-journal",
            summary: Text(
                id: "titiand tidak berjalan dan belum ada jurnal di \(folder).",
                en: "titiand is not running and there is no journal in \(folder) yet."),
            remedy: Text(
                id: "Jalankan 'systemctl start titiand', atau sebutkan folder lain dengan --state.",
                en: "Run 'systemctl start titiand', or name another folder with --state."))
    }
}
