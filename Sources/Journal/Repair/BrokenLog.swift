import Glibc

/// Whether a write-ahead log holds, or held, confirmed commits that SQLite will not read.
///
/// SQLite takes a log up to the first frame whose checksum is wrong, and forgets the rest without a word. That is
/// right for the last commit: the power went while it was written, and nobody was told that it is kept. But a
/// commit begins only when the one before it is on the disk. Where two whole ones end behind a broken frame, the
/// first of them had been confirmed, so the disk has altered what it had taken.
///
/// Where the head is none of SQLite's, it begins the log anew over whatever stands there. A power cut leaves no
/// such head: it is on the disk before the first frame is written, so what may be missing of it is missing at the
/// end of a file that holds nothing else; and where a log begins anew over an older one, both begin alike.
///
/// Facts: the SQLite file format, section 4, "The Write-Ahead Log"; `sqlite3WalFrames` for the order of the syncs.
struct BrokenLog {
    private var sum = Checksum()
    /// Of the frames of this log; nil as long as nothing tells.
    private var salt: ArraySlice<UInt8>?
    private var isBroken = false
    private var commitsBehind = 0

    private static let headSize = 32
    private static let frameHead = 24
    private static let frameSize = frameHead + PageCarver.size

    /// - Parameter path: The log's path; a log that is not there has lost nothing that it could tell.
    static func isDamaged(_ path: String) -> Bool { wasOverwritten(path) || holdsCommits(path) }

    /// - Parameter path: The log's path; a log that cannot be read holds nothing.
    static func holdsCommits(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard let head = read(file, at: 0, headSize) else { return false }
        var log = BrokenLog(head: head)
        var place = headSize
        while log.commitsBehind < 2, let frame = read(file, at: place, frameSize) {
            log.take(frame)
            place += frameSize
        }
        return log.commitsBehind >= 2
    }

    /// Whether bytes lie there that no log of ours begins with.
    static func wasOverwritten(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0, let size = fileSize(path) else { return false }
        defer { close(file) }
        let expected = starts.map { Array($0.prefix(Int(size))) }
        guard let found = read(file, at: 0, min(Int(size), starts[0].count)) else { return false }
        if expected.contains(found) { return false }
        let isOnlyAHead = size <= headSize
        return !(isOnlyAHead && expected.contains { isBeginning(found, of: $0) })
    }

    /// The magic number in both byte orders, the format's version and the size of our pages.
    private static let starts: [[UInt8]] = [0x82, 0x83].map {
        [0x37, 0x7F, 0x06, $0, 0x00, 0x2D, 0xE2, 0x18, 0x00, 0x00, 0x10, 0x00]
    }

    /// Whether only zeros follow where it stops being the same.
    private static func isBeginning(_ found: [UInt8], of whole: [UInt8]) -> Bool {
        zip(found, whole).drop { $0 == $1 }.allSatisfy { $0.0 == 0 }
    }

    /// A log whose head is wrong is one that SQLite leaves out altogether.
    private init(head: [UInt8]) {
        sum.isBigEndian = head[3] == 0x83
        sum.add(head[0..<24])
        isBroken = !sum.isStored(in: head[24..<32])
        salt = isBroken ? nil : head[16..<24]
    }

    private mutating func take(_ frame: [UInt8]) {
        let own = frame[8..<16]
        sum.add(frame[0..<8])
        sum.add(frame[Self.frameHead...])
        // Frames with another salt are older: the log began anew over them. Zeros add up to zero, and are none.
        let isOfThisLog = salt.map(own.elementsEqual) ?? own.contains { $0 != 0 }
        if isOfThisLog, sum.isStored(in: frame[16..<24]) {
            salt = own
            let isCommit = frame[4..<8].contains { $0 != 0 }
            if isBroken, isCommit { commitsBehind += 1 }
        } else {
            isBroken = true
            // What follows was summed up from what this frame should be.
            sum.resume(from: frame[16..<24])
        }
    }

    private static func read(_ file: Int32, at offset: Int, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(file, &bytes, count, off_t(offset)) == count ? bytes : nil
    }
}

/// SQLite's sum over a log: two words that each pair of words goes into.
private struct Checksum {
    var isBigEndian = false
    private var words: (UInt32, UInt32) = (0, 0)

    /// - Parameter bytes: A multiple of eight.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { raw in
            for index in stride(from: 0, to: raw.count - 7, by: 8) {
                words.0 &+= word(raw, index) &+ words.1
                words.1 &+= word(raw, index + 4) &+ words.0
            }
        }
    }

    private func word(_ raw: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
        let word = raw.loadUnaligned(fromByteOffset: index, as: UInt32.self)
        return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }

    /// Sums are always stored with the high byte first.
    func isStored(in bytes: ArraySlice<UInt8>) -> Bool { Self.words(bytes) == words }

    mutating func resume(from bytes: ArraySlice<UInt8>) { words = Self.words(bytes) }

    private static func words(_ bytes: ArraySlice<UInt8>) -> (UInt32, UInt32) {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
        return (word(bytes.prefix(4)), word(bytes.suffix(4)))
    }
}
