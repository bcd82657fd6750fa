import Attendance

/// Words about the disk, and about what the daemon tells of itself.
extension DoctorProblem {
    var ofTheDisk: Problem {
        switch self {
        case .needsRights(let path):
            Problem(
                code: "box.needs-rights",
                summary: Text(
                    id: "Pengguna ini tidak boleh melihat \(path).",
                    en: "This user may not look at \(path)."),
                remedy: Text(
                    id: "Jalankan 'sudo titian doctor'.", en: "Run 'sudo titian doctor'."))
        case .diskReadOnly(let path):
            Problem(
                code: "box.disk-read-only",
                summary: Text(
                    id: "Disk tempat \(path) terpasang hanya-baca; rekaman tidak bisa disimpan.",
                    en: "The disk that holds \(path) is read-only; no punch can be kept."),
                remedy: Text(
                    id: "Nyalakan ulang kotak ini; bila tetap begitu, ganti kartu atau disknya.",
                    en: "Restart this box; if it stays so, replace its card or disk."))
        case .filesNearlyUsedUp(let path, let left):
            Problem(
                code: "box.no-inodes",
                summary: Text(
                    id: "Disk tempat \(path) hanya bisa menampung \(left) berkas lagi.",
                    en: "The disk that holds \(path) has room for \(left) more files only."),
                remedy: Text(
                    id: "Hapus berkas kecil yang menumpuk (sesi, surat, cache), bukan \(path).",
                    en: "Delete small files that pile up (sessions, mail, caches), not \(path)."))
        case .diskErrors(let device, let count):
            Problem(
                code: "box.disk-errors",
                summary: Text(
                    id: "Sistem berkas di \(device) mencatat \(count) kesalahan.",
                    en: "The file system on \(device) has counted \(count) errors."),
                remedy: Text(
                    id: "Salin /var/lib/titian ke tempat lain, lalu ganti kartu atau disknya.",
                    en: "Copy /var/lib/titian elsewhere, then replace the card or disk."))
        case .cardWorn(let device, let used):
            Problem(
                code: "box.card-worn",
                summary: Text(
                    id: "Kartu \(device) hampir aus (umur terpakai \(used)).",
                    en: "The card \(device) is nearly worn out (\(used) of its life used)."),
                remedy: Text(
                    id: "Siapkan kartu baru dan pindahkan kotak ini sebelum kartu itu rusak.",
                    en: "Get a new card and move this box to it before the old one fails."))
        case .slowCommits(let milliseconds):
            Problem(
                code: "box.disk-slow",
                summary: Text(
                    id: "Menyimpan satu rekaman memakan \(milliseconds) milidetik.",
                    en: "Keeping one punch on disk takes \(milliseconds) ms."),
                remedy: Text(
                    id:
                        "Lihat program apa yang memenuhi disk ('iotop'); bila tidak ada, ganti kartunya.",
                    en: "See what keeps the disk busy ('iotop'); if nothing does, replace the card."
                ))
        default:
            problem
        }
    }

    var ofTheDaemon: Problem {
        switch self {
        case .otherVersion(let daemon, let titian):
            Problem(
                code: "daemon.other-version",
                summary: Text(
                    id: "titiand yang berjalan versi \(daemon), yang terpasang \(titian).",
                    en: "The titiand that runs is version \(daemon), installed is \(titian)."),
                remedy: Text(
                    id: "Jalankan 'systemctl restart titiand'.",
                    en: "Run 'systemctl restart titiand'."))
        case .daemonEnded(let times, let last):
            Problem(
                code: "daemon.ended",
                summary: Text(
                    id: "titiand berhenti sendiri \(times) kali dalam 24 jam, terakhir \(last).",
                    en: "titiand ended by itself \(times) times in 24 hours, last at \(last)."),
                remedy: Text(
                    id: "Kirim isi 'journalctl -u titiand --since yesterday' ke BKD.",
                    en: "Send what 'journalctl -u titiand --since yesterday' says to the BKD."))
        case .pushRefused(let serial, let peer):
            Problem(
                code: "push.unknown-caller",
                summary: Text(
                    id: "Mesin \(serial) di \(peer) mengirim, padahal tidak ada pada [push].",
                    en: "The terminal \(serial) at \(peer) sends, but is not in [push]."),
                remedy: Text(
                    id:
                        "Tambahkan nomor seri itu pada [push], atau arahkan mesin itu ke tempat lain.",
                    en: "Add that serial number to [push], or point the terminal elsewhere."))
        case .filesHeld(let count, let first):
            Problem(
                code: "import.files-held",
                summary: Text(
                    id: "\(count) berkas stik menunggu; yang pertama \(first).",
                    en: "\(count) stick files wait; the first is \(first)."),
                remedy: Text(
                    id: "Lihat 'titian import --held' dan sebutkan mesin tiap berkas.",
                    en: "See 'titian import --held' and say whose each file is."))
        default:
            problem
        }
    }
}
