import Glibc

/// A file that a command writes for somebody: whole, or not at all, and never over another one.
final class OutputFile {
    private let path: String
    private let file: Int32

    /// - Throws: ``CommandError/unwritable(path:reason:)``; a file that is there is not overwritten.
    init(_ path: String, mode: mode_t = 0o640) throws(CommandError) {
        self.path = path
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw Self.unwritable(path) }
    }

    func append(_ bytes: [UInt8]) throws(CommandError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.unwritable(path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits until the file is on the disk: a stick is pulled out as soon as we say so.
    func finish() throws(CommandError) {
        // A pipe or a terminal has no disk behind it.
        guard fsync(file) == 0 || errno == EINVAL else { throw Self.unwritable(path) }
    }

    func discard() { unlink(path) }

    deinit { close(file) }

    /// Writes a file in one go.
    static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t = 0o640
    ) throws(CommandError) {
        let file = try OutputFile(path, mode: mode)
        do {
            try file.append(bytes)
            try file.finish()
        } catch {
            file.discard()
            throw error
        }
    }

    private static func unwritable(_ path: String) -> CommandError {
        .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
}
