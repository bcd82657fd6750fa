public import Attendance

/// What the centre refuses to people and programs at the BKD.
public enum CentralError: Explained, Hashable {
    case unknownOffice(String, nearest: String?)
    case badOffices(line: Int, column: String, rule: String)
    case unknownUser(String)
    case userExists(String)
    case badUserName(String)
    case unknownBridge(String)
    case unknownTerminal(String)
    case badReceiptKey(path: String)
    case cannotWrite(path: String, reason: String)
    case cannotRead(path: String, reason: String)

    public var problem: Problem {
        switch self {
        case .unknownOffice(let office, let nearest):
            let hint = nearest.map { Text(id: " Maksudnya \($0)?", en: " Do you mean \($0)?") }
            return Problem(
                code: "centre.office-unknown",
                summary: Text(
                    id: "Kantor \(office) tidak dikenal.\(hint?.indonesian ?? "")",
                    en: "The office \(office) is not known.\(hint?.english ?? "")"),
                remedy: Text(
                    id: "Impor daftar kantor dengan 'titian-server office import'.",
                    en: "Import the list of offices with 'titian-server office import'."))
        case .badOffices(let line, let column, let rule):
            return Problem(
                code: "centre.offices-unreadable",
                summary: Text(
                    id: "Daftar kantor, baris \(line), kolom \(column): \(rule).",
                    en: "List of offices, line \(line), column \(column): \(rule)."),
                remedy: Text(
                    id: "Perbaiki baris itu lalu impor lagi. Belum ada yang diubah.",
                    en: "Correct that line and import again. Nothing was changed."))
        case .unknownUser(let name):
            return Problem(
                code: "centre.user-unknown",
                summary: Text(
                    id: "Pengguna \(name) tidak dikenal.", en: "The user \(name) is not known."),
                remedy: Text(
                    id: "Tambahkan dengan 'titian-server user add'.",
                    en: "Add the user with 'titian-server user add'."))
        case .userExists(let name):
            return Problem(
                code: "centre.user-exists",
                summary: Text(
                    id: "Pengguna \(name) sudah ada.", en: "The user \(name) exists already."),
                remedy: Text(
                    id: "Pilih nama lain. Sandi yang lama tetap berlaku.",
                    en: "Choose another name. The old password is still valid."))
        case .badUserName(let name):
            return Problem(
                code: "centre.user-name",
                summary: Text(
                    id: "\"\(name)\" bukan nama pengguna.", en: "\"\(name)\" is no user name."),
                remedy: Text(
                    id: "Pakai 1 sampai 40 huruf kecil, angka, titik atau tanda hubung.",
                    en: "Use 1 to 40 lower-case letters, digits, dots or hyphens."))
        case .unknownBridge(let key):
            return Problem(
                code: "centre.bridge-unknown",
                summary: Text(
                    id: "Jembatan \(key) tidak dikenal.", en: "The bridge \(key) is not known."),
                remedy: Text(
                    id: "Lihat nomor jembatan di halaman kantornya.",
                    en: "Look up the bridge's number on the page of its office."))
        case .unknownTerminal(let terminal):
            return Problem(
                code: "centre.terminal-unknown",
                summary: Text(
                    id: "Mesin \(terminal) belum pernah terlihat.",
                    en: "The terminal \(terminal) was never seen."),
                remedy: Text(
                    id: "Periksa merek dan nomor serinya: merek:nomor.",
                    en: "Check its make and serial number: make:serial."))
        case .badReceiptKey(let path):
            return Problem(
                code: "centre.receipt-key",
                summary: Text(
                    id: "\(path) bukan kunci tanda terima.", en: "\(path) is no receipt key."),
                remedy: Text(
                    id:
                        "Pulihkan berkas itu dari cadangan. Jangan dihapus: jembatan mengenal kuncinya.",
                    en: "Restore the file from a backup. Do not delete it: bridges know its key."))
        case .cannotWrite(let path, let reason):
            return Problem(
                code: "centre.folder-unwritable",
                summary: Text(
                    id: "\(path) tidak dapat ditulis (\(reason)).",
                    en: "\(path) cannot be written (\(reason))."),
                remedy: Text(
                    id: "Periksa izin dan ruang folder data.",
                    en: "Check the data folder's permissions and space."))
        case .cannotRead(let path, let reason):
            return Problem(
                code: "centre.file-unreadable",
                summary: Text(
                    id: "\(path) tidak dapat dibaca (\(reason)).",
                    en: "\(path) cannot be read (\(reason))."),
                remedy: Text(
                    id: "Periksa nama dan izin berkas itu. Tidak ada yang diubah.",
                    en: "Check the file's name and permissions. Nothing was changed."))
        }
    }
}
