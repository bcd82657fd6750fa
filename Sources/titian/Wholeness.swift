import Exchange
import Journal
import Speech

/// What a check found, in the words of the daemon's answer.
struct Wholeness: Codable {
    var whole: Bool
    var entries: Int?
    var purged: Int?
    var firstBad: Int64?
    var message: String?
    /// The chain fits, and something beside it does not: it was made anew.
    var doubt: String?
    /// What a repair would do; nil where nothing is wrong, or the daemon sees to it.
    var plan: RepairReport?

    enum CodingKeys: String, CodingKey {
        case whole, entries, purged
        case firstBad = "first_bad"
        case message, doubt, plan
    }

    /// A repair would help.
    var isDamaged: Bool { !whole && doubt == nil }

    /// Why the journal would be repaired.
    var cause: RepairCause {
        RepairCause(.damaged, message ?? firstBad.map { "entry \($0)" } ?? "")
    }

    var text: String {
        if let doubt { return Self.text(ofDoubt: doubt) }
        guard whole else {
            let place = firstBad.map { say(id: "pada entri \($0)", en: "at entry \($0)") }
            let damage = say(
                id: "■ Jurnal rusak: \(place ?? message ?? "-").",
                en: "■ The journal is damaged: \(place ?? message ?? "-").")
            guard let plan else {
                return damage + "\n"
                    + say(
                        id: "  titiand memperbaikinya sendiri; lihat 'titian status'.",
                        en: "  titiand repairs it by itself; see 'titian status'.")
            }
            return ([damage] + RepairText(plan).plan).joined(separator: "\n")
        }
        guard let entries else { return say(id: "● Berkas utuh.", en: "● The file is whole.") }
        let count = Format.number(entries)
        return say(
            id: "● Rantai utuh: \(count) entri diperiksa.",
            en: "● The chain is whole: \(count) entries checked.")
    }

    private static func text(ofDoubt doubt: String) -> String {
        say(
            id: """
                ■ Jurnal diubah: \(doubt).
                  Simpan salinan seluruh folder sebelum hal lain, dan hubungi BKD.
                """,
            en: """
                ■ The journal was changed: \(doubt).
                  Keep a copy of the whole folder before anything else, and call the BKD.
                """)
    }

    func show(asJSON: Bool) throws {
        let output = Output()
        if asJSON {
            output.line(try WireJSON.encode(self))
        } else {
            output.line(text)
        }
        output.flush()
        if !whole { throw Verdict.fault }
    }
}

extension Wholeness {
    init(_ found: Verification) {
        self.init(
            whole: found.isWhole, entries: found.entries, purged: found.purged,
            firstBad: found.firstBad, doubt: found.doubt)
    }
}
