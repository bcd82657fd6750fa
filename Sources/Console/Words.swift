import Attendance

/// Every word of the pages that does not depend on what is shown, in both languages.
///
/// The Indonesian is written as officials write it. A template names a word as `{{word.signIn}}`;
/// a test compares the names in the templates with this list.
enum Word: String, CaseIterable {
    case skip, pages, fleet, audit, signOut, asOf
    case signIn, signInFor, signInAudited, name, password, toFleet
    case office, since, heard, queue, terminals, terminal, complete, whom, zone
    case clock, state, serial, model, link, lastRead, records
    case newSinceYesterday, longer, toCall, toCallNote, allWell, healthy, healthyNote,
        healthyListNote
    case planned, plannedNote, noOffices
    case recent, recentNote, noPunches, soon, time, pin, verify, key, provisionalNote
    case clockHistory, clockHistoryNote, noClock, past, noPast, download, downloadNote
    case bridge, oldest, disk, hostClock, stage, contact, version, through, unnamed
    case auditNote, auditWho, auditWhat, auditObject, auditFrom, auditWhen, noAudit
    case older, newest, chainWhole, chainBroken, terminalsNote, neverHeard, notYet
    case courier, courierNote, courierUpload, courierTwice, courierChoose, courierSize, courierSend
    case couriersTaken, courierFile, noCouriers, entriesNew, entriesKnown, courierResult
    case receivedThrough, receiptBack, receiptWhy, receiptSave, receiptDownload, receiptCarry,
        receiptImport, courierNext
    case revokeAsk, revokeTitle, revokeMeans, revokeKeeps, revokeReason, revokeReasonNote, revokeDo
    case revokedAlready, revokedBridges, revokedNote, cancel
    case elsewhere, elsewhereNote, placeAsk, placeTitle, placeMeans, placeSince, placeTime
    case placeAlways, placeDo, placedIn, seenFrom, entriesWait, lastCounted
    case nobodyActive, counted, box, started, enrolled, flaggedLines, flaggedNote, commandLine,
        timesIn

    var text: Text {
        if let text = courierText ?? decisionText { return text }
        return switch self {
        case .skip: Text(id: "Lompat ke isi", en: "Skip to content")
        case .pages: Text(id: "Halaman", en: "Pages")
        case .fleet: Text(id: "Ringkasan", en: "Overview")
        case .audit: Text(id: "Jejak audit", en: "Audit log")
        case .signOut: Text(id: "Keluar", en: "Sign out")
        case .asOf: Text(id: "Keadaan per", en: "As of")
        case .signIn: Text(id: "Masuk", en: "Sign in")
        case .signInFor:
            Text(
                id: "Untuk operator dan administrator BKD.",
                en: "For operators and administrators of the BKD.")
        case .signInAudited:
            Text(
                id: "Setiap percobaan masuk dicatat dalam jejak audit.",
                en: "Every attempt to sign in is kept in the audit log.")
        case .name: Text(id: "Nama pengguna", en: "User name")
        case .password: Text(id: "Kata sandi", en: "Password")
        case .toFleet: Text(id: "Ke ringkasan", en: "To the overview")
        case .office: Text(id: "Kantor", en: "Office")
        case .since: Text(id: "Sejak", en: "Since")
        case .heard: Text(id: "Terakhir melapor", en: "Last heard")
        case .queue: Text(id: "Antrean", en: "Queue")
        case .terminals: Text(id: "Mesin absensi", en: "Terminals")
        case .terminal: Text(id: "Mesin", en: "Terminal")
        case .complete: Text(id: "Lengkap s.d.", en: "Complete through")
        case .whom: Text(id: "Hubungi", en: "Whom to call")
        case .zone: Text(id: "Zona", en: "Zone")
        case .clock: Text(id: "Selisih jam", en: "Clock offset")
        case .state: Text(id: "Keadaan", en: "State")
        case .serial: Text(id: "No. seri", en: "Serial number")
        case .model: Text(id: "Model", en: "Model")
        case .link: Text(id: "Alamat", en: "Address")
        case .lastRead: Text(id: "Baca terakhir", en: "Last read")
        case .records: Text(id: "Rekaman", en: "Records")
        case .newSinceYesterday: Text(id: "Baru sejak kemarin", en: "New since yesterday")
        case .longer: Text(id: "Lebih lama", en: "Longer")
        case .toCall: Text(id: "Yang perlu ditelepon", en: "Whom to call")
        case .toCallNote:
            Text(
                id: "Penyebab yang sama dikelompokkan; yang baru lebih dulu.",
                en: "Equal causes are grouped; what is new comes first.")
        case .allWell:
            Text(
                id: "Semua kantor aktif melapor dan semua mesin terbaca.",
                en: "Every active office reports and every terminal is read.")
        case .healthy: Text(id: "Tanpa gangguan", en: "Without trouble")
        case .healthyNote:
            Text(
                id: "Waktu menurut zona tiap kantor.", en: "Times are in each office's zone.")
        case .healthyListNote:
            Text(
                id: "Di samping nama: data lengkap sampai, menurut zona kantor.",
                en: "Beside the name: data complete through, in the office's zone.")
        case .planned: Text(id: "Belum aktif", en: "Not active yet")
        case .plannedNote:
            Text(
                id: "Diam diharapkan; tidak dihitung sebagai gangguan.",
                en: "Silence is expected; not counted as trouble.")
        case .noOffices:
            Text(
                id: "Belum ada kantor. Masukkan daftarnya: titian-server office import offices.csv",
                en: "There are no offices yet. Take in a list: "
                    + "titian-server office import offices.csv")
        case .recent: Text(id: "Rekaman terbaru", en: "Recent punches")
        case .recentNote:
            Text(
                id: "Waktu mesin, seperti tercatat.", en: "The terminal's own time, as recorded.")
        case .noPunches:
            Text(id: "Belum ada rekaman dari kantor ini.", en: "No punches from this office yet.")
        case .soon: Text(id: "sementara", en: "provisional")
        case .time: Text(id: "Waktu mesin", en: "Terminal time")
        case .pin: Text(id: "PIN mesin", en: "Terminal PIN")
        case .verify: Text(id: "Cara", en: "Method")
        case .key: Text(id: "Tombol", en: "Key")
        case .provisionalNote:
            Text(
                id: "Rekaman sementara terlihat lebih dulu dan belum dihitung.",
                en: "Provisional punches are shown early and are not counted yet.")
        case .clockHistory: Text(id: "Riwayat jam mesin", en: "Clock history")
        case .clockHistoryNote:
            Text(
                id: "Selisih jam mesin terhadap jam jembatan.",
                en: "The terminals' clocks against the bridge's.")
        case .noClock:
            Text(id: "Belum ada pengukuran jam.", en: "No clock has been measured yet.")
        case .past: Text(id: "Riwayat", en: "What happened")
        case .noPast: Text(id: "Belum ada kejadian.", en: "Nothing has happened yet.")
        case .download: Text(id: "Unduh rekaman (CSV)", en: "Download punches (CSV)")
        case .downloadNote:
            Text(
                id: "Unduhan dicatat dalam jejak audit.", en: "Downloads are kept in the audit log."
            )
        case .bridge: Text(id: "Jembatan", en: "Bridge")
        case .oldest: Text(id: "tertua", en: "oldest")
        case .disk: Text(id: "Disk kosong", en: "Disk free")
        case .hostClock: Text(id: "Jam jembatan", en: "Bridge's clock")
        case .stage: Text(id: "Tahap", en: "Stage")
        case .contact: Text(id: "Kontak", en: "Contact")
        case .version: Text(id: "versi", en: "version")
        case .through: Text(id: "Data lengkap sampai", en: "Data complete through")
        case .unnamed: Text(id: "belum dikenal", en: "not known yet")
        case .auditNote:
            Text(
                id: "Siapa melihat atau mengubah apa, terbaru lebih dulu.",
                en: "Who looked at or changed what, newest first.")
        case .auditWho: Text(id: "Siapa", en: "Who")
        case .auditWhat: Text(id: "Tindakan", en: "Action")
        case .auditObject: Text(id: "Objek", en: "Object")
        case .auditFrom: Text(id: "Dari", en: "From")
        case .auditWhen: Text(id: "Waktu", en: "Time")
        case .noAudit: Text(id: "Belum ada catatan.", en: "No rows yet.")
        case .older: Text(id: "Lebih lama", en: "Older")
        case .newest: Text(id: "Terbaru", en: "Newest")
        case .chainWhole: Text(id: "Rantai utuh", en: "Chain is whole")
        case .chainBroken: Text(id: "Rantai rusak", en: "Chain is broken")
        case .terminalsNote:
            Text(
                id: "Seperti dilaporkan jembatan.", en: "As the bridge reported them.")
        case .neverHeard: Text(id: "belum pernah", en: "never")
        case .nobodyActive:
            Text(
                id: "Belum ada kantor aktif. Ubah tahapnya menjadi 'aktif' di daftar kantor.",
                en: "No office is active yet. Set its stage to 'aktif' in the list of offices.")
        case .counted: Text(id: "Rekaman dihitung", en: "Punches counted")
        case .box: Text(id: "Kotak", en: "Box")
        case .started: Text(id: "Menyala sejak", en: "Up since")
        case .enrolled: Text(id: "Terdaftar", en: "Enrolled")
        case .commandLine: Text(id: "baris perintah", en: "command line")
        case .timesIn: Text(id: "Waktu dalam", en: "Times are in")
        case .flaggedLines: Text(id: "Baris yang ditandai", en: "Flagged lines")
        case .flaggedNote:
            Text(
                id: "Disimpan apa adanya; tidak dihitung.",
                en: "Kept as they are; not counted.")
        case .notYet: Text(id: "belum ada", en: "not yet")
        default: Text(id: rawValue, en: rawValue)
        }
    }

    func callAsFunction(_ language: Language) -> String { text(language) }

    /// All words of one language, for the templates.
    static func all(_ language: Language) -> [String: String] {
        Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0.text(language)) })
    }
}
