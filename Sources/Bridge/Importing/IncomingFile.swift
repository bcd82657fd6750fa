import Attendance
import Exchange
import Glibc

/// A file that is being copied into the state folder.
struct IncomingFile: Sendable {
    let name: String
    private let path: String
    private let file: Int32
    private var digest = FileDigest()
    private(set) var size = 0

    init(name: String, path: String) throws {
        self.name = name
        self.path = path
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.unusable(path) }
        FolderOwner.adopt(file, at: path)
    }

    mutating func append(_ bytes: [UInt8]) throws {
        guard size + bytes.count <= HeldFiles.longest else {
            throw ImportError.tooLarge(file: name)
        }
        if size >> 20 != (size + bytes.count) >> 20 { try HeldFiles.checkRoom(in: folder) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw errno == ENOSPC ? ImportError.noRoom(folder: folder) : Self.unusable(path)
            }
            rest = rest.dropFirst(count)
        }
        digest.take(bytes)
        size += bytes.count
    }

    /// Waits until the whole file is on disk; whoever brought it may take it away.
    func finish() throws -> StoredFile {
        guard fsync(file) == 0 else {
            let error = Self.unusable(path)
            discard()
            throw error
        }
        close(file)
        return StoredFile(name: name, path: path, sha256: digest.hex, size: size)
    }

    /// Forgets what has come so far.
    func discard() {
        close(file)
        unlink(path)
    }

    private var folder: String { TextFile.folder(of: path) }

    private static func unusable(_ path: String) -> StateError {
        .unusable(path: path, reason: SystemError(path).reason)
    }
}

/// Looks into folders.
enum Folder {
    /// The names in a folder but `.` and `..`; none if it cannot be looked into.
    static func names(in path: String, atMost limit: Int = 10_000) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
