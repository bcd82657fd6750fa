import Glibc

/// A file that a command writes for somebody: whole, or not at all, and never over another one.
enum OutputFile {
    static func write(_ text: String, to path: String) throws(CommandError) {
        try write(Array(text.utf8), to: path, mode: 0o640)
    }

    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(CommandError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw unwritable(path) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = unwritable(path)
                unlink(path)
                throw error
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func unwritable(_ path: String) -> CommandError {
        .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
}
