import Attendance
import Central

/// The words for what happened at an office and for what people did.
///
/// Events and actions are stored as English key words; one that is not known here is shown as it
/// is, because an older console must be able to show a newer book.
enum EventWords {
    private static let events: [String: Text] = [
        "terminal-seen": Text(id: "mesin tersambung", en: "terminal connected"),
        "terminal-lost": Text(id: "mesin tak terjangkau", en: "terminal unreachable"),
        "terminal-replaced": Text(id: "mesin diganti", en: "terminal replaced"),
        "terminal-log-cleared": Text(id: "log mesin dikosongkan", en: "its log was cleared"),
        "terminal-nearly-full": Text(id: "log mesin hampir penuh", en: "its log is nearly full"),
        "terminal-clock-set": Text(id: "jam mesin disetel", en: "its clock was set"),
        "terminal-elsewhere": Text(
            id: "mesin ini milik kantor lain", en: "this terminal belongs to another office"),
        "terminal-placed": Text(id: "mesin ditempatkan di sini", en: "terminal placed here"),
        "bridge-clock-set": Text(id: "jam kotak disetel", en: "the box's clock was set"),
        "clock-jump": Text(id: "lompatan jam", en: "its clock jumped"),
        "bridge-start": Text(id: "jembatan mulai", en: "bridge started"),
        "bridge-stop": Text(id: "jembatan berhenti", en: "bridge stopped"),
        "bridge-configuration": Text(id: "konfigurasi berubah", en: "configuration changed"),
        "bridge-version": Text(id: "versi jembatan berubah", en: "bridge version changed"),
        "bridge-repaired": Text(id: "jurnal diperbaiki", en: "journal repaired"),
        "bridge-enrolled": Text(id: "jembatan terdaftar", en: "bridge enrolled"),
        "bridge-revoked": Text(id: "pendaftaran jembatan dicabut", en: "bridge revoked"),
        "bridge-clone": Text(
            id: "dua kotak memakai satu identitas", en: "two boxes use one identity"),
        "journal-new": Text(id: "jurnal baru dimulai", en: "a new journal began"),
        "journal-forked": Text(
            id: "dipulihkan dari salinan lama", en: "restored from an old image"),
        "journal-hole": Text(
            id: "entri hilang saat server dipulihkan",
            en: "entries lost when the server was restored"),
        "file-import": Text(id: "berkas diimpor", en: "file imported"),
        "late-batch": Text(id: "rekaman susulan diterima", en: "late entries received"),
    ]

    private static let flags: [String: Text] = [
        "oddity": Text(id: "rekaman rusak", en: "damaged record"),
        "no-punch": Text(id: "bukan absen", en: "no punch"),
        "unreadable": Text(id: "baris tidak terbaca", en: "line cannot be read"),
        "wrong-seq": Text(id: "nomor urut salah", en: "wrong sequence number"),
        "unknown-kind": Text(id: "jenis baris tidak dikenal", en: "unknown kind of line"),
        "unclear": Text(id: "rekaman tidak jelas", en: "unclear record"),
        "too-long": Text(id: "baris terlalu panjang", en: "line too long"),
        "elsewhere": Text(id: "mesin kantor lain", en: "terminal of another office"),
    ]

    /// What a controller writes down that is nobody's punch, as `no punch: exit button` says it.
    private static let noPunches: [String: Text] = [
        "site error": Text(id: "kartu dari instansi lain", en: "card of another site"),
        "wrong pin": Text(id: "PIN salah", en: "wrong PIN"),
        "unknown card": Text(id: "kartu tidak dikenal", en: "unknown card"),
        "outside the time zone": Text(id: "di luar jam akses", en: "outside the hours of access"),
        "door group": Text(id: "pintu di luar haknya", en: "a door not allowed"),
        "expired": Text(id: "kartu kedaluwarsa", en: "card expired"),
        "exit button": Text(id: "tombol keluar ditekan", en: "exit button pressed"),
        "power on": Text(id: "alat menyala", en: "controller switched on"),
        "anti-pass-back": Text(id: "masuk dua kali tanpa keluar", en: "came in twice"),
        "finger refused": Text(id: "jari ditolak", en: "finger refused"),
        "vein refused": Text(id: "pembuluh darah ditolak", en: "vein refused"),
        "face refused": Text(id: "wajah ditolak", en: "face refused"),
        "black list": Text(id: "kartu dilarang", en: "barred card"),
    ]
    private static let noPunch = "no punch: "

    private static let actions: [String: Text] = [
        "sign-in": Text(id: "masuk", en: "signed in"),
        "sign-in-failed": Text(id: "gagal masuk", en: "failed to sign in"),
        "sign-out": Text(id: "keluar", en: "signed out"),
        "view-office": Text(id: "melihat kantor", en: "viewed an office"),
        "view-audit": Text(id: "melihat jejak audit", en: "viewed the audit log"),
        "export-punches": Text(id: "mengunduh rekaman", en: "exported punches"),
        "add-user": Text(id: "menambah akun", en: "added an account"),
        "set-password": Text(id: "mengganti kata sandi", en: "set a password"),
        "disable-user": Text(id: "menutup akun", en: "disabled an account"),
        "enable-user": Text(id: "membuka akun", en: "enabled an account"),
        "import-offices": Text(id: "memasukkan daftar kantor", en: "took in a list of offices"),
        "make-code": Text(id: "membuat kode pendaftaran", en: "made an enrolment code"),
        "enrol-bridge": Text(id: "mendaftarkan jembatan", en: "enrolled a bridge"),
        "accept-courier": Text(id: "menerima berkas kurir", en: "took in a courier file"),
        "make-backup": Text(id: "membuat cadangan", en: "made a backup"),
        "restore-backup": Text(id: "memulihkan dari cadangan", en: "restored from a backup"),
        "apply-retention": Text(id: "melupakan baris lama", en: "forgot old lines"),
        "export-subject": Text(id: "mengekspor data seseorang", en: "exported a person's data"),
        "erase-subject": Text(id: "menghapus data seseorang", en: "erased a person's data"),
        "announce-pins": Text(id: "mengumumkan kunci baru", en: "announced new keys"),
        "place-terminal": Text(id: "menempatkan mesin", en: "placed a terminal"),
        "revoke-bridge": Text(id: "mencabut jembatan", en: "revoked a bridge"),
    ]

    /// What must be said beside a moment that is not certain.
    static func certainty(_ certainty: Certainty) -> Text? {
        switch certainty {
        case .known: nil
        case .box: Text(id: "menurut jam kotak", en: "by the box's clock")
        case .latest:
            Text(
                id: "paling lambat; waktu tepatnya tidak diketahui, jam kotak salah",
                en: "at the latest; the moment is not known, the box's clock was wrong")
        }
    }

    static func text(_ event: String) -> Text { events[event] ?? Text(id: event, en: event) }

    static func action(_ action: String) -> Text { actions[action] ?? Text(id: action, en: action) }

    /// Why a line was set aside, and its detail.
    ///
    /// A record that is whole and nobody's punch – a door, a power cut – is not called damaged.
    static func flag(_ reason: String, _ detail: String?) -> (what: Text, detail: Text?) {
        if reason == "oddity", let detail, detail.hasPrefix(noPunch) {
            let event = String(detail.dropFirst(noPunch.count))
            return (flag("no-punch"), noPunches[event] ?? numbered(event))
        }
        return (flag(reason), detail.map { Text(id: $0, en: $0) })
    }

    private static func flag(_ reason: String) -> Text {
        flags[reason] ?? Text(id: reason, en: reason)
    }

    /// `event 77`: a code that stands in no table.
    private static func numbered(_ event: String) -> Text {
        guard event.hasPrefix("event ") else { return Text(id: event, en: event) }
        return Text(id: "kejadian\(event.dropFirst(5))", en: event)
    }
}
