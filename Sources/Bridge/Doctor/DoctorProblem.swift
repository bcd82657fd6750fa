import Attendance

/// What only the doctor says; everything else it finds has its words already.
enum DoctorProblem: Explained, Hashable {
    case diskNearlyFull(path: String, freeMegabytes: Int64)
    case clockUnset(now: String)
    case clockNotKept
    case clockNotSetYet(by: String)
    case noNetwork
    case noJournal(folder: String)
    case noTerminals
    case terminalClock(offsetSeconds: Int64)
    case terminalNearlyFull(records: Int, capacity: Int)
    case terminalSilentSince(String)
    case notEnrolled
    case enrolmentDamaged(path: String)
    case centreClock(offsetSeconds: Int64)
    case nothingReceipted(since: String, queue: Int)
    case portHeld(path: String, by: String)
    case needsRights(path: String)
    case diskReadOnly(path: String)
    case filesNearlyUsedUp(path: String, left: Int64)
    case diskErrors(device: String, count: Int64)
    case cardWorn(device: String, used: String)
    case slowCommits(milliseconds: Int64)
    case otherVersion(daemon: String, titian: String)
    case daemonEnded(times: Int, last: String)
    case pushRefused(serial: String, peer: String)
    case filesHeld(count: Int, first: String)

    var problem: Problem {
        switch self {
        case .diskNearlyFull(let path, let free):
            Problem(
                code: "box.disk-nearly-full",
                summary: Text(
                    id: "Disk tempat \(path) hampir penuh: \(free) MB tersisa.",
                    en: "The disk that holds \(path) is nearly full: \(free) MB left."),
                remedy: Text(
                    id: "Kosongkan ruang (log lama, berkas lain); jangan sentuh \(path).",
                    en: "Make room (old logs, other files); do not touch \(path)."))
        case .clockUnset(let now):
            Problem(
                code: "box.clock-unset",
                summary: Text(
                    id: "Jam kotak ini menunjukkan \(now).",
                    en: "This box's clock says \(now)."),
                remedy: Text(
                    id:
                        "Sambungkan internet agar jam benar sendiri, atau setel dengan 'timedatectl'.",
                    en: "Connect the internet so that it comes right, or set it with 'timedatectl'."
                ))
        case .clockNotKept:
            Problem(
                code: "box.clock-not-kept",
                summary: Text(
                    id: "Tidak ada yang menjaga jam kotak ini tetap benar.",
                    en: "Nothing keeps this box's clock right."),
                remedy: Text(
                    id:
                        "Jalankan 'timedatectl set-ntp true'. Waktu mesin absensi tidak terpengaruh.",
                    en: "Run 'timedatectl set-ntp true'. The terminals' times are not affected."))
        case .clockNotSetYet(let program):
            Problem(
                code: "box.clock-not-set-yet",
                summary: Text(
                    id:
                        "Jam kotak ini belum disetel sejak dinyalakan; \(program) menunggu internet.",
                    en:
                        "This box's clock was not set since it was switched on; \(program) waits for the internet."
                ),
                remedy: Text(
                    id:
                        "Beres sendiri bila internet datang; tanpa itu pakai 'titian clock witness'. Waktu mesin absensi tidak terpengaruh.",
                    en:
                        "It comes right with the internet; without it use 'titian clock witness'. The terminals' times are not affected."
                ))
        case .noNetwork:
            Problem(
                code: "box.no-network",
                summary: Text(
                    id: "Kotak ini tidak tersambung ke jaringan mana pun.",
                    en: "This box is connected to no network."),
                remedy: Text(
                    id: "Periksa kabel jaringan atau Wi-Fi kotak ini.",
                    en: "Check this box's network cable or Wi-Fi."))
        case .noJournal(let folder):
            Problem(
                code: "box.no-journal",
                summary: Text(
                    id: "Belum ada jurnal di \(folder): titiand belum pernah berjalan di sini.",
                    en: "There is no journal in \(folder): titiand has never run here."),
                remedy: Text(
                    id: "Jalankan 'systemctl start titiand'.", en: "Run 'systemctl start titiand'.")
            )
        case .noTerminals:
            Problem(
                code: "config.no-terminals",
                summary: Text(
                    id: "Konfigurasi tidak menyebut satu mesin pun.",
                    en: "The configuration names no terminal."),
                remedy: Text(
                    id: "Jalankan 'titian scan' dan salin hasilnya ke konfigurasi.",
                    en: "Run 'titian scan' and copy what it prints into the configuration."))
        case .terminalClock, .terminalNearlyFull, .terminalSilentSince, .notEnrolled,
            .enrolmentDamaged, .centreClock,
            .nothingReceipted, .portHeld:
            ofTerminalsAndCentre
        case .needsRights, .diskReadOnly, .filesNearlyUsedUp, .diskErrors, .cardWorn, .slowCommits:
            ofTheDisk
        case .otherVersion, .daemonEnded, .pushRefused, .filesHeld:
            ofTheDaemon
        }
    }

    private var ofTerminalsAndCentre: Problem {
        switch self {
        case .terminalClock(let offset):
            Problem(
                code: "terminal.clock-off",
                summary: Text(
                    id: "Jam mesin meleset \(offset) detik.",
                    en: "The terminal's clock is off by \(offset) s."),
                remedy: Text(
                    id: "Setel jam pada menu mesin. Rekaman lama tetap seperti adanya.",
                    en: "Set the clock in the terminal's menu. Old punches stay as they are."))
        case .terminalNearlyFull(let records, let capacity):
            Problem(
                code: "terminal.nearly-full",
                summary: Text(
                    id: "Log mesin hampir penuh: \(records) dari \(capacity).",
                    en: "The terminal's log is nearly full: \(records) of \(capacity)."),
                remedy: Text(
                    id: "Setelah semua diterima BKD, kosongkan log dari menu mesin.",
                    en: "When the centre has received all, clear the log in the terminal's menu."))
        case .terminalSilentSince(let time):
            Problem(
                code: "terminal.not-read",
                summary: Text(
                    id: "Mesin belum terbaca sejak \(time).",
                    en: "The terminal has not been read since \(time)."),
                remedy: Text(
                    id: "Tunggu satu menit, lalu jalankan 'titian doctor' lagi.",
                    en: "Wait a minute, then run 'titian doctor' again."))
        case .notEnrolled:
            Problem(
                code: "centre.not-enrolled",
                summary: Text(
                    id: "Kantor ini belum terdaftar di BKD; rekaman menunggu di disk.",
                    en: "This office is not enrolled at the centre; punches wait on disk."),
                remedy: Text(
                    id: "Minta kode pendaftaran dari BKD, lalu jalankan 'titian enroll'.",
                    en: "Ask the centre for an enrolment code, then run 'titian enroll'."))
        case .enrolmentDamaged(let path):
            Problem(
                code: "centre.enrolment-damaged",
                summary: Text(
                    id: "\(path) rusak: alamat dan kunci BKD tidak terbaca.",
                    en: "\(path) is damaged: the centre's address and key cannot be read."),
                remedy: Text(
                    id: "Minta kode pendaftaran dari BKD, lalu jalankan 'titian enroll'.",
                    en: "Ask the centre for an enrolment code, then run 'titian enroll'."))
        case .centreClock(let offset):
            Problem(
                code: "centre.clock-differs",
                summary: Text(
                    id: "Jam kotak ini dan jam BKD berbeda \(offset) detik.",
                    en: "This box's clock and the centre's differ by \(offset) s."),
                remedy: Text(
                    id: "Jalankan 'timedatectl set-ntp true' pada kotak ini.",
                    en: "Run 'timedatectl set-ntp true' on this box."))
        case .nothingReceipted(let since, let queue):
            Problem(
                code: "centre.nothing-receipted",
                summary: Text(
                    id: "\(queue) entri menunggu; tanda terima terakhir \(since).",
                    en: "\(queue) entries wait; the last receipt was \(since)."),
                remedy: Text(
                    id: "Jalankan 'titian sync now' dan lihat jawabannya.",
                    en: "Run 'titian sync now' and look at its answer."))
        case .portHeld(let path, let program):
            Problem(
                code: "line.held",
                summary: Text(
                    id: "Port \(path) dipakai oleh \(program).",
                    en: "The port \(path) is used by \(program)."),
                remedy: Text(
                    id: "Hentikan program itu, lalu coba lagi.",
                    en: "Stop that program, then try again."))
        default:
            problem
        }
    }
}
