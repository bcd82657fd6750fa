public import Attendance
import CSQLite

/// What SQLite refused, and whose fault it is.
public struct SQLiteError: Explained, Hashable {
    public enum Kind: String, Hashable, Sendable {
        /// The disk, or the quota, is full. Nothing of the transaction was kept.
        case full
        /// The file or its file system cannot be written.
        case readOnly
        /// The file is no database, or damaged.
        case damaged
        /// The file is another program's database.
        case foreign
        /// Another process holds the file.
        case busy
        /// A rule of the schema was broken: our own mistake.
        case constraint
        /// Written by a newer program.
        case newer
        /// Anything else: input/output errors above all.
        case failed
    }

    public let kind: Kind
    /// SQLite's extended result code.
    public let code: Int32
    public let message: String
    public let path: String

    init(kind: Kind, code: Int32, message: String, path: String) {
        self.kind = kind
        self.code = code
        self.message = message
        self.path = path
    }

    init(_ result: Int32, of database: OpaquePointer?, path: String) {
        let extended = database.map { sqlite3_extended_errcode($0) } ?? result
        let message =
            database.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            ?? String(cString: sqlite3_errstr(result))
        self.init(kind: Self.kind(of: result), code: extended, message: message, path: path)
    }

    /// The system gave or took no bytes: after that, nothing in memory is certain to be on disk.
    public var isInputOutput: Bool { code & 0xFF == SQLITE_IOERR }

    /// The system took no bytes; what it gives is not in doubt.
    public var isRefusedWrite: Bool {
        // SQLITE_IOERR_WRITE, _FSYNC, _DIR_FSYNC, _TRUNCATE, _DELETE
        isInputOutput && [3, 4, 5, 6, 10].contains(code >> 8)
    }

    private static func kind(of result: Int32) -> Kind {
        switch result & 0xFF {
        case SQLITE_FULL: .full
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN: .readOnly
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_CONSTRAINT: .constraint
        default: .failed
        }
    }

    public var problem: Problem {
        switch kind {
        case .full:
            return Problem(
                code: "store.full",
                summary: Text(
                    id: "Disk penuh: \(path) tidak dapat ditulis.",
                    en: "The disk is full: \(path) cannot be written."),
                remedy: Text(
                    id: "Kosongkan ruang disk. Yang sudah tersimpan tetap utuh.",
                    en: "Free some space. What was stored before is whole."))
        case .readOnly:
            return Problem(
                code: "store.read-only",
                summary: Text(
                    id: "\(path) tidak dapat dibuka untuk ditulis (\(message)).",
                    en: "\(path) cannot be opened for writing (\(message))."),
                remedy: Text(
                    id: "Periksa izin folder dan apakah disk terpasang hanya-baca.",
                    en: "Check the folder's permissions and whether the disk is read-only."))
        case .damaged:
            return Problem(
                code: "store.damaged",
                summary: Text(
                    id: "\(path) rusak atau bukan basis data Titian (\(message)).",
                    en: "\(path) is damaged or no database of Titian (\(message))."),
                remedy: Text(
                    id: "titiand memperbaikinya sendiri dan menyimpan berkas lama. Jangan hapus.",
                    en: "titiand repairs it by itself and keeps the old file. Do not delete it."))
        case .foreign:
            return Problem(
                code: "store.foreign",
                summary: Text(
                    id: "\(path) milik program lain (\(message)).",
                    en: "\(path) belongs to another program (\(message))."),
                remedy: Text(
                    id: "Pindahkan berkas itu, atau pilih folder lain. Berkas tidak diubah.",
                    en: "Move that file away, or choose another folder. It was not changed."))
        case .busy:
            return Problem(
                code: "store.busy",
                summary: Text(
                    id: "\(path) sedang dipakai proses lain.",
                    en: "\(path) is used by another process."),
                remedy: Text(
                    id: "Hentikan proses itu, atau pakai perintah lewat layanan yang berjalan.",
                    en: "Stop that process, or go through the running service."))
        case .newer:
            return Problem(
                code: "store.newer",
                summary: Text(
                    id: "\(path) ditulis oleh Titian yang lebih baru (\(message)).",
                    en: "\(path) was written by a newer Titian (\(message))."),
                remedy: Text(
                    id: "Pasang versi yang lebih baru. Berkas tidak diubah.",
                    en: "Install the newer version. The file was not changed."))
        case .constraint, .failed:
            return Problem(
                code: "store.failed",
                summary: Text(
                    id: "\(path) menolak perintah (\(message), kode \(code)).",
                    en: "\(path) refused an operation (\(message), code \(code))."),
                remedy: Text(
                    id: "Titian mencoba lagi. Bila berulang, periksa disk atau kartu SD.",
                    en: "Titian tries again. If it repeats, check the disk or SD card."))
        }
    }
}
