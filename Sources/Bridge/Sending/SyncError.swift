public import Attendance
public import Exchange

/// Why a call to the centre brought no receipt. Nothing is lost by any of them: entries wait on disk.
public enum SyncError: Explained, Hashable {
    case badAddress(String)
    case noPin(String)
    case noName(String)
    case unreachable(String, reason: String)
    case timeout(String)
    /// The line ended, or stood still, while a call was on its way.
    case brokeOff(String, reason: String)
    /// The office's proxy wants a name and a password, or others.
    case proxyRefused(String)
    /// The file with the proxy's name and password cannot be used.
    case proxyLogin(path: String, reason: Text)
    case tls(String, reason: String)
    /// The server has another key than the pins say.
    case otherKey(String)
    /// The answer is not the centre's, or its receipt is not signed by the centre.
    case badAnswer(String, reason: String)
    /// The centre refused with a stable code.
    case refused(SyncProblem)
    /// What was typed is no enrolment code.
    case notACode
    /// The code is for another office than the configuration.
    case otherOffice(code: String, configured: String)

    public var problem: Problem {
        switch self {
        case .badAddress(let url):
            return Problem(
                code: "sync.bad-address",
                summary: Text(
                    id: "\"\(url)\" bukan alamat https.", en: "\"\(url)\" is no https address."),
                remedy: Text(
                    id: "Tulis alamat server BKD seperti https://bkd.example.go.id:8443.",
                    en: "Write the centre's address like https://bkd.example.go.id:8443."))
        case .noPin(let url):
            return Problem(
                code: "sync.no-pin",
                summary: Text(
                    id: "Kunci server \(url) belum dikenal.",
                    en: "The key of the server \(url) is not known."),
                remedy: Text(
                    id: "Daftarkan kantor ini dengan 'titian enroll'.",
                    en: "Enrol this office with 'titian enroll'."))
        case .noName(let url):
            return Problem(
                code: "sync.no-name",
                summary: Text(
                    id: "Nama server \(url) tidak ditemukan (DNS).",
                    en: "The name of the server \(url) was not found (DNS)."),
                remedy: Text(
                    id: "Periksa internet kantor. Rekaman menunggu di disk dan terkirim sendiri.",
                    en: "Check the office's internet. Punches wait on disk and go by themselves."))
        case .unreachable(let url, let reason):
            return Problem(
                code: "sync.unreachable",
                summary: Text(
                    id: "Server \(url) tidak terjangkau (\(reason)).",
                    en: "The server \(url) cannot be reached (\(reason))."),
                remedy: Text(
                    id: "Periksa internet kantor. Rekaman menunggu di disk dan terkirim sendiri.",
                    en: "Check the office's internet. Punches wait on disk and go by themselves."))
        case .timeout(let url):
            return Problem(
                code: "sync.timeout",
                summary: Text(
                    id: "Server \(url) tidak menjawab tepat waktu.",
                    en: "The server \(url) did not answer in time."),
                remedy: Text(
                    id: "Titian mencoba lagi sendiri. Rekaman menunggu di disk.",
                    en: "Titian tries again by itself. Punches wait on disk."))
        case .brokeOff(let url, let reason):
            return Problem(
                code: "sync.broke-off",
                summary: Text(
                    id: "Sambungan ke \(url) terputus di tengah kiriman (\(reason)).",
                    en: "The line to \(url) broke off during a call (\(reason))."),
                remedy: Text(
                    id:
                        "Titian mencoba lagi sendiri, sedikit demi sedikit. Rekaman menunggu di disk.",
                    en:
                        "Titian tries again by itself with less at a time. Punches wait on disk."))
        case .proxyRefused(let proxy):
            return Problem(
                code: "sync.proxy-refused",
                summary: Text(
                    id: "Proxy \(proxy) menolak nama dan kata sandi.",
                    en: "The proxy \(proxy) refused the name and password."),
                remedy: Text(
                    id: "Tulis nama:sandi ke berkas yang disebut proxy_login_file.",
                    en: "Write name:password into the file that proxy_login_file names."))
        case .proxyLogin(let path, let reason):
            return Problem(
                code: "sync.proxy-login",
                summary: Text(
                    id: "Nama dan sandi proxy di \(path): \(reason.indonesian).",
                    en: "The proxy's name and password in \(path): \(reason.english)."),
                remedy: Text(
                    id:
                        "Isi berkas itu dengan satu baris nama:sandi, atau perbaiki proxy_login_file.",
                    en: "Write one line name:password into that file, or correct proxy_login_file.")
            )
        case .tls(let url, let reason):
            return Problem(
                code: "sync.tls",
                summary: Text(
                    id: "Sambungan aman ke \(url) gagal (\(reason)).",
                    en: "The secure line to \(url) failed (\(reason))."),
                remedy: Text(
                    id:
                        "Periksa alamat dan port server, dan apakah jaringan minta masuk (login) lebih dulu.",
                    en:
                        "Check the server's address and port, and whether the network wants a sign-in first."
                ))
        case .otherKey(let url):
            return Problem(
                code: "sync.other-key",
                summary: Text(
                    id:
                        "Server \(url) memakai kunci lain daripada yang dikenal; tidak ada yang dikirim.",
                    en: "The server \(url) has another key than the known one; nothing was sent."),
                remedy: Text(
                    id:
                        "Periksa alamatnya, dan apakah jaringan minta masuk (login) lebih dulu. Bila BKD mengganti kunci, minta kode pendaftaran baru.",
                    en:
                        "Check the address, and whether the network wants a sign-in first. If the BKD changed its key, ask for a new enrolment code."
                ))
        case .badAnswer(let url, let reason):
            return Problem(
                code: "sync.bad-answer",
                summary: Text(
                    id: "Jawaban \(url) bukan jawaban server BKD (\(reason)).",
                    en: "The answer of \(url) is not the centre's (\(reason))."),
                remedy: Text(
                    id: "Tidak ada yang dianggap terkirim; Titian mencoba lagi sendiri.",
                    en: "Nothing counts as delivered; Titian tries again by itself."))
        case .refused(let code):
            return Problem(
                code: code.rawValue, summary: code.title, remedy: Self.remedy(of: code))
        case .notACode:
            return Problem(
                code: "enrol.not-a-code",
                summary: Text(
                    id: "Itu bukan kode pendaftaran, atau kode itu terpotong.",
                    en: "That is not an enrolment code, or the code was cut."),
                remedy: Text(
                    id: "Salin kode dari BKD seluruhnya; awalnya 'titian1.'.",
                    en: "Copy the BKD's code whole; it begins with 'titian1.'."))
        case .otherOffice(let code, let configured):
            return Problem(
                code: "enrol.other-office",
                summary: Text(
                    id: "Kode itu untuk kantor '\(code)', konfigurasi untuk '\(configured)'.",
                    en:
                        "The code is for the office '\(code)', the configuration for '\(configured)'."
                ),
                remedy: Text(
                    id: "Minta kode untuk kantor ini, atau perbaiki 'office'.",
                    en: "Ask for this office's code, or correct 'office'."))
        }
    }

    private static func remedy(of code: SyncProblem) -> Text {
        switch code {
        case .codeUnknown, .codeUsed, .codeExpired:
            Text(
                id: "Minta kode pendaftaran baru kepada BKD.",
                en: "Ask the BKD for a new enrolment code.")
        case .revokedKey:
            Text(
                id: "Hubungi BKD dan sebutkan nomor jembatan. Dengan kode baru: 'titian enroll'. "
                    + "Rekaman menunggu di disk.",
                en: "Call the BKD and name the bridge's number. With a new code: 'titian enroll'. "
                    + "Punches wait on disk.")
        case .unknownKey, .badSignature:
            Text(
                id: "Daftarkan ulang dengan 'titian enroll'. Rekaman menunggu di disk.",
                en: "Enrol again with 'titian enroll'. Punches wait on disk.")
        case .unknownVersion:
            Text(
                id: "Pasang versi yang sama di kantor dan di BKD. Rekaman menunggu di disk.",
                en: "Install the same version at the office and the centre. Punches wait on disk.")
        case .forked:
            Text(
                id: "Titian memulai jurnal baru sendiri. Bila berulang, hubungi BKD.",
                en: "Titian begins a new journal by itself. If it repeats, call the BKD.")
        default:
            Text(
                id: "Titian mencoba lagi sendiri. Rekaman menunggu di disk.",
                en: "Titian tries again by itself. Punches wait on disk.")
        }
    }
}
