public import Attendance

/// Why a backup was not made, or a server not restored from one.
public enum BackupError: Explained, Hashable {
    case unwritable(String, reason: String)
    case unreadable(String, reason: String)
    case notABackup(String)
    case damaged(String, reason: String)
    /// The books themselves are not whole; the finding says where.
    case notWhole(finding: String)
    /// The backup would be lost with what it is a backup of.
    case insideData(String)
    case folderNotEmpty(String)
    /// An earlier restore was cut short; nothing else may use the folder.
    case unfinished(String)

    public var problem: Problem {
        switch self {
        case .unwritable(let path, let reason):
            Problem(
                code: "backup.unwritable",
                summary: Text(
                    id: "\(path) tidak dapat ditulis (\(reason)).",
                    en: "\(path) cannot be written (\(reason))."),
                remedy: Text(
                    id: "Periksa ruang disk dan izin, lalu ulangi. Cadangan lama tetap ada.",
                    en: "Check space and permissions, then repeat. Older backups are untouched."))
        case .unreadable(let path, let reason):
            Problem(
                code: "backup.unreadable",
                summary: Text(
                    id: "Cadangan \(path) tidak dapat dibaca (\(reason)).",
                    en: "The backup \(path) cannot be read (\(reason))."),
                remedy: Text(
                    id: "Periksa nama berkas dan izinnya.",
                    en: "Check the file's name and permissions."))
        case .notABackup(let path):
            Problem(
                code: "backup.not-a-backup",
                summary: Text(
                    id: "\(path) bukan cadangan titian-server, atau terpotong.",
                    en: "\(path) is no backup of titian-server, or it was cut."),
                remedy: Text(
                    id: "Salin lagi berkas itu, atau pakai cadangan yang lain.",
                    en: "Copy the file again, or use another backup."))
        case .damaged(let path, let reason):
            Problem(
                code: "backup.damaged",
                summary: Text(
                    id: "Cadangan \(path) rusak (\(reason)); tidak ada yang dipulihkan.",
                    en: "The backup \(path) is damaged (\(reason)); nothing was restored."),
                remedy: Text(
                    id: "Salin lagi berkas itu, atau pakai cadangan yang lain.",
                    en: "Copy the file again, or use another backup."))
        case .notWhole(let finding):
            Problem(
                code: "backup.not-whole",
                summary: Text(
                    id: "Buku server tidak utuh: \(finding). Cadangan tidak disimpan.",
                    en: "The books are not whole: \(finding). The backup was not kept."),
                remedy: Text(
                    id:
                        "Jalankan 'titian-server verify'; salin folder data, jangan hapus cadangan lama.",
                    en:
                        "Run 'titian-server verify'; copy the data folder, delete no older backup.")
            )
        case .insideData(let path):
            Problem(
                code: "backup.inside-data",
                summary: Text(
                    id: "\(path) ada di dalam folder data, yang akan hilang bersamanya.",
                    en: "\(path) is inside the data folder and would be lost with it."),
                remedy: Text(
                    id: "Pilih tempat lain, sebaiknya disk lain.",
                    en: "Choose another place, best another disk."))
        case .folderNotEmpty(let path):
            Problem(
                code: "backup.folder-not-empty",
                summary: Text(
                    id: "\(path) tidak kosong; memulihkan akan menimpa yang ada.",
                    en: "\(path) is not empty; a restore would overwrite what is there."),
                remedy: Text(
                    id: "Hentikan server, pindahkan isi folder itu ke tempat aman, lalu ulangi.",
                    en: "Stop the server, move what is in the folder to a safe place, repeat."))
        case .unfinished(let path):
            Problem(
                code: "backup.restore-unfinished",
                summary: Text(
                    id: "Pemulihan ke \(path) terputus di tengah jalan.",
                    en: "A restore into \(path) was cut short."),
                remedy: Text(
                    id: "Jalankan lagi 'titian-server restore' dengan cadangan yang sama.",
                    en: "Run 'titian-server restore' again with the same backup."))
        }
    }
}
