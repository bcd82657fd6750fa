public import Attendance

/// What can go wrong in the talk with a terminal that the line itself carried well.
public enum DriverError: Explained, Hashable {
    /// The terminal refused the communication key; asking again may lock it.
    case wrongKey
    /// The terminal wants no more keys for a while.
    case locked
    /// The answer holds nothing: the log is empty, or the key is wrong; this terminal says the
    /// same to both.
    case emptyOrWrongKey
    /// What answers is not this make; `seen` says what it looks like, with the first bytes.
    case otherMake(expected: String, seen: String, bytes: [UInt8])
    /// The terminal is of this make but speaks a dialect nobody has published.
    case unsupported(what: String, code: Int)
    /// The controller speaks in a keyed mode that nobody has published (SOYAL).
    case secured
    /// This make is only found by its number on the line, and the configuration has none (SOYAL).
    case stationMissing
    /// This make cannot tell its serial number, and the configuration does not say it (SOYAL);
    /// `seen` is the model and firmware that answered.
    case serialMissing(seen: String)
    /// Only the oldest event can be read, because nothing is ever removed (SOYAL).
    case onlyOldest
    /// The stream made no sense and was left; the first bytes are kept.
    case garbled(what: String, bytes: [UInt8])
    /// The terminal refused one question.
    case refused(question: String, code: Int)
    /// The log that came does not agree with what the terminal said it holds.
    case incomplete(received: Int, expected: Int)

    public var problem: Problem {
        switch self {
        case .wrongKey:
            return Problem(
                code: "terminal.wrong-key",
                summary: Text(
                    id: "Mesin menolak kunci komunikasi (comm key).",
                    en: "The terminal refused the communication key."),
                remedy: Text(
                    id: "Lihat menu Comm di mesin, tulis kuncinya ke berkas comm_key_file.",
                    en: "Look in the terminal's Comm menu and write the key into comm_key_file."))
        case .locked:
            return Problem(
                code: "terminal.locked",
                summary: Text(
                    id: "Mesin terkunci setelah terlalu banyak kunci yang salah.",
                    en: "The terminal is locked after too many wrong keys."),
                remedy: Text(
                    id: "Tunggu beberapa menit, perbaiki comm_key_file, lalu coba lagi.",
                    en: "Wait some minutes, correct comm_key_file, then try again."))
        case .emptyOrWrongKey:
            return Problem(
                code: "terminal.empty-or-wrong-key",
                summary: Text(
                    id: "Jawaban mesin kosong: log-nya kosong, atau kunci komunikasinya salah.",
                    en:
                        "The terminal's answer is empty: its log is, or the communication key is wrong."
                ),
                remedy: Text(
                    id:
                        "Lihat menu Comm di mesin; bila sudah ada yang absen, perbaiki comm_key_file.",
                    en:
                        "Look in its Comm menu; if people have punched already, correct comm_key_file."
                ))
        case .otherMake(let expected, let seen, let bytes):
            let sample = [UInt8](bytes.prefix(16)).hex
            return Problem(
                code: "terminal.other-make",
                summary: Text(
                    id: "Yang menjawab bukan mesin \(expected), melainkan \(seen) (\(sample)).",
                    en: "What answers is not a \(expected) terminal but \(seen) (\(sample))."),
                remedy: Text(
                    id: "Ganti 'driver' atau 'link' pada konfigurasi.",
                    en: "Change 'driver' or 'link' in the configuration."))
        case .unsupported(let what, let code):
            return Problem(
                code: "terminal.unsupported",
                summary: Text(
                    id: "Mesin ini meminta \(what), yang tidak didukung (kode \(code)).",
                    en: "This terminal wants \(what), which is not supported (code \(code))."),
                remedy: Text(
                    id:
                        "Simpan log mesin ke stik USB ('titian import' mengambilnya) dan beri tahu kami tipe mesinnya.",
                    en:
                        "Save the log to a USB stick ('titian import' takes it) and tell us the terminal's model."
                ))
        case .secured:
            return Problem(
                code: "terminal.secured",
                summary: Text(
                    id:
                        "Mesin memakai mode keamanan (berkunci), yang hanya dimengerti perangkat lunak pembuatnya.",
                    en:
                        "The controller speaks in its keyed security mode, which only its maker's software understands."
                ),
                remedy: Text(
                    id: "Matikan mode keamanan pada mesin itu, lalu coba lagi.",
                    en: "Turn the security mode off at the controller, then try again."))
        case .stationMissing:
            return Problem(
                code: "terminal.station-missing",
                summary: Text(
                    id: "Mesin ini hanya ditemukan lewat nomornya pada jalur (1 sampai 254).",
                    en: "This controller is found only by its number on the line (1 to 254)."),
                remedy: Text(
                    id: "Tambahkan ?station=1 (nomor node mesin) pada alamat 'link'.",
                    en: "Add ?station=1 (the controller's node number) to the 'link' address."))
        case .serialMissing(let seen):
            return Problem(
                code: "terminal.serial-missing",
                summary: Text(
                    id: "Mesin ini (\(seen)) tidak dapat menyebut nomor serinya sendiri.",
                    en: "This controller (\(seen)) cannot tell its own serial number."),
                remedy: Text(
                    id: "Salin nomor dari labelnya ke 'serial_number' (atau --serial-number).",
                    en: "Copy the number on its label into 'serial_number' (or --serial-number)."))
        case .onlyOldest:
            return Problem(
                code: "terminal.only-oldest",
                summary: Text(
                    id:
                        "Mesin ini hanya memberi kejadian tertuanya; yang berikutnya baru terbaca setelah itu dihapus.",
                    en:
                        "This controller gives only its oldest event; the next is read only after that one is removed."
                ),
                remedy: Text(
                    id:
                        "Bila tidak ada program lain yang membacanya, tulis confirm = \"delete-oldest\": tiap kejadian dihapus setelah aman di disk.",
                    en:
                        "If no other program reads it, write confirm = \"delete-oldest\": each event is removed once it is safe on disk."
                ))
        case .garbled(let what, let bytes):
            let sample = [UInt8](bytes.prefix(16)).hex
            return Problem(
                code: "terminal.garbled",
                summary: Text(
                    id: "Jawaban mesin rusak: \(what) (\(sample)).",
                    en: "The terminal's answer is damaged: \(what) (\(sample))."),
                remedy: Text(
                    id: "Titian membaca ulang sendiri. Bila berulang, periksa kabel.",
                    en: "Titian reads again by itself. If it repeats, check the cable."))
        case .refused(let question, let code):
            return Problem(
                code: "terminal.refused",
                summary: Text(
                    id: "Mesin menolak permintaan '\(question)' (kode \(code)).",
                    en: "The terminal refused the question '\(question)' (code \(code))."),
                remedy: Text(
                    id: "Titian mencoba lagi. Bila berulang, jalankan 'titian probe'.",
                    en: "Titian tries again. If it repeats, run 'titian probe'."))
        case .incomplete(let received, let expected):
            return Problem(
                code: "terminal.incomplete",
                summary: Text(
                    id: "Log tidak lengkap: diterima \(received), mesin menyebut \(expected).",
                    en: "The log is incomplete: \(received) came, the terminal says \(expected)."),
                remedy: Text(
                    id: "Rekaman yang diterima disimpan; log dibaca ulang sendiri.",
                    en: "What came is kept; the log is read again by itself."))
        }
    }
}

extension Problem {
    /// The same problem, with the terminal, port or file it is about in front.
    public func about(_ subject: String) -> Problem {
        Problem(
            code: code,
            summary: Text(
                id: "\(subject): \(summary.indonesian)", en: "\(subject): \(summary.english)"),
            remedy: remedy)
    }
}
