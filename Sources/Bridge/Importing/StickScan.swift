import Glibc
import Synchronization
import TerminalKit

/// Finds the logs of terminals in a folder, by their names.
public enum StickScan {
    /// Terminals write to the root or to a folder of their own; nothing deeper was ever seen.
    static let depth = 3
    /// Names looked at, and files taken, in one folder at most.
    static let mostNames = 5_000
    public static let mostFiles = 50

    /// A file, and what tells that it is still the same.
    public struct Found: Hashable, Sendable {
        public let path: String
        let size: Int
        let inode: UInt64
        let changed: UInt64
    }

    /// Links are not followed and other file systems not entered.
    public static func logs(in root: String) -> [Found] {
        guard let device = look(root)?.st_dev else { return [] }
        var found: [Found] = []
        var names = 0
        var folders = [(path: root, depth: 1)]
        while !folders.isEmpty, names < mostNames, found.count < mostFiles {
            let folder = folders.removeFirst()
            for name in Folder.names(in: folder.path, atMost: mostNames - names) {
                names += 1
                let path = "\(folder.path)/\(name)"
                guard let facts = look(path), facts.st_dev == device else { continue }
                if facts.st_mode & S_IFMT == S_IFDIR, folder.depth < depth {
                    folders.append((path, folder.depth + 1))
                } else if facts.st_mode & S_IFMT == S_IFREG, StickName.isLog(name) {
                    found.append(
                        Found(
                            path: path, size: Int(facts.st_size), inode: UInt64(facts.st_ino),
                            changed: withUnsafeBytes(of: facts.st_mtim, LogPosition.hash(of:))))
                }
            }
        }
        return Array(found.prefix(mostFiles))
    }

    private static func look(_ path: String) -> stat? {
        var facts = stat()
        return lstat(path, &facts) == 0 ? facts : nil
    }
}

/// A file on a stick, read a piece at a time; never written.
public final class StickReader: Sendable {
    static let piece = 1 << 18
    private let name: String
    private let file: Int32
    /// As the stick said when the file was opened.
    private let size: Int
    private let count = Mutex(0)

    /// - Throws: ``ImportError/broken(file:reason:)`` or ``ImportError/tooLarge(file:)``.
    public init(_ path: String) throws(ImportError) {
        name = StickName.last(of: path)
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .broken(file: name, reason: SystemError(path).reason) }
        var facts = stat()
        let isFile = fstat(file, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
        self.file = file
        size = Int(facts.st_size)
        guard isFile else { throw .broken(file: name, reason: "no regular file") }
        guard size <= HeldFiles.longest else { throw .tooLarge(file: name) }
    }

    deinit { close(file) }

    /// - Returns: nil at the end.
    /// - Throws: ``ImportError/broken(file:reason:)`` if the end is not where it should be: then the
    ///   stick was pulled out.
    public func next() throws(ImportError) -> [UInt8]? {
        var page = [UInt8](repeating: 0, count: Self.piece)
        var got = read(file, &page, page.count)
        while got < 0, errno == EINTR { got = read(file, &page, page.count) }
        guard got >= 0 else { throw .broken(file: name, reason: SystemError(name).reason) }
        guard got == 0 else {
            count.withLock { $0 += got }
            return Array(page.prefix(got))
        }
        let read = count.withLock { $0 }
        guard read == size else { throw .broken(file: name, reason: "\(read) of \(size) bytes") }
        return nil
    }
}
