import Attendance
import Exchange

/// What is said of a courier file: what it is, and what to do next.
enum CourierWords {
    typealias Words = (title: Text, advice: Text)

    static let taken: Words = (
        Text(id: "Diterima.", en: "Taken."),
        Text(
            id: "Isi berkas tersimpan dan dihitung sekali. Bawa pulang tanda terimanya.",
            en: "What the file held is stored and counted once. Carry its receipt back.")
    )
    static let nothingNew: Words = (
        Text(id: "Semua isinya sudah ada.", en: "All of it was here already."),
        Text(
            id: "Tidak ada yang berubah. Tanda terima di bawah tetap berlaku.",
            en: "Nothing changed. The receipt below is good all the same.")
    )
    static let requestOnly: Words = (
        Text(id: "Diterima; belum ada rekaman di dalamnya.", en: "Taken; no punches in it yet."),
        Text(
            id: "Bawa pulang tanda terimanya agar kotak tahu ia terdaftar.",
            en: "Carry its receipt back, so that the box knows that it is enrolled.")
    )
    static let receipt: Words = (
        Text(id: "Ini tanda terima BKD, bukan berkas kurir.", en: "This is a receipt of the BKD."),
        Text(
            id: "Bawa ke kantornya dan jalankan 'titian import' di kotak. Di sini unggah berkas "
                + "berakhiran .courier.",
            en: "Take it to its office and run 'titian import' on the box. Here, upload the file "
                + "that ends in .courier.")
    )

    /// Whole calls are missing at the end of a file.
    static func cut(from first: Int64) -> Words {
        (
            Text(
                id:
                    "Diterima, tetapi berkas ini terpotong: entri dari #\(first) tidak ada di dalamnya.",
                en: "Taken, but the file was cut: entries from #\(first) on are not in it."),
            Text(
                id:
                    "Yang ada di dalamnya tersimpan. Salin lagi berkas dari stik, atau buat lagi di "
                    + "kotak: 'titian export BERKAS --from \(first)'.",
                en:
                    "What it held is stored. Copy the file from the stick again, or make it again on "
                    + "the box: 'titian export FILE --from \(first)'.")
        )
    }

    static func enrolled(_ office: String) -> Words {
        (
            Text(id: "Kotak terdaftar untuk \(office).", en: "The box is enrolled for \(office)."),
            Text(
                id: "Kotak mengetahuinya setelah tanda terima dimasukkan, atau saat tersambung.",
                en: "The box learns it once the receipt is taken in, or when the line is up.")
        )
    }

    static func waiting(_ hostname: String, _ bridge: String) -> Words {
        (
            Text(
                id: "Kotak \(hostname) (\(bridge)) minta didaftarkan.",
                en: "The box \(hostname) (\(bridge)) asks to be enrolled."),
            Text(
                id: "Buat kode baru dengan titian-server enroll-code --office KANTOR dan berikan "
                    + "kepada teknisi: 'titian setup' di kotak, lalu berkas kurir baru. Rekaman "
                    + "menunggu di kotak.",
                en: "Make a new code with titian-server enroll-code --office OFFICE and give it to "
                    + "the technician: 'titian setup' on the box, then a new courier file. Punches "
                    + "wait on the box.")
        )
    }

    /// Why a file, or the rest of it, was not taken.
    ///
    /// - Parameter first: The entry that is wanted next, where some are missing.
    static func refusal(_ problem: SyncProblem, from first: Int64?) -> Words {
        guard problem == .gap, let first else { return (problem.title, advice(problem)) }
        return (
            problem.title,
            Text(
                id: "Unggah berkas yang lebih lama dahulu, atau buat lagi di kotak: "
                    + "'titian export BERKAS --from \(first)'.",
                en: "Upload the earlier file first, or make it again on the box: "
                    + "'titian export FILE --from \(first)'.")
        )
    }

    private static func advice(_ problem: SyncProblem) -> Text {
        switch problem {
        case .notOurs, .damaged:
            Text(
                id: "Salin lagi berkasnya dari stik; bila tetap, minta kantor membuat yang baru: "
                    + "'titian export'. Rekaman tidak hilang: kotak masih menyimpannya.",
                en:
                    "Copy the file from the stick again; if that does not help, ask the office for a "
                    + "new one: 'titian export'. Nothing is lost: the box still has it.")
        case .unknownVersion:
            Text(
                id: "Perbarui titian-server di BKD, lalu unggah lagi.",
                en: "Update titian-server at the BKD, then upload it again.")
        case .tooLarge:
            Text(
                id: "Minta kantor membuat berkas baru dengan 'titian export'.",
                en: "Ask the office for a new file: 'titian export'.")
        case .unknownKey:
            Text(
                id: "Daftarkan kotaknya dahulu: titian-server enroll-code, lalu 'titian setup' di "
                    + "kotak dan berkas baru.",
                en:
                    "Enrol the box first: titian-server enroll-code, then 'titian setup' on the box "
                    + "and a new file.")
        case .revokedKey:
            Text(
                id: "Pendaftaran kotak ini dicabut di BKD. Bila itu keliru, beri kantor kode baru.",
                en: "This box was shut out at the BKD. If that is a mistake, give the office a new "
                    + "code.")
        case .badSignature:
            Text(
                id: "Berkas ini bukan dari kotak yang disebutnya. Periksa asal stik.",
                en: "The file is not from the box it names. Find out where the stick comes from.")
        case .gap:
            Text(
                id:
                    "Berkas sebelumnya belum diunggah. Unggah itu dahulu, atau minta 'titian export' "
                    + "yang baru.",
                en:
                    "An earlier file was not handed in yet. Upload that one first, or ask for a new "
                    + "'titian export'.")
        case .forked:
            Text(
                id:
                    "Kotak memulai jurnal baru sendiri saat tersambung. Minta berkas baru sesudahnya.",
                en: "The box begins a new journal by itself when it calls. Ask for a new file then."
            )
        case .busy, .storeFailed:
            Text(
                id: "Unggah lagi nanti; yang sudah diterima tidak dihitung dua kali. Bila terus "
                    + "begini, periksa disk server.",
                en: "Upload it again later; what was taken is not counted twice. If it goes on, "
                    + "check the server's disk.")
        case .codeUnknown, .codeUsed, .codeExpired:
            Text(
                id: "Kotak ini belum terdaftar, jadi isinya belum diambil.",
                en: "The box is not enrolled, so nothing was taken from it yet.")
        }
    }

    static func trouble(_ trouble: CourierUpload.Trouble) -> Words {
        switch trouble {
        case .formTooOld:
            (
                Text(id: "Halaman ini sudah terlalu lama terbuka.", en: "This page is too old."),
                Text(id: "Unggah sekali lagi.", en: "Upload the file once more.")
            )
        case .noFile:
            (
                Text(id: "Tidak ada berkas.", en: "No file."),
                Text(
                    id: "Pilih berkas .courier dari stik; berkas itu tidak boleh kosong.",
                    en: "Choose the .courier file on the stick; it must not be empty.")
            )
        case .tooLarge:
            (
                Text(id: "Berkas terlalu besar.", en: "The file is too large."),
                Text(
                    id: "Berkas kurir paling besar 512 MiB. Periksa apakah ini berkas yang benar.",
                    en: "A courier file has 512 MiB at most. Check that it is the right file.")
            )
        case .noRoom:
            (
                Text(id: "Disk server hampir penuh.", en: "The server's disk is nearly full."),
                Text(
                    id: "Kosongkan disk lalu unggah lagi. Tidak ada yang diambil; stik tetap utuh.",
                    en: "Free space, then upload again. Nothing was taken; the stick is unchanged.")
            )
        case .busy:
            (
                Text(id: "Unggahan lain sedang berjalan.", en: "Other uploads are under way."),
                Text(id: "Coba lagi sebentar.", en: "Try again in a moment.")
            )
        }
    }
}
