import Glibc

/// The pages of a database file or of its write-ahead log, as they lie there.
///
/// Bytes that the disk does not give are skipped: what is behind them is read all the same.
final class SalvageFile: Sendable {
    enum Form: Sendable {
        case database
        case writeAheadLog
    }

    private let file: Int32
    private let form: Form
    private let bytes: Int64
    /// In a write-ahead log, where the newest copy of each page lies.
    private let newest: [UInt32: Int64]

    /// - Returns: nil if there is no such file or it may not be read.
    init?(_ path: String, _ form: Form) {
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        self.form = form
        var information = stat()
        bytes = fstat(file, &information) == 0 ? Int64(information.st_size) : 0
        newest = form == .writeAheadLog ? Self.frames(of: file, bytes) : [:]
    }

    deinit { close(file) }

    private static let logHead: Int64 = 32
    private static let frameHead: Int64 = 24
    private static let frame = Int64(PageCarver.size) + frameHead

    /// Where the newest copy of each page begins.
    private static func frames(of file: Int32, _ bytes: Int64) -> [UInt32: Int64] {
        var frames: [UInt32: Int64] = [:]
        for start in Swift.stride(from: logHead, to: bytes, by: Int(frame)) {
            guard let head = read(file, at: start, 4), head.count == 4 else { continue }
            frames[head.reduce(0) { $0 << 8 | UInt32($1) }] = start + frameHead
        }
        return frames
    }

    /// Pages in the file, a torn one at its end included.
    var pages: Int64 {
        let size = Int64(PageCarver.size)
        guard form == .writeAheadLog else { return (bytes + size - 1) / size }
        return max(0, bytes - Self.logHead + Self.frame - 1) / Self.frame
    }

    /// The page at a place in the file, from 0; shorter at a torn end, nil where it cannot be read.
    func page(_ index: Int64) -> [UInt8]? {
        let start =
            form == .database
            ? index * Int64(PageCarver.size)
            : Self.logHead + index * Self.frame + Self.frameHead
        return Self.read(file, at: start, PageCarver.size)
    }

    /// A page by the number it has in the database.
    func page(numbered number: UInt32) -> [UInt8]? {
        guard form == .writeAheadLog else { return number > 0 ? page(Int64(number) - 1) : nil }
        return newest[number].flatMap { Self.read(file, at: $0, PageCarver.size) }
    }

    private static func read(_ file: Int32, at offset: Int64, _ count: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        let read = pread(file, &buffer, count, off_t(offset))
        guard read > 0 else { return nil }
        return read == count ? buffer : Array(buffer.prefix(read))
    }
}
