public import Attendance
import Exchange
import Glibc

/// A backup as a file: the books as an SQLite database, and one block that says what they are.
///
/// The block stands behind the database and has 512 bytes: a JSON object with the length and the
/// SHA-256 of all before it, filled up with blanks and ended by a newline. A backup that was cut
/// has none, and one of which a single bit has changed does not fit it.
public struct BackupFile: Hashable, Sendable {
    public let path: String
    /// Of the database, without the block.
    public let bytes: Int64
    public let sha256: String
    public let madeAt: UTCTime
    /// The program that wrote it.
    public let version: String

    static let blockLength = 512
    private static let piece = 1 << 20

    private struct Block: Codable {
        let titianBackup: Int
        let bytes: Int64
        let sha256: String
        let madeAt: String
        let version: String

        enum CodingKeys: String, CodingKey {
            case titianBackup = "titian_backup"
            case bytes, sha256
            case madeAt = "made_at"
            case version
        }
    }

    // MARK: Writing

    /// Adds the block to a finished database and puts all of it on disk.
    static func seal(_ path: String, at now: UTCTime) throws {
        let descriptor = try opened(path, O_RDWR)
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        let digest = try digest(descriptor, through: length, path)
        let block = Block(
            titianBackup: 1, bytes: Int64(length), sha256: digest, madeAt: now.description,
            version: TitianVersion.current)
        var line = try WireJSON.encode(block)
        line += [UInt8](repeating: UInt8(ascii: " "), count: blockLength - 1 - line.count)
        line.append(UInt8(ascii: "\n"))
        try write(line, to: descriptor, path)
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
            throw BackupError.unwritable(path, reason: lastError)
        }
        // What is read next comes from the disk and not from memory.
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    // MARK: Reading

    /// Reads the whole file and compares it with its block.
    ///
    /// - Throws: ``BackupError`` if it is none, or not what was written.
    public init(checking path: String) throws {
        let descriptor = try Self.opened(path, O_RDONLY)
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END) - off_t(Self.blockLength)
        guard length > 0, lseek(descriptor, length, SEEK_SET) == length,
            let block = try? WireJSON.decode(
                Block.self, fromOutside: try Self.read(descriptor, Self.blockLength, path)),
            block.titianBackup == 1, block.bytes == Int64(length),
            let madeAt = UTCTime(block.madeAt)
        else { throw BackupError.notABackup(path) }
        guard try Self.digest(descriptor, through: length, path) == block.sha256 else {
            throw BackupError.damaged(path, reason: "SHA-256")
        }
        self.path = path
        bytes = block.bytes
        sha256 = block.sha256
        self.madeAt = madeAt
        version = block.version
    }

    /// Copies the database in it, without the block, to a new file.
    func copyBooks(to target: String) throws {
        let source = try Self.opened(path, O_RDONLY)
        defer { close(source) }
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BackupError.unwritable(target, reason: Self.lastError)
        }
        defer { close(descriptor) }
        var left = Int(bytes)
        while left > 0 {
            let piece = try Self.read(source, min(left, Self.piece), path)
            try Self.write(piece, to: descriptor, target)
            left -= piece.count
        }
        guard fsync(descriptor) == 0 else {
            throw BackupError.unwritable(target, reason: Self.lastError)
        }
    }

    // MARK: Bytes

    private static var lastError: String { String(cString: strerror(errno)) }

    private static func opened(_ path: String, _ flags: Int32) throws -> Int32 {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupError.unreadable(path, reason: lastError) }
        return descriptor
    }

    private static func digest(
        _ descriptor: Int32, through length: off_t, _ path: String
    ) throws -> String {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw BackupError.unreadable(path, reason: lastError)
        }
        var digest = FileDigest()
        var left = Int(length)
        while left > 0 {
            let piece = try read(descriptor, min(left, piece), path)
            digest.take(piece)
            left -= piece.count
        }
        return digest.hex
    }

    /// - Returns: Exactly so many bytes.
    private static func read(_ descriptor: Int32, _ count: Int, _ path: String) throws -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, !failed {
                let got = Glibc.read(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
                if got > 0 { filled += got } else { failed = true }
            }
        }
        guard !failed else { throw BackupError.damaged(path, reason: "it was cut") }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw BackupError.unwritable(path, reason: lastError) }
            rest = rest.dropFirst(count)
        }
    }
}
