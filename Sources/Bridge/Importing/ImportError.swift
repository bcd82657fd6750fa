public import Attendance

/// Why a file of a stick is not taken in.
public enum ImportError: Explained, Hashable {
    case unknownFormat(file: String)
    case namesPeople(file: String)
    case tooLarge(file: String)
    /// The file ended, or could not be read on, in the middle.
    case broken(file: String, reason: String)
    case noRoom(folder: String)
    case unknownTerminal(String, known: [String])
    /// Configured, but it has never said its serial number.
    case neverMet(name: String, make: String)
    case otherMake(file: String, terminal: TerminalID)
    /// The punches are those of another terminal.
    case ofOther(file: String, chosen: TerminalID, found: TerminalID)
    /// The terminal's log names places in its table, the file names PINs.
    case slotsOnly(TerminalID)
    case notHeld(String)
    /// The pieces of this file are not here any more.
    case lostPieces

    public var problem: Problem {
        switch self {
        case .unknownFormat, .namesPeople, .tooLarge, .broken, .noRoom: fileProblem
        case .unknownTerminal, .neverMet, .otherMake, .ofOther, .slotsOnly: terminalProblem
        case .notHeld, .lostPieces: orderProblem
        }
    }

    private var fileProblem: Problem {
        switch self {
        case .namesPeople(let file):
            Problem(
                code: "import.people-file",
                summary: Text(
                    id: "\(file) berisi data orang atau sidik jari dan tidak dibuka.",
                    en: "\(file) holds people or fingerprints and is not opened."),
                remedy: Text(
                    id: "Ambil hanya log kehadiran: *_attlog.dat, BAK.KQ, AGL/GLG_001.TXT.",
                    en: "Bring only the attendance log: *_attlog.dat, BAK.KQ, AGL/GLG_001.TXT."))
        case .tooLarge(let file):
            Problem(
                code: "import.too-large",
                summary: Text(
                    id: "\(file) lebih besar dari \(HeldFiles.longest >> 20) MB.",
                    en: "\(file) is larger than \(HeldFiles.longest >> 20) MB."),
                remedy: Text(
                    id: "Ekspor lagi dari mesin; log terbesar hanya sepersepuluhnya.",
                    en: "Export it again; the largest log is a tenth of that."))
        case .broken(let file, let reason):
            Problem(
                code: "import.broken",
                summary: Text(
                    id: "\(file) tidak terbaca sampai habis (\(reason)); tidak ada yang diambil.",
                    en: "\(file) could not be read to its end (\(reason)); nothing was taken."),
                remedy: Text(
                    id: "Pasang lagi stiknya; Titian mengulang dari awal.",
                    en: "Plug the stick in again; Titian begins anew."))
        case .noRoom(let folder):
            Problem(
                code: "import.no-room",
                summary: Text(
                    id: "Tidak ada tempat untuk berkas stik di \(folder).",
                    en: "There is no room for a stick's file in \(folder)."),
                remedy: Text(
                    id:
                        "Kosongkan disk, atau tetapkan berkas yang ditahan ('titian import --held').",
                    en: "Free the disk, or assign the files that wait ('titian import --held')."))
        default:
            Problem(
                code: "import.unknown-format",
                summary: Text(
                    id: "\(subject) bukan log mesin yang dikenal.",
                    en: "\(subject) is no terminal's log that is known here."),
                remedy: Text(
                    id: "Lihat isinya dengan 'titian decode'; berkas di stik tidak diubah.",
                    en: "Look at it with 'titian decode'; the file on the stick is not changed."))
        }
    }

    private var subject: String {
        if case .unknownFormat(let file) = self { file } else { "" }
    }

    private var terminalProblem: Problem {
        switch self {
        case .unknownTerminal(let name, let known):
            Problem(
                code: "import.unknown-terminal",
                summary: Text(
                    id: "Tidak ada mesin bernama \"\(name)\".",
                    en: "There is no terminal named \"\(name)\"."),
                remedy: Text(
                    id: "Tulis merek:nomor-seri, atau salah satu dari: \(Self.list(known)).",
                    en: "Write make:serial, or one of: \(Self.list(known))."))
        case .neverMet(let name, let make):
            Problem(
                code: "import.never-met",
                summary: Text(
                    id: "Mesin '\(name)' belum pernah menjawab; nomor serinya belum diketahui.",
                    en: "The terminal '\(name)' has never answered; its serial number is not known."
                ),
                remedy: Text(
                    id: "Lihat nomor seri pada menu mesin, lalu tulis --terminal \(make):NOMOR.",
                    en: "Read the serial number in its menu, then write --terminal \(make):NUMBER.")
            )
        case .otherMake(let file, let terminal):
            Problem(
                code: "import.other-make",
                summary: Text(
                    id: "\(file) bukan dari mesin merek \(terminal.make).",
                    en: "\(file) does not come from a terminal of the make \(terminal.make)."),
                remedy: Text(
                    id: "Periksa --terminal \(terminal).", en: "Check --terminal \(terminal)."))
        case .ofOther(let file, let chosen, let found):
            Problem(
                code: "import.of-other",
                summary: Text(
                    id: "Rekaman di \(file) milik \(found), bukan \(chosen).",
                    en: "The punches in \(file) are those of \(found), not of \(chosen)."),
                remedy: Text(
                    id: "Tulis --terminal \(found); bila tidak, setiap rekaman terhitung dua kali.",
                    en: "Write --terminal \(found); else every punch would count twice."))
        case .slotsOnly(let terminal):
            Problem(
                code: "import.slots-only",
                summary: Text(
                    id: "Log \(terminal) menyebut nomor urut, bukan PIN seperti berkas ini.",
                    en: "The log of \(terminal) names places, not PINs as this file does."),
                remedy: Text(
                    id: "Baca mesin lewat jaringan; lewat stik setiap rekaman terhitung dua kali.",
                    en: "Read it over its line; from a stick every punch would count twice."))
        default: orderProblem
        }
    }

    private var orderProblem: Problem {
        if case .notHeld(let id) = self {
            return Problem(
                code: "import.not-held",
                summary: Text(
                    id: "Tidak ada satu berkas yang ditahan dengan tanda \"\(id)\".",
                    en: "Not one file waits under \"\(id)\"."),
                remedy: Text(
                    id: "Lihat daftarnya dengan 'titian import --held'.",
                    en: "See the list with 'titian import --held'."))
        }
        return Problem(
            code: "import.lost-pieces",
            summary: Text(
                id: "titiand tidak lagi memegang potongan berkas ini.",
                en: "titiand does not hold the pieces of this file any more."),
            remedy: Text(
                id: "Jalankan 'titian import' sekali lagi.", en: "Run 'titian import' once more."))
    }

    private static func list(_ words: [String]) -> String {
        words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
