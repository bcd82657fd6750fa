import Attendance
import Exchange
import Glibc

/// The key that signs receipts: a file of 32 bytes, mode 0600, made once.
public enum ReceiptKey {
    /// In the data folder.
    public static let fileName = "receipt.key"

    /// Reads `receipt.key`, or makes it. Of several that make it at once, one wins and all use its
    /// key.
    static func load(orMakeIn folder: String) throws -> SigningKey {
        let path = "\(folder)/\(fileName)"
        if let key = try read(path) { return key }
        // A name of its own for each draft: two that shared one would write into one file, and it
        // may be linked already.
        let draft = "\(folder)/.receipt.key.\(UInt64.random(in: .min ... .max))"
        try write(SigningKey().seed, to: draft)
        defer { unlink(draft) }
        CrashPoint.receiptKeyDrafted.reached()
        guard link(draft, path) == 0 || errno == EEXIST else { throw failure(path) }
        try synchronize(folder)
        guard let key = try read(path) else { throw CentralError.badReceiptKey(path: path) }
        return key
    }

    // MARK: The one that follows

    private static let nextName = "receipt-next.key"

    /// Makes the key that is to follow, on disk when this returns; nobody knows it yet.
    static func draftNext(in folder: String) throws -> SigningKey {
        let path = "\(folder)/\(nextName)"
        unlink(path)
        let key = SigningKey()
        try write(key.seed, to: path)
        try synchronize(folder)
        return key
    }

    /// Puts the key that follows in the place of the one before.
    static func promoteNext(in folder: String) throws {
        let path = "\(folder)/\(nextName)"
        // Whoever starts meanwhile may have done it.
        guard rename(path, "\(folder)/\(fileName)") == 0 || errno == ENOENT else {
            throw failure(path)
        }
        try synchronize(folder)
    }

    /// The key to sign with: the one that the newest statement names, also where a power cut came between
    /// the statement and the file.
    ///
    /// - Parameter key: What `receipt.key` holds.
    static func settled(
        _ key: SigningKey, in folder: String, after succession: Succession
    ) throws -> SigningKey {
        guard let newest = succession.newest, newest != key.verifying,
            let waiting = try read("\(folder)/\(nextName)"), waiting.verifying == newest
        else { return key }
        try promoteNext(in: folder)
        return waiting
    }

    private static func read(_ path: String) throws -> SigningKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(path)
        }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count == 32, let key = try? SigningKey(seed: Array(bytes.prefix(32))) else {
            throw CentralError.badReceiptKey(path: path)
        }
        return key
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { Glibc.close(descriptor) }
        FolderOwner.adopt(descriptor, at: path)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
        else { throw failure(path) }
    }

    /// Makes the new name itself survive a power cut.
    private static func synchronize(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(folder) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(folder) }
    }

    private static func failure(_ path: String) -> CentralError {
        .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
}
