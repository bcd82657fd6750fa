import Attendance
import Glibc
import Synchronization

/// Files that are being uploaded, on disk in the data folder: `incoming/`.
///
/// They are gone as soon as they were taken in; what a killed server leaves is swept away at the
/// next start.
final class Spool: Sendable {
    enum Failure: Error, Hashable {
        case tooLarge
        case noRoom
        /// Enough others are being uploaded just now.
        case busy
    }

    private let folder: String
    private let limit: Int
    private let open = Mutex(0)

    /// At once; each may take ``CourierIntake/longest`` of the disk.
    static let most = 4
    /// Bytes of the disk that uploads never take from the books.
    static let reserve = 256 << 20

    init(in folder: DataFolder, limit: Int = CourierIntake.longest) {
        self.folder = folder.file("incoming")
        self.limit = limit
    }

    /// Removes what was left behind.
    func sweep() {
        guard let listing = opendir(folder) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("upload-") { unlink("\(folder)/\(name)") }
        }
    }

    /// Makes room for one file; ``UploadedFile/remove()`` gives it back.
    func begin() throws -> UploadedFile {
        let isFree = open.withLock { count in
            guard count < Self.most else { return false }
            count += 1
            return true
        }
        guard isFree else { throw Failure.busy }
        do {
            if mkdir(folder, 0o700) == 0 {
                FolderOwner.adopt(folder)
            } else if errno != EEXIST {
                throw ServerError.dataFolder(folder)
            }
            try checkRoom()
            var random = SystemRandomNumberGenerator()
            let path = "\(folder)/upload-\(String(random.next(), radix: 16))"
            return try UploadedFile(path, limit: limit, in: self)
        } catch {
            giveBack()
            throw error
        }
    }

    func checkRoom() throws {
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else { throw ServerError.dataFolder(folder) }
        let free = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
        guard free > UInt64(Self.reserve) else { throw Failure.noRoom }
    }

    func giveBack() { open.withLock { $0 -= 1 } }
}

/// One file that is being uploaded.
struct UploadedFile {
    let path: String
    private let file: Int32
    private let limit: Int
    private let spool: Spool
    private(set) var size = 0

    fileprivate init(_ path: String, limit: Int, in spool: Spool) throws {
        self.path = path
        self.limit = limit
        self.spool = spool
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw ServerError.dataFolder(path) }
    }

    mutating func append(_ bytes: [UInt8]) throws {
        guard size + bytes.count <= limit else { throw Spool.Failure.tooLarge }
        if size >> 20 != (size + bytes.count) >> 20 { try spool.checkRoom() }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw errno == ENOSPC ? Spool.Failure.noRoom : ServerError.dataFolder(path)
            }
            rest = rest.dropFirst(count)
        }
        size += bytes.count
    }

    /// Nothing of it is needed any more.
    func remove() {
        close(file)
        unlink(path)
        spool.giveBack()
    }
}
