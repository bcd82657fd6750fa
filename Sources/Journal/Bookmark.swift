import Attendance
import Exchange
import Glibc

/// The small file beside the database that says which journal was begun here last: without it, a
/// database that was emptied or lost would look like a box's first day.
struct Bookmark {
    private let folder: String
    private var path: String { folder + "/journal.id" }

    init(folder: String) {
        self.folder = folder
    }

    /// - Returns: nil if there is none, or one that cannot be read.
    func read() -> JournalID? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 32 else { return nil }
        return try? JournalID(String(decoding: bytes.prefix(32), as: UTF8.self))
    }

    /// Replaces the note, whole or not at all, and waits until it and the folder are on disk.
    func write(_ journal: JournalID) throws(JournalError) {
        try SmallFile.write(Array("\(journal)\n".utf8), to: path)
    }
}

/// Small files written whole or not at all, and folders flushed.
enum SmallFile {
    static func write(_ bytes: [UInt8], to path: String) throws(JournalError) {
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        FolderOwner.adopt(file, at: path)
        let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        let reason = isWritten ? nil : failure(path)
        close(file)
        if let reason { throw reason }
        guard rename(draft, path) == 0 else { throw failure(path) }
        try flush(folder(of: path))
    }

    /// Waits until what was made, renamed and deleted in a folder is on disk; or until a file is.
    static func flush(_ path: String) throws(JournalError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(path) }
    }

    static func failure(_ path: String) -> JournalError {
        .unwritable(path: path, reason: String(cString: strerror(errno)))
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
