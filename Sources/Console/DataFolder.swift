import Attendance
import Central
import FoundationEssentials
import Glibc

/// The folder of the centre's books and keys: readable for its owner and for nobody else.
public struct DataFolder: Hashable, Sendable {
    public let path: String

    /// Makes the folder if there is none.
    public init(_ path: String) throws(ServerError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw .dataFolder(path)
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw .dataFolder(path) }
    }

    /// There only while a backup is taken apart; nothing else may use the folder then.
    static let restoring = ".restoring"

    /// - Throws: `BackupError.unfinished` if a restore into it was cut short.
    func refuseUnfinished() throws(BackupError) {
        guard access(file(Self.restoring), F_OK) != 0 else { throw .unfinished(path) }
    }

    public func file(_ name: String) -> String { path + "/" + name }

    /// What the file holds; nil if there is none.
    func read(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: file(name)).map(Array.init)
    }

    /// Writes a secret that must never be replaced: mode 0600, on the disk before it is seen.
    ///
    /// Two programs may start at once on an empty folder, so the file appears whole or not at
    /// all, and whoever comes second keeps what the first one wrote.
    func writeOnce(_ name: String, _ bytes: [UInt8]) throws(ServerError) {
        let temporary = try writeTemporary(name, bytes, mode: 0o600)
        defer { unlink(temporary) }
        CrashPoint.centreFileDrafted.reached()
        guard link(temporary, file(name)) == 0 || errno == EEXIST else {
            throw .dataFolder(file(name))
        }
        try synchronize()
        CrashPoint.centreFileKept.reached()
    }

    /// Whether there is such a file, readable or not.
    func has(_ name: String) -> Bool { access(file(name), F_OK) == 0 }

    /// Takes a file that cannot be used out of the way, for whoever wants to look at it.
    func setAside(_ name: String) throws(ServerError) {
        guard rename(file(name), file(name + ".damaged")) == 0 else {
            throw .dataFolder(file(name))
        }
    }

    /// Removes a file that can be made again.
    func remove(_ name: String) throws(ServerError) {
        guard unlink(file(name)) == 0 || errno == ENOENT else { throw .dataFolder(file(name)) }
    }

    /// Does something while no other program does the same in this folder.
    func locked<Result>(_ work: () throws(ServerError) -> Result) throws(ServerError) -> Result {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else { throw .dataFolder(path) }
        defer { close(descriptor) }
        return try work()
    }

    /// Replaces a file in one step: a reader sees the old one or the new one.
    func replace(_ name: String, _ text: String, mode: mode_t = 0o644) throws(ServerError) {
        let temporary = try writeTemporary(name, Array(text.utf8), mode: mode)
        CrashPoint.centreFileDrafted.reached()
        guard rename(temporary, file(name)) == 0 else {
            unlink(temporary)
            throw .dataFolder(file(name))
        }
        try synchronize()
        CrashPoint.centreFileKept.reached()
    }

    /// Makes a new name itself survive a power cut: an office may be told of this key next.
    private func synchronize() throws(ServerError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .dataFolder(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .dataFolder(path) }
    }

    private func writeTemporary(
        _ name: String, _ bytes: [UInt8], mode: mode_t
    ) throws(ServerError) -> String {
        let temporary = file(".\(name).\(getpid())")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .dataFolder(temporary) }
        defer { close(descriptor) }
        FolderOwner.adopt(descriptor, at: temporary)
        fchmod(descriptor, mode)  // whatever the umask takes away
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(descriptor) == 0 else {
            unlink(temporary)
            throw .dataFolder(temporary)
        }
        return temporary
    }
}
