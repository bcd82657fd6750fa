import Attendance
import Bridge
import Exchange
import Speech

/// The sheet that is left in the office, or goes to the BKD with the stick: no names, no PINs.
struct HandoverSheet {
    let report: StatusReport
    let journal: JournalReport
    /// The newest punch's time on its terminal's clock, by terminal.
    let lastRecords: [String: String]
    let server: String?
    let contact: String?
    let courier: String?
    let now: UTCTime

    /// Indonesian first, English under it.
    var text: String {
        [Language.indonesian, .english].map { language in
            Speech.$language.withValue(language) { page }
        }.joined(separator: "\n")
    }

    private var page: String {
        let rows = [
            (say(id: "Kantor", en: "Office"), "\(report.office) (\(report.timezone))"),
            (say(id: "Dibuat", en: "Made"), now.description),
            (say(id: "Kotak", en: "Box"), "\(report.hostname), titian \(report.version)"),
            (say(id: "Sidik kunci", en: "Key"), report.bridge),
            (say(id: "Jurnal", en: "Journal"), journal.id),
            (say(id: "Entri", en: "Entries"), "\(journal.headSeq)"),
            (say(id: "Ujung rantai", en: "Chain head"), journal.head),
            (
                say(id: "Diterima BKD", en: "Received"),
                say(
                    id: "sampai #\(journal.ackedThrough), menunggu \(journal.queue)",
                    en: "through #\(journal.ackedThrough), \(journal.queue) wait")
            ),
            (say(id: "Server BKD", en: "BKD server"), server ?? "-"),
            (say(id: "Berkas kurir", en: "Courier file"), courier ?? "-"),
            (
                say(id: "Hubungi", en: "Call"),
                contact
                    ?? say(id: "BKD (isi nomornya: __________)", en: "the BKD (number: __________)")
            ),
        ]
        let head = say(id: "LEMBAR SERAH TERIMA TITIAN", en: "TITIAN HANDOVER SHEET")
        let rule = String(repeating: "=", count: head.count)
        return "\(head)\n\(rule)\n" + rows.map { "\($0.0.padded(to: 13)) \($0.1)\n" }.joined()
            + "\n" + report.terminals.map(section).joined(separator: "\n")
    }

    private func section(_ terminal: TerminalStatus) -> String {
        let offset = terminal.offsetMilliseconds.map {
            Format.offset($0, error: terminal.errorMilliseconds ?? 0)
        }
        let rows = [
            (say(id: "Mesin", en: "Terminal"), terminal.name),
            (say(id: "Nomor seri", en: "Serial"), terminal.terminal ?? "-"),
            (say(id: "Alamat", en: "Address"), terminal.link),
            (say(id: "Keadaan", en: "State"), Words.terminal(terminal.state)),
            (
                say(id: "Rekaman akhir", en: "Last record"),
                terminal.terminal.flatMap { lastRecords[$0] } ?? "-"
            ),
            (say(id: "Selisih jam", en: "Clock offset"), offset ?? "-"),
        ]
        return rows.map { "\($0.0.padded(to: 13)) \($0.1)\n" }.joined()
    }
}
