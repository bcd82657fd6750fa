import Attendance
import Central

/// What is wrong with an office, in words: a heading for all offices with the same cause, and
/// what to do about it.
///
/// What is wrong, since when and how badly is decided by `Central`; here are only the words.
struct CauseWords {
    let title: Text
    let advice: Text

    init(_ code: Cause.Code) {
        (title, advice) = Self.bridgeWords(code) ?? Self.terminalWords(code)
    }

    private static func bridgeWords(_ code: Cause.Code) -> (Text, Text)? {
        switch code {
        case .clone:
            (
                Text(id: "Dua kotak memakai satu identitas", en: "Two boxes use one identity"),
                Text(
                    id: "Tanyakan kotak mana yang asli; cabut kartu SD salinannya.",
                    en: "Ask which box is the real one; take the copied SD card out.")
            )
        case .forked:
            (
                Text(id: "Dipulihkan dari salinan lama", en: "Restored from an old image"),
                Text(
                    id: "Jembatan memulai jurnal baru sendiri. Tidak ada yang perlu diketik.",
                    en: "The bridge begins a new journal by itself. Nothing has to be typed.")
            )
        case .silent:
            (
                Text(id: "Jembatan tidak melapor", en: "The bridge is silent"),
                Text(
                    id: "Tanyakan listrik dan internet. Rekaman di mesin dan antrean tidak hilang; "
                        + "akan terkirim saat tersambung.",
                    en: "Ask about power and internet. Punches in terminals and queue are not "
                        + "lost; they arrive when the line is back.")
            )
        case .neverHeard:
            (
                Text(id: "Terdaftar, belum pernah melapor", en: "Enrolled, never heard"),
                Text(
                    id: "Tanyakan apakah kotak sudah dipasang dan menyala.",
                    en: "Ask whether the box is installed and switched on.")
            )
        case .notEnrolled:
            (
                Text(id: "Jembatan belum terdaftar", en: "No bridge enrolled"),
                Text(
                    id: "Buat kode dengan titian-server enroll-code dan berikan kepada teknisi.",
                    en: "Make a code with titian-server enroll-code and give it to the technician.")
            )
        case .revoked:
            (
                Text(id: "Pendaftaran jembatan dicabut", en: "The bridge was shut out"),
                Text(
                    id: "Kirimannya ditolak. Untuk kotak pengganti, buat kode dengan "
                        + "titian-server enroll-code.",
                    en: "Its calls are refused. For the box in its place, make a code with "
                        + "titian-server enroll-code.")
            )
        case .queueOld:
            (
                Text(id: "Antrean tertahan", en: "The queue is held up"),
                Text(
                    id: "Jembatan melapor, tetapi rekaman lama belum terkirim.",
                    en: "The bridge reports, but old punches have not arrived.")
            )
        case .hostUnsynced:
            (
                Text(
                    id: "Jam jembatan tidak sinkron", en: "The bridge's clock is not synchronised"),
                Text(
                    id: "Waktu mesin tetap disimpan. Periksa NTP di kotak.",
                    en: "The terminals' times are kept. Check NTP on the box.")
            )
        case .diskNearlyFull:
            (
                Text(id: "Disk jembatan hampir penuh", en: "The bridge's disk is nearly full"),
                Text(
                    id: "Kosongkan disk kotak; rekaman tetap disimpan selama ada ruang.",
                    en: "Free space on the box; punches are kept as long as there is room.")
            )
        default: nil
        }
    }

    private static func terminalWords(_ code: Cause.Code) -> (Text, Text) {
        switch code {
        case .terminalLost:
            (
                Text(id: "Mesin tak terjangkau", en: "A terminal cannot be reached"),
                Text(
                    id: "Jembatan hidup. Tanyakan listrik dan kabel mesin.",
                    en: "The bridge is up. Ask about the terminal's power and cable.")
            )
        case .terminalBlocked:
            (
                Text(id: "Mesin tidak dapat dibaca", en: "A terminal cannot be read"),
                Text(
                    id: "Mesin menjawab, tetapi lognya tidak terbuka. Kirim teknisi.",
                    en: "The terminal answers but its log stays closed. Send a technician.")
            )
        case .terminalElsewhere:
            (
                Text(id: "Mesin milik kantor lain", en: "A terminal of another office"),
                Text(
                    id: "Rekamannya disimpan dan belum dihitung. Katakan di halaman kantor di mana "
                        + "mesin itu berdiri.",
                    en: "Its punches are kept and not counted yet. Say on the office's page where "
                        + "the terminal stands.")
            )
        case .clockOff:
            (
                Text(id: "Jam mesin salah", en: "A terminal's clock is wrong"),
                Text(
                    id: "Waktu asli tetap disimpan. Minta kantor membetulkan jam mesin.",
                    en: "The original times are kept. Ask the office to set the clock.")
            )
        case .coverageHole:
            (
                Text(id: "Celah data", en: "Gap in the data"),
                Text(
                    id: "Tanpa keterangan belum dapat ditetapkan untuk waktu itu.",
                    en: "Unexplained absence cannot be established for that time.")
            )
        case .logNearlyFull:
            (
                Text(id: "Log mesin hampir penuh", en: "A terminal's log is nearly full"),
                Text(
                    id: "Rekaman tertua akan tertimpa; yang sudah diterima aman di BKD.",
                    en: "The oldest punches will be overwritten; what was received is safe here.")
            )
        default:
            (
                Text(id: "Baris yang perlu dilihat", en: "Lines that need a look"),
                Text(
                    id: "Disimpan apa adanya, tidak dihitung, tidak menahan apa pun.",
                    en: "Kept as they are, not counted, and holding nothing up.")
            )
        }
    }
}
