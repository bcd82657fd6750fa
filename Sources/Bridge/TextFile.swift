import Attendance
import Glibc

/// Small files read and written whole.
///
/// A file written here is there in its old form or in its new one, whenever the power goes: it is
/// written beside, flushed, renamed, and the folder is flushed too. It belongs to its folder's owner,
/// also where root writes it.
enum TextFile {
    /// - Returns: nil if the file cannot be read, or is longer than `limit` bytes.
    static func read(_ path: String, limit: Int) -> String? {
        bytes(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    static func bytes(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var content: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(file, &page, page.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return content }
            content += page.prefix(count)
            guard content.count <= limit else { return nil }
        }
    }

    /// Replaces the file, or makes it with `mode`.
    ///
    /// - Parameter exclusive: An existing file is left as it is.
    static func write(
        _ text: String, to path: String, mode: mode_t, exclusive: Bool = false
    ) throws(SystemError) {
        let beside = "\(path).new-\(getpid())"
        unlink(beside)  // of a process that was killed
        let file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw SystemError(beside) }
        defer { unlink(beside) }
        defer { close(file) }
        FolderOwner.adopt(file, at: path)
        try writeAll(Array(text.utf8), to: file, path: beside)
        guard fchmod(file, mode) == 0, fsync(file) == 0 else { throw SystemError(beside) }
        CrashPoint.fileDrafted.reached()
        if exclusive {
            guard link(beside, path) == 0 || errno == EEXIST else { throw SystemError(path) }
        } else {
            guard rename(beside, path) == 0 else { throw SystemError(path) }
        }
        flushFolder(of: path)
        CrashPoint.fileKept.reached()
    }

    private static func writeAll(
        _ bytes: [UInt8], to file: Int32, path: String
    ) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError(path) }
            rest = rest.dropFirst(count)
        }
    }

    static func flushFolder(of path: String) {
        let folder = open(Self.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    /// The part before the last slash; `.` if there is none.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// What the kernel refused, and for which file.
struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    let path: String
    let code: Int32

    /// Takes the kernel's reason of just now.
    init(_ path: String) {
        self.path = path
        code = errno
    }

    /// The C library's words for the reason.
    var reason: String { String(cString: strerror(code)) }
    var description: String { "\(path): \(reason)" }
}

extension String {
    /// The first line, without blanks at its ends.
    var trimmedLine: String {
        let line = prefix { !$0.isNewline }
        let start = line.drop { $0 == " " || $0 == "\t" }
        var end = start
        while let last = end.last, last == " " || last == "\t" { end = end.dropLast() }
        return String(end)
    }
}
