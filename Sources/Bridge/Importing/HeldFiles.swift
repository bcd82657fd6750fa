import Attendance
import Exchange
import Glibc

/// Files of sticks in the state folder: those on their way in, and those that wait until somebody
/// says whose they are.
///
/// ```
/// held/incoming-…          being copied; swept away at the next start
/// held/3fa9c1d2e4b5a697    a file that waits: the beginning of its SHA-256
/// held/3fa9….json          what is known of it
/// ```
/// All for their owner only: there are PINs and times in them.
public struct HeldFiles: Sendable {
    /// The longest file that is taken. A log of 200,000 rows has 8 MB.
    public static let longest = 100 << 20
    /// So many files wait at most.
    static let most = 100
    /// Bytes of the disk that a stick never takes from the journal.
    static let reserve: Int64 = 64 << 20

    let folder: String

    public init(in state: StateFolder) {
        folder = state.heldFolder
    }

    // MARK: On the way in

    /// Makes room for a file of this name.
    func begin(_ name: String) throws -> IncomingFile {
        if mkdir(folder, 0o700) == 0 {
            FolderOwner.adopt(folder)
        } else if errno != EEXIST {
            throw unusable(folder)
        }
        try Self.checkRoom(in: folder)
        var random = SystemRandomNumberGenerator()
        let path = "\(folder)/incoming-\(String(random.next(), radix: 16))"
        return try IncomingFile(name: name, path: path)
    }

    static func checkRoom(in folder: String) throws(ImportError) {
        guard let disk = DiskSpace(at: folder), disk.free > reserve else {
            throw .noRoom(folder: folder)
        }
    }

    /// Removes what a killed program left half copied.
    func sweep() {
        for name in names where name.hasPrefix("incoming-") { unlink("\(folder)/\(name)") }
    }

    // MARK: Waiting

    /// Keeps a file that has come until it is assigned; one that waits already stays as it is.
    func hold(_ file: StoredFile, _ note: HeldFile) throws {
        if file.path == path(note.id) { return try save(note) }
        guard list().count < Self.most else { throw ImportError.noRoom(folder: folder) }
        // The note first: a file whose note is missing would have no name.
        try save(note)
        guard rename(file.path, path(note.id)) == 0 else { throw unusable(path(note.id)) }
        TextFile.flushFolder(of: path(note.id))
    }

    /// What waits, the oldest first.
    public func list() -> [HeldFile] {
        names.filter(Self.isID).compactMap { note(of: $0) }
            .sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    /// The one file whose id begins with `prefix`, and what is known of it.
    func find(_ prefix: String) throws -> (file: StoredFile, note: HeldFile) {
        let found = list().filter { $0.id.hasPrefix(prefix.lowercased()) }
        guard prefix.count >= 4, found.count == 1, let note = found.first else {
            throw ImportError.notHeld(prefix)
        }
        let file = StoredFile(
            name: note.file, path: path(note.id), sha256: note.sha256, size: note.bytes)
        return (file, note)
    }

    /// A copy that is not needed any more.
    func remove(_ file: StoredFile) {
        unlink(file.path)
    }

    /// The file is in the journal: it waits no longer, whichever copy was taken.
    func settle(_ file: StoredFile) {
        unlink(file.path)
        unlink(path(Self.id(of: file.sha256)))
        unlink("\(path(Self.id(of: file.sha256))).json")
    }

    static func id(of sha256: String) -> String { String(sha256.prefix(16)) }

    private func path(_ id: String) -> String { "\(folder)/\(id)" }

    private func save(_ note: HeldFile) throws {
        let text = String(decoding: try WireJSON.encode(note), as: UTF8.self)
        do {
            try TextFile.write(text + "\n", to: "\(path(note.id)).json", mode: 0o600)
        } catch {
            throw StateError.unusable(path: path(note.id), reason: error.reason)
        }
    }

    private func note(of id: String) -> HeldFile? {
        TextFile.bytes("\(path(id)).json", limit: 65_536).flatMap {
            try? WireJSON.decode(HeldFile.self, from: $0)
        }
    }

    private static func isID(_ name: String) -> Bool {
        name.utf8.count == 16 && name.allSatisfy(\.isHexDigit)
    }

    private var names: [String] { Folder.names(in: folder) }

    private func unusable(_ path: String) -> StateError {
        .unusable(path: path, reason: SystemError(path).reason)
    }
}

/// A whole file in the state folder.
struct StoredFile: Hashable, Sendable {
    /// As on the stick, without folders.
    let name: String
    let path: String
    let sha256: String
    let size: Int

    /// Gives the file in pieces, other work in between.
    func pieces(_ body: ([UInt8]) async throws -> Void) async throws {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            throw StateError.unusable(path: path, reason: SystemError(path).reason)
        }
        defer { close(file) }
        var page = [UInt8](repeating: 0, count: 65_536)
        while true {
            try Task.checkCancellation()
            let count = read(file, &page, page.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw StateError.unusable(path: path, reason: SystemError(path).reason)
            }
            guard count > 0 else { return }
            try await body(count == page.count ? page : Array(page.prefix(count)))
            await Task.yield()
        }
    }
}
