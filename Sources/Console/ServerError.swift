public import Attendance

/// What can go wrong around the server itself: its folder, its keys, its port, its accounts.
public enum ServerError: Explained, Hashable {
    case dataFolder(String)
    /// One of the TLS files cannot be read, or certificate and key do not belong together.
    case tlsFile(String, why: String)
    case cannotListen(host: String, port: Int, why: String)
    case passwordTooShort(minimum: Int)
    case noPassword
    case offices(String)
    /// A courier file cannot be read, or its receipt not written.
    case courier(String)
    /// Neither the configuration nor the command names a period, or too short a one.
    case retention(minimum: Int)
    /// The TLS key is a file of the configuration.
    case givenKey(String)
    /// These bridges would not find the centre under its spare key.
    case bridgesUnaware([String])
    /// The TLS key was changed, and no server has used it since.
    case keysNotServed

    public var problem: Problem {
        switch self {
        case .givenKey(let path):
            Problem(
                code: "server.given-key",
                summary: Text(
                    id: "Kunci TLS \(path) diberikan oleh konfigurasi.",
                    en: "The TLS key \(path) is given by the configuration."),
                remedy: Text(
                    id: "Ganti berkas itu sendiri, dan daftarkan ulang jembatan dengan kode baru.",
                    en: "Replace that file yourself, and enrol bridges anew with new codes."))
        case .keysNotServed:
            Problem(
                code: "server.keys-not-served",
                summary: Text(
                    id: "Kunci TLS yang terakhir diganti belum dipakai.",
                    en: "The TLS key that was changed last is not in use yet."),
                remedy: Text(
                    id: "Mulai ulang titian-server dan tunggu sampai jembatan terhubung.",
                    en: "Start titian-server again and wait until the bridges were heard."))
        case .bridgesUnaware(let bridges):
            Problem(
                code: "server.bridges-unaware",
                summary: Text(
                    id:
                        "\(bridges.count) jembatan belum mengenal kunci cadangan: \(bridges.prefix(5).joined(separator: ", ")).",
                    en:
                        "\(bridges.count) bridges do not know the spare key yet: \(bridges.prefix(5).joined(separator: ", "))."
                ),
                remedy: Text(
                    id: "Tunggu sampai mereka terhubung, atau ganti dengan --anyway.",
                    en: "Wait until they were heard, or change it with --anyway."))
        case .dataFolder(let path):
            Problem(
                code: "server.data-folder",
                summary: Text(
                    id: "\(path) tidak dapat dibuat atau ditulis.",
                    en: "\(path) cannot be made or written."),
                remedy: Text(
                    id: "Periksa 'data' di konfigurasi, pemilik folder, dan ruang disk.",
                    en: "Check 'data' in the configuration, the folder's owner and the disk."))
        case .tlsFile(let path, let why):
            Problem(
                code: "server.tls-file",
                summary: Text(
                    id: "Berkas TLS \(path) tidak dapat dipakai: \(why).",
                    en: "The TLS file \(path) cannot be used: \(why)."),
                remedy: Text(
                    id: "Periksa [tls] di konfigurasi: dua berkas PEM yang sepasang.",
                    en: "Check [tls] in the configuration: two PEM files that belong together."))
        case .cannotListen(let host, let port, let why):
            Problem(
                code: "server.cannot-listen",
                summary: Text(
                    id: "Tidak dapat melayani di \(host):\(port): \(why).",
                    en: "Cannot listen at \(host):\(port): \(why)."),
                remedy: Text(
                    id: "Hentikan program lain di alamat itu, atau ubah 'listen'.",
                    en: "Stop the other program at that address, or change 'listen'."))
        case .passwordTooShort(let minimum):
            Problem(
                code: "server.password-short",
                summary: Text(
                    id: "Kata sandi kurang dari \(minimum) karakter; akun tidak dibuat.",
                    en: "The password has fewer than \(minimum) characters; no account was made."),
                remedy: Text(
                    id: "Pakai beberapa kata yang mudah diingat.",
                    en: "Use several words that are easy to remember."))
        case .noPassword:
            Problem(
                code: "server.password-missing",
                summary: Text(
                    id: "Tidak ada kata sandi, atau dua ketikan tidak sama; akun tidak dibuat.",
                    en: "There is no password, or the two typed differ; no account was made."),
                remedy: Text(
                    id: "Ketik kata sandi saat diminta, atau alirkan lewat masukan standar.",
                    en: "Type it when asked, or pipe it into standard input."))
        case .offices(let file):
            Problem(
                code: "server.offices-unreadable",
                summary: Text(
                    id: "Daftar kantor \(file) tidak dapat dibaca.",
                    en: "The list of offices \(file) cannot be read."),
                remedy: Text(
                    id: "Sebutkan berkas CSV dengan kolom id,name,zone,stage,contact.",
                    en: "Name a CSV file with the columns id,name,zone,stage,contact."))
        case .retention(let minimum):
            Problem(
                code: "server.retention-period",
                summary: Text(
                    id: "Masa simpan baris tidak disebut, atau kurang dari \(minimum) hari.",
                    en: "No period for lines is named, or less than \(minimum) days."),
                remedy: Text(
                    id: "Tulis keep_lines_days di konfigurasi, atau sebutkan --days.",
                    en: "Write keep_lines_days in the configuration, or say --days."))
        case .courier(let file):
            Problem(
                code: "server.courier-file",
                summary: Text(
                    id: "\(file) tidak dapat dibaca atau ditulis.",
                    en: "\(file) cannot be read or written."),
                remedy: Text(
                    id:
                        "Periksa stik dan nama berkas, lalu ulangi; diterima dua kali tidak mengapa.",
                    en: "Check the stick and the name, then repeat; twice does no harm."))
        }
    }
}
