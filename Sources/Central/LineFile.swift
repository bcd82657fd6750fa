import Attendance
import Exchange
import Glibc

/// A text file somebody brought, read line by line; no more of it than a page and a line is ever held.
enum LineFile {
    /// An entry's line has 64 KiB at most, and each of its bytes six characters in JSON.
    private static let longest = 1 << 20
    private static let page = 65_536

    /// - Parameter body: Takes a line without its newline; the last one may lack it.
    /// - Throws: ``CentralError`` if the file cannot be read, ``EvidenceReader/Failure`` if a line never
    ///   ends, and what `body` throws.
    static func forEachLine(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw unreadable(path) }
        defer { close(file) }
        var page = [UInt8](repeating: 0, count: page)
        var line: [UInt8] = []
        while true {
            let count = read(file, &page, page.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { break }
            var rest = page[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                try body(line + rest[..<end])
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line += rest
            guard line.count <= longest else { throw EvidenceReader.Failure.unreadable }
        }
        if !line.isEmpty { try body(line) }
    }

    private static func unreadable(_ path: String) -> CentralError {
        .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
}
