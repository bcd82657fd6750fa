public import Attendance
public import Exchange
import Glibc
public import Journal

/// The folder in which one bridge keeps all that must outlive a power cut.
///
/// ```
/// bridge.key       the bridge's Ed25519 key, mode 0600, made on the first start
/// bridge-next.key  one that is to take its place, until the centre has granted it
/// journal.db       every punch until the centre has receipted it
/// journal.id       which journal was begun here last
/// journal.head     through which entry it was confirmed, for a write-ahead log that is lost
/// centre.json      what `titian enroll` learnt from the centre
/// pending.json     a code that waits for the first contact, mode 0600
/// terminals.json   which terminal was seen under which name
/// started.json     version and configuration of the last start
/// imports.json     which stick files were taken in lately
/// held/            stick files that wait until somebody says whose they are
/// aside/           files of journals that had to be repaired, each with its report
/// ```
public struct StateFolder: Hashable, Sendable {
    public static let defaultPath = "/var/lib/titian"

    public let path: String

    public init(path: String) {
        self.path = path
    }

    public var keyFile: String { "\(path)/bridge.key" }
    var nextKeyFile: String { "\(path)/bridge-next.key" }
    public var journalFile: String { "\(path)/journal.db" }
    public var centreFile: String { "\(path)/centre.json" }
    public var pendingFile: String { "\(path)/pending.json" }
    public var terminalsFile: String { "\(path)/terminals.json" }
    public var startedFile: String { "\(path)/started.json" }
    public var importsFile: String { "\(path)/imports.json" }
    public var heldFolder: String { "\(path)/held" }

    /// What a command may have made.
    var files: [String] {
        [
            keyFile, journalFile, "\(journalFile)-wal", "\(path)/journal.id",
            "\(path)/journal.head", centreFile, pendingFile, importsFile, heldFolder,
        ]
    }

    /// Makes the folder if it is not there, readable by its owner and group only; made by root it is
    /// the service's.
    public func prepare() throws(StateError) {
        if mkdir(path, 0o750) == 0 {
            Ownership.giveToService(self)
        } else if errno != EEXIST {
            throw .unusable(path: path, reason: SystemError(path).reason)
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            if errno == EROFS { throw .readOnly(path: path) }
            throw .unusable(path: path, reason: SystemError(path).reason)
        }
    }

    /// The bridge's key; the first call makes it.
    ///
    /// Two programs that start at once end up with one key: the file appears whole or not at all,
    /// and the first to make it wins.
    public func signingKey() throws(StateError) -> SigningKey {
        try Self.key(in: keyFile)
    }

    /// A key that is to take the place of the bridge's own; the first call makes it, and it stays the same
    /// until ``promoteNextKey()``: a code that it has used answers it again.
    public func nextSigningKey() throws(StateError) -> SigningKey {
        try Self.key(in: nextKeyFile)
    }

    /// The key that the centre has granted is the bridge's from now on. The one before is gone.
    ///
    /// The journal that was begun with it is repaired at the next start: a new one begins, and what has no
    /// receipt goes on in it.
    public func promoteNextKey() throws(StateError) {
        guard rename(nextKeyFile, keyFile) == 0 else {
            throw .unusable(path: keyFile, reason: SystemError(keyFile).reason)
        }
        TextFile.flushFolder(of: keyFile)
        CrashPoint.bridgeKeyPromoted.reached()
    }

    private static func key(in file: String) throws(StateError) -> SigningKey {
        if access(file, F_OK) != 0 {
            let text = SigningKey().seed.hex + "\n"
            do {
                try TextFile.write(text, to: file, mode: 0o600, exclusive: true)
            } catch {
                throw .unusable(path: file, reason: error.reason)
            }
        }
        guard let text = TextFile.read(file, limit: 256) else {
            throw .unusable(path: file, reason: SystemError(file).reason)
        }
        guard let seed = [UInt8](hex: text.trimmedLine), let key = try? SigningKey(seed: seed)
        else {
            throw .keyDamaged(path: file)
        }
        return key
    }

    /// What a repair of the journal has to know. Without an enrolment that can be read nothing counts
    /// as receipted, and is sent again.
    public func surroundings(at now: UTCTime) throws(StateError) -> Journal.Surroundings {
        let enrolment = try? Enrolment.load(from: self)
        return Journal.Surroundings(
            folder: path, publicKey: try signingKey().verifying,
            receiptKeys: enrolment?.receiptKeys ?? [], now: now)
    }
}

/// Why the state folder cannot be used.
public enum StateError: Explained, Hashable {
    case unusable(path: String, reason: String)
    /// The disk takes no writes now: pulled out, or mounted so after an error.
    case readOnly(path: String)
    /// `bridge.key` is there and is no key. Nothing replaces it: it is who this bridge is.
    case keyDamaged(path: String)

    public var problem: Problem {
        switch self {
        case .unusable(let path, let reason):
            Problem(
                code: "state.unusable",
                summary: Text(
                    id: "\(path) tidak dapat dipakai (\(reason)).",
                    en: "\(path) cannot be used (\(reason))."),
                remedy: Text(
                    id: "Periksa pemilik dan izin folder itu, atau pilih yang lain dengan --state.",
                    en: "Check the folder's owner and mode, or choose another with --state."))
        case .readOnly(let path):
            Problem(
                code: "state.read-only",
                summary: Text(
                    id: "Disk dengan \(path) hanya dapat dibaca.",
                    en: "The disk with \(path) takes no writes."),
                remedy: Text(
                    id: "Titian mencoba lagi sendiri. Bila menetap, periksa disk atau kartu SD.",
                    en: "Titian tries again by itself. If it stays, check the disk or SD card."))
        case .keyDamaged(let path):
            Problem(
                code: "state.key-damaged",
                summary: Text(
                    id: "\(path) bukan kunci jembatan.", en: "\(path) is not a bridge's key."),
                remedy: Text(
                    id:
                        "Kembalikan berkas itu dari cadangan; bila tidak ada, pindahkan dan daftarkan ulang.",
                    en:
                        "Restore the file from a copy; if there is none, move it away and enrol again."
                ))
        }
    }
}
