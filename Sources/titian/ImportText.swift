import Bridge
import Speech

/// What became of a stick's file, for people.
enum ImportText {
    static func text(_ report: ImportReport) -> String {
        var lines = [report.held == nil ? counts(report) : waits(report)]
        if let terminal = report.terminal {
            lines.append("  " + say(id: "Mesin", en: "Terminal") + " \(terminal) (\(sign(report)))")
        }
        lines += report.doubts.map { "  ▲ \(doubt($0))" }
        if let held = report.held { lines += order(held, isDryRun: report.dryRun) }
        if report.dryRun {
            lines.append(
                "  "
                    + say(
                        id: "Uji coba: tidak ada yang ditulis.", en: "A trial: nothing was written."
                    ))
        }
        return lines.joined(separator: "\n")
    }

    /// One line of the list of files that wait, and the order that ends the waiting.
    static func text(_ held: HeldFile) -> String {
        let facts = say(
            id: "\(Format.number(held.rows)) baris, \(reason(held.reason))",
            en: "\(Format.number(held.rows)) rows, \(reason(held.reason))")
        return "\(held.id)  \(held.file)  \(facts)\n  \(command(held))"
    }

    /// A rank for the exit code: what is odd, cut or waiting wants to be looked at.
    static func verdict(_ report: ImportReport) -> Verdict {
        report.odd > 0 || !report.doubts.isEmpty || report.held != nil ? .attention : .good
    }

    private static func counts(_ report: ImportReport) -> String {
        let (read, new) = (Format.number(report.read), Format.number(report.new))
        let (known, odd) = (Format.number(report.known), Format.number(report.odd))
        return say(
            id: "\(report.file): \(read) baris; \(new) baru, \(known) sudah ada, \(odd) janggal",
            en: "\(report.file): \(read) rows; \(new) new, \(known) known, \(odd) odd")
    }

    private static func waits(_ report: ImportReport) -> String {
        let read = Format.number(report.read)
        let why = report.held.map { reason($0.reason) } ?? ""
        return say(
            id: "\(report.file): \(read) baris, DITAHAN: \(why)",
            en: "\(report.file): \(read) rows, HELD: \(why)")
    }

    private static func sign(_ report: ImportReport) -> String {
        switch report.foundBy {
        case "serial":
            return say(id: "nomor seri pada berkas", en: "the file's serial number")
        case "overlap":
            let (matched, compared) = (report.matched ?? 0, report.compared ?? 0)
            return say(
                id:
                    "\(Format.number(matched)) dari \(Format.number(compared)) rekaman sudah dikenal",
                en: "\(Format.number(matched)) of \(Format.number(compared)) punches were known")
        default: return say(id: "seperti disebut", en: "as told")
        }
    }

    private static func reason(_ reason: HeldFile.Reason) -> String {
        switch reason {
        case .unknownTerminal:
            say(id: "tidak jelas dari mesin mana", en: "it is not clear which terminal wrote it")
        case .contradiction:
            say(
                id: "namanya menyebut satu mesin, rekamannya mesin lain",
                en: "its name says one terminal, its punches another")
        case .dateOrder:
            say(
                id: "tidak jelas mana tanggal dan mana bulan",
                en: "it is not clear which number is the day and which the month")
        }
    }

    private static func doubt(_ doubt: String) -> String {
        switch doubt {
        case "cut short":
            say(
                id: "Berkas terpotong: baris yang utuh diambil. Ekspor lagi dari mesin bila bisa.",
                en: "The file is cut short: whole rows were taken. Export it again if you can.")
        case "more rows than announced":
            say(
                id: "Berkas memuat lebih banyak baris daripada yang disebutnya.",
                en: "The file holds more rows than it announces.")
        case "ambiguous date order":
            say(
                id: "Tanggal seperti 03/05 dapat dibaca dua cara.",
                en: "Dates like 03/05 can be read in two ways.")
        default: doubt
        }
    }

    private static func order(_ held: HeldFile, isDryRun: Bool) -> [String] {
        guard !isDryRun else { return ["  \(command(held))"] }
        return [
            "  "
                + say(
                    id: "Disimpan di kotak ini; stik boleh dicabut. Lanjutkan dengan:",
                    en: "Kept on this box; the stick may be taken away. Go on with:"),
            "  \(command(held))",
        ]
    }

    /// The command that takes the file in.
    static func command(_ held: HeldFile) -> String {
        var words = ["titian import --held \(held.id)"]
        if let terminal = held.terminal {
            words.append("--terminal \(terminal)")
        } else if held.reason == .unknownTerminal, held.format == "attlog", let serial = held.serial
        {
            words.append("--terminal zkteco:\(serial)")
        } else {
            let make =
                held.format == "anviz-backup" ? "anviz" : held.format == "attlog" ? "zkteco" : nil
            let blank = make ?? say(id: "MEREK", en: "MAKE")
            words.append("--terminal \(blank):\(say(id: "NOMOR-SERI", en: "SERIAL"))")
        }
        if held.reason == .dateOrder { words.append("--order dmy|mdy") }
        return words.joined(separator: " ")
    }
}
