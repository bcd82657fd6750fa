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
        guard access(folder.journalFile, F_OK) == 0 else { return nil }
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
