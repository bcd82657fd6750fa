import Journal
import Speech

/// A repair of the journal, in words: before it is done, and after.
struct RepairText {
    let report: RepairReport

    init(_ report: RepairReport) {
        self.report = report
    }

    /// What is going to happen, line by line.
    var plan: [String] {
        [
            say(
                id: "  Yang akan dilakukan: berkas lama disimpan di aside/, jurnal baru dimulai,",
                en:
                    "  What is going to be done: the old file is kept in aside/, a new journal begins,"
            ),
            say(
                id:
                    "  \(count) baris yang masih terbaca disalin ke dalamnya\(lost), dan mesin dibaca ulang.",
                en:
                    "  \(count) lines that can be read go on into it\(lost), and the terminals are read again."
            ),
            say(
                id:
                    "  titiand melakukannya sendiri saat mulai; atau 'titian journal repair --yes'.",
                en: "  titiand does it by itself at its start; or 'titian journal repair --yes'."),
        ]
    }

    /// What has happened, in one line of `titian status`.
    var line: String {
        let place = report.file ?? "-"
        return say(
            id: "\(cause): \(count) baris dilanjutkan\(lost); berkas lama: \(place)",
            en: "\(cause): \(count) lines carried on\(lost); old file: \(place)")
    }

    private var count: String { Format.number(report.carried) }

    private var lost: String {
        guard let missing = report.missing else {
            return say(id: ", sisanya tidak diketahui", en: ", what else there was is unknown")
        }
        guard missing > 0 else { return "" }
        let count = Format.number(Int(missing))
        return say(id: ", \(count) tidak terbaca", en: ", \(count) could not be read")
    }

    private var cause: String {
        switch report.cause {
        case .damaged: say(id: "berkas rusak", en: "damaged file")
        case .emptied: say(id: "berkas kosong atau hilang", en: "empty or lost file")
        case .foreign: say(id: "berkas milik pihak lain", en: "somebody else's file")
        case .unreadable: say(id: "berkas tidak boleh dibaca", en: "file that may not be read")
        case .forked: say(id: "dipulihkan dari salinan lama", en: "restored from an old image")
        case .asked: say(id: "diminta", en: "asked for")
        }
    }
}
