import Attendance
public import Central
import FoundationEssentials
import Glibc

/// Puts a backup where the centre's books belong: all of it, or nothing that could be used.
///
/// The backup is taken apart in a folder within the data folder. As long as that is there no
/// command opens the data folder, and `serve` cannot begin an empty book with new keys in it.
public struct Restoration {
    private let data: String
    private let draft: String

    public init(_ configuration: ServerConfiguration) {
        data = configuration.data
        draft = "\(configuration.data)/\(DataFolder.restoring)"
    }

    /// - Parameter file: The backup.
    /// - Throws: `BackupError`; the data folder is as empty as it was then.
    public func run(from file: String) async throws -> BackupReport {
        let checked = try BackupFile(checking: file)
        _ = try DataFolder(data)
        if FileManager.default.fileExists(atPath: draft) { try clear() }
        guard try contents(of: data).isEmpty else { throw BackupError.folderNotEmpty(data) }
        guard mkdir(draft, 0o700) == 0 else { throw failure(draft) }
        FolderOwner.adopt(draft)
        try synchronize(data)
        do {
            let report = try await Central.restore(
                checked.path, into: draft, by: Centre.commandLine, at: Surroundings.host.now())
            try moveIn()
            return report
        } catch {
            try? clear()
            throw error
        }
    }

    /// The books last: without them the folder is none.
    private func moveIn() throws {
        let names = try contents(of: draft)
        let books = names.filter { $0.hasPrefix("centre.db") }
        try synchronize(draft)
        for name in names.filter({ !books.contains($0) }) + books {
            FolderOwner.adopt("\(draft)/\(name)")
            CrashPoint.restoreMoving.reached()
            guard rename("\(draft)/\(name)", "\(data)/\(name)") == 0 else { throw failure(name) }
        }
        try synchronize(data)
        CrashPoint.restoreMoved.reached()
        guard rmdir(draft) == 0 else { throw failure(draft) }
        try synchronize(data)
    }

    /// Removes what a restore that was cut short has left: the folder was empty when it began.
    private func clear() throws {
        for name in try contents(of: data) where name != DataFolder.restoring {
            guard Self.names.contains(name) else { throw BackupError.folderNotEmpty(data) }
            guard unlink("\(data)/\(name)") == 0 else { throw failure(name) }
        }
        try FileManager.default.removeItem(atPath: draft)
    }

    /// What a restore may have put there.
    private static let names = [
        "centre.db", "centre.db-wal", "centre.db-shm", ReceiptKey.fileName, TLSKeys.keyFile,
        TLSKeys.spareFile, TLSKeys.certificateFile, "server.toml", "given-certificate.pem",
        "given-key.pem",
    ]

    private func contents(of folder: String) throws -> [String] {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            return names.filter { $0 != "lost+found" }
        } catch {
            throw BackupError.unreadable(folder, reason: "\(error)")
        }
    }

    private func synchronize(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(folder) }
    }

    private func failure(_ path: String) -> BackupError {
        .unwritable(path, reason: String(cString: strerror(errno)))
    }
}
