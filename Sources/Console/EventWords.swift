import Attendance

/// The words for what happened at an office and for what people did.
///
/// Events and actions are stored as English key words; one that is not known here is shown as it
/// is, because an older console must be able to show a newer book.
enum EventWords {
    private static let events: [String: Text] = [
        "seen": Text(id: "mesin tersambung", en: "terminal connected"),
        "lost": Text(id: "mesin tak terjangkau", en: "terminal unreachable"),
        "replaced": Text(id: "mesin diganti", en: "terminal replaced"),
        "log-cleared": Text(id: "log mesin dikosongkan", en: "the terminal's log was cleared"),
        "nearly-full": Text(id: "mesin hampir penuh", en: "terminal nearly full"),
        "clock-set": Text(id: "jam mesin disetel", en: "the terminal's clock was set"),
        "clock": Text(id: "jam mesin berubah", en: "the terminal's clock changed"),
        "start": Text(id: "jembatan mulai", en: "bridge started"),
        "stop": Text(id: "jembatan berhenti", en: "bridge stopped"),
        "configuration": Text(id: "konfigurasi berubah", en: "configuration changed"),
        "version": Text(id: "versi jembatan berubah", en: "bridge version changed"),
        "repaired": Text(id: "jurnal diperbaiki", en: "journal repaired"),
        "import": Text(id: "berkas diimpor", en: "file imported"),
        "oddity": Text(id: "rekaman rusak disimpan", en: "damaged record kept"),
        "enrolled": Text(id: "jembatan terdaftar", en: "bridge enrolled"),
        "forked": Text(id: "jurnal bercabang", en: "journal forked"),
        "gap": Text(id: "celah data", en: "gap in the data"),
        "unreadable": Text(
            id: "entri tak dikenal disimpan", en: "entry that is not understood was kept"),
    ]

    private static let actions: [String: Text] = [
        "sign-in": Text(id: "masuk", en: "signed in"),
        "sign-in-failed": Text(id: "gagal masuk", en: "failed to sign in"),
        "sign-out": Text(id: "keluar", en: "signed out"),
        "view-office": Text(id: "melihat kantor", en: "viewed an office"),
        "view-audit": Text(id: "melihat jejak audit", en: "viewed the audit log"),
        "export-punches": Text(id: "mengunduh rekaman", en: "exported punches"),
        "user-added": Text(id: "menambah akun", en: "added an account"),
        "offices-imported": Text(id: "memasukkan daftar kantor", en: "took in a list of offices"),
        "code-made": Text(id: "membuat kode pendaftaran", en: "made an enrolment code"),
        "bridge-enrolled": Text(id: "jembatan mendaftar", en: "a bridge enrolled"),
        "enrolment-refused": Text(id: "pendaftaran ditolak", en: "an enrolment was refused"),
    ]

    static func text(_ event: String) -> Text { events[event] ?? Text(id: event, en: event) }

    static func action(_ action: String) -> Text { actions[action] ?? Text(id: action, en: action) }
}
