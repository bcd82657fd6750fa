import Attendance
import Central
import Exchange

/// The page where courier files are handed in, with what came of the last ones.
struct CourierPage {
    let couriers: [KeptCourier]
    let trouble: CourierUpload.Trouble?
    let formats: Formats

    static let rows = 30

    private var language: Language { formats.language }

    var content: [String: Any] {
        values([
            "zone": formats.zone.rawValue, "hasRows": !couriers.isEmpty,
            "rows": couriers.map(row),
            "trouble": trouble.map { trouble -> [String: Any] in
                let words = CourierWords.trouble(trouble)
                return ["title": words.title(language), "text": words.advice(language)]
            },
        ])
    }

    private func row(_ courier: KeptCourier) -> [String: Any] {
        let outcome = CourierOutcome.Kept(courier)
        let standing = outcome.standing
        return [
            "number": "\(courier.id)", "file": courier.file, "css": standing.css,
            "mark": standing.mark, "state": outcome.word(language),
            "office": outcome.office ?? outcome.request?.office ?? "–",
            "new": formats.number(outcome.new), "known": formats.number(outcome.known),
            "machine": formats.machine(courier.at), "time": formats.moment(courier.at),
            "who": courier.who,
        ]
    }
}

/// What became of one courier file, and what to do next.
struct CourierResultPage {
    let courier: KeptCourier
    /// The office's own name.
    let office: Office?
    let formats: Formats

    private var outcome: CourierOutcome.Kept { CourierOutcome.Kept(courier) }
    private var language: Language { formats.language }

    var content: [String: Any] {
        values([
            "file": courier.file, "when": formats.full(courier.at), "who": courier.who,
            "notices": [main] + [request].compactMap(\.self), "facts": facts,
            "receipt": courier.receipts.map { _ -> [String: Any] in
                ["number": "\(courier.id)", "name": Self.receiptName(courier)]
            },
        ])
    }

    /// As `titian-server accept` calls it.
    static func receiptName(_ courier: KeptCourier) -> String {
        "\(CourierUpload.plain(courier.file)).receipt"
    }

    private func notice(_ standing: Standing, _ title: Text, _ text: Text) -> [String: Any] {
        [
            "css": standing.css, "mark": standing.mark, "title": title(language),
            "text": text(language),
        ]
    }

    private var main: [String: Any] {
        if let refusal = outcome.refusal {
            let words =
                outcome.isReceipt
                ? CourierWords.receipt : CourierWords.refusal(refusal, from: outcome.sendFrom)
            guard outcome.calls == 0 else {
                let part = Text(
                    id: "Sebagian diterima. \(words.title.indonesian)",
                    en: "Taken in part. \(words.title.english)")
                return notice(.attention, part, words.advice)
            }
            return notice(outcome.standing, words.title, words.advice)
        }
        if outcome.calls == 0 {
            return notice(.good, CourierWords.requestOnly.title, CourierWords.requestOnly.advice)
        }
        if let first = outcome.sendFrom {
            let words = CourierWords.cut(from: first)
            return notice(.attention, words.title, words.advice)
        }
        let words = outcome.new == 0 ? CourierWords.nothingNew : CourierWords.taken
        return notice(.good, words.title, words.advice)
    }

    /// A box that asked to be enrolled, where that is not the main thing already.
    private var request: [String: Any]? {
        guard let request = outcome.request else { return nil }
        if let office = request.office {
            let words = CourierWords.enrolled(office)
            return notice(.good, words.title, words.advice)
        }
        guard outcome.refusal != nil else { return nil }
        let words = CourierWords.waiting(request.hostname, request.bridge)
        return notice(.attention, words.title, words.advice)
    }

    private var facts: [[String: Any]] {
        let name = office.map { "\($0.name)" } ?? outcome.office
        let bridge = outcome.bridge ?? outcome.request?.bridge
        return [
            fact(.office, name, link: office.map { "/kantor/\($0.id)" }),
            fact(.bridge, bridge, note: outcome.request?.hostname),
            fact(.entriesNew, formats.number(outcome.new)),
            fact(.entriesKnown, formats.number(outcome.known)),
            fact(.counted, formats.number(outcome.newPunches)),
            fact(
                .receivedThrough,
                outcome.calls > 0 ? "#\(formats.number(Int(outcome.ackedThrough)))" : nil),
        ]
    }

    private func fact(
        _ word: Word, _ value: String?, note: String? = nil, link: String? = nil
    ) -> [String: Any] {
        values(["label": word(language), "value": value ?? "–", "note": note, "link": link])
    }
}

extension CourierOutcome.Kept {
    /// What the books kept; empty if a newer version wrote it.
    init(_ courier: KeptCourier) {
        self =
            (try? WireJSON.decode(CourierOutcome.Kept.self, from: courier.outcome.utf8))
            ?? CourierOutcome.Kept()
    }

    var standing: Standing {
        guard let refusal else { return sendFrom == nil ? .good : .attention }
        if calls > 0 || refusal.status == 503 { return .attention }
        return .fault
    }

    func word(_ language: Language) -> String {
        if refusal != nil {
            return calls > 0
                ? Text(id: "sebagian", en: "in part")(language)
                : Text(id: "ditolak", en: "refused")(language)
        }
        if sendFrom != nil { return Text(id: "terpotong", en: "cut")(language) }
        return calls > 0 && new == 0
            ? Text(id: "sudah ada", en: "known")(language)
            : Text(id: "diterima", en: "taken")(language)
    }
}
