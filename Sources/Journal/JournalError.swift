public import Attendance
public import Exchange

/// What can be wrong with a journal as a whole.
public enum JournalError: Explained, Hashable {
    /// A line and its hashes disagree; 0 where it is not one line.
    case damaged(path: String, seq: Int64)
    /// The journal was begun with another key than the one in the state folder.
    case otherKey(path: String)
    /// The file is there and holds nothing, but a journal was begun here before.
    case emptied(path: String, journal: JournalID)
    /// The file ends before an entry that was confirmed here: its write-ahead log is lost, or an older
    /// file was put in its place.
    case behind(path: String, head: Int64, confirmed: Int64)
    /// The note beside the journal could not be written.
    case unwritable(path: String, reason: String)
    /// A receipt speaks of entries that this journal does not hold in this form.
    case receiptMismatch(seq: Int64)

    public var problem: Problem {
        switch self {
        case .damaged(let path, let seq):
            return Problem(
                code: "journal.damaged",
                summary: Text(
                    id: "Jurnal \(path) rusak\(seq > 0 ? " pada entri \(seq)" : "").",
                    en: "The journal \(path) is damaged\(seq > 0 ? " at entry \(seq)" : "")."),
                remedy: Text(
                    id: "titiand memperbaikinya sendiri dan menyimpan berkas lama. Jangan hapus.",
                    en: "titiand repairs it by itself and keeps the old file. Do not delete it."))
        case .otherKey(let path):
            return Problem(
                code: "journal.other-key",
                summary: Text(
                    id: "Jurnal \(path) dimulai dengan kunci lain.",
                    en: "The journal \(path) was begun with another key."),
                remedy: Text(
                    id:
                        "Kembalikan bridge.key yang semula, atau pindahkan jurnal lama ke tempat lain.",
                    en: "Put the former bridge.key back, or move the old journal elsewhere."))
        case .emptied(let path, let journal):
            return Problem(
                code: "journal.emptied",
                summary: Text(
                    id: "\(path) kosong, padahal di sini pernah ada jurnal \(journal).",
                    en: "\(path) is empty, but the journal \(journal) was here before."),
                remedy: Text(
                    id:
                        "Kembalikan berkasnya, atau pindahkan: lalu jurnal baru dimulai dan terminal dibaca ulang.",
                    en:
                        "Put the file back, or move it away: then a new journal begins and the terminals are read again."
                ))
        case .behind(let path, let head, let confirmed):
            return Problem(
                code: "journal.behind",
                summary: Text(
                    id:
                        "\(path) berakhir pada entri \(head), padahal entri \(confirmed) sudah tersimpan: berkas -wal hilang, atau berkas lama dikembalikan.",
                    en:
                        "\(path) ends at entry \(head), but entry \(confirmed) was kept here: its -wal file is lost, or an older file was put back."
                ),
                remedy: Text(
                    id: "titiand memperbaikinya sendiri dan membaca ulang terminal. Jangan hapus.",
                    en:
                        "titiand repairs it by itself and reads the terminals again. Do not delete it."
                ))
        case .unwritable(let path, let reason):
            return Problem(
                code: "journal.unwritable",
                summary: Text(
                    id: "\(path) tidak dapat ditulis (\(reason)).",
                    en: "\(path) cannot be written (\(reason))."),
                remedy: Text(
                    id: "Periksa izin folder, ruang disk, dan apakah disk terpasang hanya-baca.",
                    en: "Check the folder's permissions, free space, and whether it is read-only."))
        case .receiptMismatch(let seq):
            return Problem(
                code: "journal.receipt-mismatch",
                summary: Text(
                    id: "Tanda terima BKD untuk entri \(seq) tidak cocok dengan jurnal.",
                    en: "The centre's receipt for entry \(seq) does not fit the journal."),
                remedy: Text(
                    id: "Tidak ada yang dianggap terkirim. Jalankan 'titian journal verify'.",
                    en: "Nothing counts as delivered by it. Run 'titian journal verify'."))
        }
    }
}
