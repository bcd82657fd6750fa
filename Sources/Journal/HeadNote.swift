import Attendance
import Exchange
import Glibc

/// The small file `journal.head` beside the database: through which entry the journal was confirmed.
///
/// A write-ahead log that is gone leaves a file that ends earlier and is whole: nothing in it tells. The note
/// does. It is written behind every commit that adds an entry and never waited for, so it costs no sync; what
/// the disk has of it after a power cut is some seconds old. It never says more than was confirmed, so a
/// journal that ends before it has lost something.
struct HeadNote {
    struct Content: Hashable {
        let journal: JournalID
        let seq: Int64
    }

    private let path: String

    init(folder: String) {
        path = folder + "/journal.head"
    }

    /// - Returns: nil if there is none, or one that agrees with its own check digits no more.
    func read() -> Content? {
        guard let bytes = SmallFile.read(path), bytes.count == Self.size else { return nil }
        let parts = String(decoding: bytes.dropLast(), as: UTF8.self).split(separator: " ")
        guard parts.count == 3, let seq = Int64(parts[1]),
            let journal = try? JournalID("\(parts[0])")
        else { return nil }
        let content = Content(journal: journal, seq: seq)
        return Self.line(content) == bytes ? content : nil
    }

    /// Writes over what stands there: all of it lies in one sector. A disk that refuses is no reason to confirm
    /// nothing.
    func write(_ content: Content) {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        // Who may write in the folder could have laid a name there of a file that is root's.
        var about = stat()
        guard fstat(file, &about) == 0, about.st_nlink == 1 else { return }
        if about.st_size == 0 { FolderOwner.adopt(file, at: path) }
        let line = Self.line(content)
        _ = pwrite(file, line, line.count, 0)
        if about.st_size > Self.size { ftruncate(file, off_t(Self.size)) }
    }

    /// Always of the same length, so that a shorter one leaves nothing of a longer one behind.
    private static func line(_ content: Content) -> [UInt8] {
        let digits = String(content.seq)
        let padding = String(repeating: "0", count: max(0, 16 - digits.count))
        let text = "\(content.journal) \(padding)\(digits)"
        let check = Chain.digest(ofLine: Array(text.utf8)).description.prefix(8)
        return Array("\(text) \(check)\n".utf8)
    }

    private static let size = 32 + 1 + 16 + 1 + 8 + 1
}
