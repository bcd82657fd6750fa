import Attendance
import Glibc

/// A file somebody named on the command line, read whole.
enum InputFile {
    /// A terminal's whole log as text is a tenth of this.
    static let longest = 256 << 20

    static func read(_ path: String) throws(CommandError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw unreadable(path) }
        defer { close(file) }
        return try all(of: file, path: path, limit: longest)
    }

    /// The last bytes of a file, however long it is.
    static func end(_ path: String, longest: Int) throws(CommandError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw unreadable(path) }
        defer { close(file) }
        let size = lseek(file, 0, Int32(SEEK_END))
        lseek(file, max(0, size - longest), Int32(SEEK_SET))
        // A file that a running program writes may have grown since.
        return try all(of: file, path: path, limit: longest + (1 << 20))
    }

    /// What stands on standard input, such as an enrolment code.
    static func standardInput(limit: Int) throws(CommandError) -> String {
        String(decoding: try all(of: STDIN_FILENO, path: "-", limit: limit), as: UTF8.self)
    }

    private static func all(of file: Int32, path: String, limit: Int) throws(CommandError)
        -> [UInt8]
    {
        var content: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 65_536)
        while content.count <= limit {
            let count = Glibc.read(file, &page, page.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { return content }
            content += page.prefix(count)
        }
        throw .unreadable(path: path, reason: "> \(limit) bytes")
    }

    private static func unreadable(_ path: String) -> CommandError {
        .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
}
