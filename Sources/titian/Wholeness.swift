import Exchange

/// What a check found, in the words of the daemon's answer.
struct Wholeness: Codable {
    var whole: Bool
    var entries: Int?
    var purged: Int?
    var firstBad: Int64?
    var message: String?

    enum CodingKeys: String, CodingKey {
        case whole, entries, purged
        case firstBad = "first_bad"
        case message
    }

    var text: String {
        guard whole else {
            let place = firstBad.map { say(id: "pada entri \($0)", en: "at entry \($0)") }
            return say(
                id: "■ Jurnal rusak \(place ?? message ?? ""). Jangan hapus; hubungi BKD.",
                en:
                    "■ The journal is damaged \(place ?? message ?? ""). Do not delete it; call the BKD."
            )
        }
        guard let entries else { return say(id: "● Berkas utuh.", en: "● The file is whole.") }
        let count = Format.number(entries)
        return say(
            id: "● Rantai utuh: \(count) entri diperiksa.",
            en: "● The chain is whole: \(count) entries checked.")
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
