import Attendance
import Bridge

/// What can be wrong with a command itself.
enum CommandError: Explained, Hashable {
    case usage(String)
    /// A LINK that is no address and no name of the configuration.
    case badLink(InvalidValue)
    case unknownTerminal(String, known: [String])
    case unknownDriver(String, nearest: String)
    case driverMissing
    case unreadable(path: String, reason: String)
    case unknownFormat(path: String)
    case nothingToImport(folder: String)
    case unwritable(path: String, reason: String)
    /// Standard output, before its end.
    case outputRefused(reason: String)
    /// A talk of a make whose secrets nobody knows how to take out.
    case notCleanable(make: String)
    /// A courier file would be empty.
    case nothingToCarry
    /// What is to be done cannot be done under a daemon that runs.
    case daemonRuns

    var problem: Problem {
        switch self {
        case .usage(let message):
            Problem(
                code: "cli.usage",
                summary: Text(
                    id: "Perintah tidak dipahami: \(message)",
                    en: "The command was not understood: \(message)"),
                remedy: Text(
                    id: "Lihat 'titian help' atau 'titian PERINTAH --help'.",
                    en: "Look at 'titian help' or 'titian COMMAND --help'."))
        case .badLink(let value):
            Problem(
                code: "cli.bad-link",
                summary: Text(
                    id: "\"\(value.text)\" bukan alamat mesin (\(value.rule)).",
                    en: "\"\(value.text)\" is no terminal's address (\(value.rule))."),
                remedy: Text(
                    id: "Tulis misalnya tcp://192.168.1.201:4370 atau serial:///dev/ttyUSB0.",
                    en: "Write for example tcp://192.168.1.201:4370 or serial:///dev/ttyUSB0."))
        case .unknownTerminal(let name, let known):
            Problem(
                code: "cli.unknown-terminal",
                summary: Text(
                    id: "Tidak ada mesin bernama \"\(name)\" pada konfigurasi.",
                    en: "There is no terminal named \"\(name)\" in the configuration."),
                remedy: Text(
                    id: "Pakai \(known.joined(separator: ", ")), atau alamat seperti tcp://….",
                    en: "Use \(known.joined(separator: ", ")), or an address like tcp://…."))
        case .unknownDriver(let name, let nearest):
            Problem(
                code: "cli.unknown-driver",
                summary: Text(
                    id: "Tidak ada driver \"\(name)\".", en: "There is no driver \"\(name)\"."),
                remedy: Text(
                    id: "Mungkin maksudnya '\(nearest)'.", en: "Perhaps '\(nearest)' is meant."))
        case .driverMissing:
            Problem(
                code: "cli.driver-missing",
                summary: Text(
                    id: "Merek mesin belum disebut.", en: "The make of the terminal is not named."),
                remedy: Text(
                    id: "Tambahkan --driver: \(KnownDrivers.names.joined(separator: ", ")).",
                    en: "Add --driver: \(KnownDrivers.names.joined(separator: ", "))."))
        case .daemonRuns:
            Problem(
                code: "cli.daemon-runs",
                summary: Text(
                    id: "titiand berjalan: kuncinya tidak dapat diganti sekarang.",
                    en: "titiand is running: its key cannot be changed under it."),
                remedy: Text(
                    id: "'systemctl stop titiand', ulangi perintah ini, lalu jalankan lagi.",
                    en: "'systemctl stop titiand', repeat this command, then start it again."))
        case .unreadable(let path, let reason):
            Problem(
                code: "cli.unreadable",
                summary: Text(
                    id: "\(path) tidak dapat dibaca (\(reason)).",
                    en: "\(path) cannot be read (\(reason))."),
                remedy: Text(
                    id: "Periksa nama dan izin berkas itu.",
                    en: "Check the file's name and mode."))
        case .nothingToImport(let folder):
            Problem(
                code: "cli.nothing-to-import",
                summary: Text(
                    id: "Di \(folder) tidak ada log mesin.",
                    en: "There is no terminal's log in \(folder)."),
                remedy: Text(
                    id: "Dicari *_attlog.dat, BAK.KQ dan AGL/GLG_001.TXT; sebutkan berkasnya.",
                    en: "Wanted are *_attlog.dat, BAK.KQ and AGL/GLG_001.TXT; name the file."))
        case .nothingToCarry:
            Problem(
                code: "cli.nothing-to-carry",
                summary: Text(
                    id: "Tidak ada yang dapat dibawa: jurnal kosong, atau berakhir sebelum --from.",
                    en: "There is nothing to carry: the journal is empty, or ends before --from."),
                remedy: Text(
                    id: "Ulangi tanpa --from; lihat 'titian journal status'.",
                    en: "Repeat it without --from; see 'titian journal status'."))
        case .unwritable(let path, let reason):
            Problem(
                code: "cli.unwritable",
                summary: Text(
                    id: "\(path) tidak dapat ditulis (\(reason)).",
                    en: "\(path) cannot be written (\(reason))."),
                remedy: Text(
                    id: "Pilih nama berkas lain; berkas yang sudah ada tidak ditimpa.",
                    en: "Choose another file name; a file that is there is not overwritten."))
        case .outputRefused(let reason):
            Problem(
                code: "cli.output-refused",
                summary: Text(
                    id: "Keluaran tidak dapat ditulis sampai akhir (\(reason)).",
                    en: "The output cannot be written to its end (\(reason))."),
                remedy: Text(
                    id: "Kosongkan disk dan ulangi; yang sudah tertulis tidak lengkap.",
                    en: "Free the disk and repeat; what is written is not all."))
        case .notCleanable(let make):
            Problem(
                code: "trace.not-cleanable",
                summary: Text(
                    id: "Percakapan mesin \(make) belum dapat dibersihkan dari nama dan kunci.",
                    en: "A talk with a \(make) terminal cannot be cleaned of names and keys yet."),
                remedy: Text(
                    id: "Tidak ada yang ditulis. Pakai 'titian read --json' untuk log mesin ini.",
                    en: "Nothing was written. Use 'titian read --json' for this terminal's log."))
        case .unknownFormat(let path):
            Problem(
                code: "cli.unknown-format",
                summary: Text(
                    id: "\(path) bukan berkas mesin yang dikenal.",
                    en: "\(path) is no terminal's file that is known here."),
                remedy: Text(
                    id: "Kirim berkas itu kepada kami; isinya tetap utuh.",
                    en: "Send us the file; it stays as it is."))
        }
    }
}
