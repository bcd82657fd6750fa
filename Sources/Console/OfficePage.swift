import Attendance
import Central

/// One office: its bridges, its terminals, what came lately, its clocks, what happened.
struct OfficePage {
    let detail: OfficeDetail
    let language: Language
    /// Its bridges that were shut out.
    var revoked: [Bridge] = []
    /// Terminals of other offices that were seen from here.
    var waiting: [WaitingTerminal] = []
    /// Whether whoever looks may shut a bridge out.
    var mayRevoke = false

    private var row: OfficeRow { detail.row }
    private var office: Office { row.office }
    var formats: Formats { Formats(language: language, zone: office.zone, now: detail.at) }

    /// More flagged lines than this are only counted by their cause.
    private static let mostFlagged = 20

    var content: [String: Any] {
        values([
            "id": office.id.description, "name": office.name, "zone": office.zone.rawValue,
            "today": formats.full(detail.at), "notices": notices, "facts": facts,
            "bridges": row.bridges.map(bridge), "revoked": revokedBridges,
            "elsewhere": elsewhere,
            "terminals": OfficeTerminals(row: row, formats: formats).content,
            "hasTerminals": !row.terminals.isEmpty,
            "hasPunches": !detail.recent.isEmpty, "punches": detail.recent.map(punch),
            "anySoon": detail.recent.contains(where: \.isProvisional),
            "charts": detail.clocks.compactMap(chart), "hasEvents": !detail.events.isEmpty,
            "events": detail.events.map(event), "flagged": flagged,
        ])
    }

    /// `Data lengkap sampai …`, or that this is not known.
    var completeness: String {
        guard let through = row.completeThrough else {
            return text(
                id: "Kelengkapan data belum diketahui",
                en: "Completeness of the data is not known yet")
        }
        return "\(Word.through(language)) \(formats.full(through))"
    }

    private func text(id: String, en: String) -> String { Text(id: id, en: en)(language) }

    // MARK: What is wrong

    private var notices: [[String: Any]] {
        guard office.stage.isExpectedToReport else {
            let stage = "\(Word.stage(language)): \(office.stage.word(language))."
            return [notice(.planned, stage, Word.plannedNote(language))]
        }
        return row.causes.map { cause in
            let words = CauseWords(cause.code)
            let about = cause.terminal.map { " (\($0))" } ?? ""
            let since = text(id: "sejak", en: "since")
            let title =
                "\(words.title(language))\(about) \(since) \(formats.moment(cause.since)) "
                + "(\(formats.age(since: cause.since)))."
            let said = [cause.words?(language), words.advice(language)].compactMap(\.self)
            return notice(Standing(cause.severity), title, said.joined(separator: " "))
        }
    }

    private func notice(_ standing: Standing, _ title: String, _ text: String) -> [String: Any] {
        ["css": standing.css, "mark": standing.mark, "title": title, "text": text]
    }

    // MARK: The office and its bridges

    private var facts: [[String: Any]] {
        [
            fact(.through, row.completeThrough.map { formats.moment($0) }, note: standstill),
            fact(
                .heard, row.lastHeard.map { formats.moment($0, seconds: true) },
                note: row.lastHeard.map { formats.age(since: $0) }),
            fact(
                .queue, row.lastHeard.map { _ in formats.number(row.queue) },
                note: row.oldestUnsent.map { "\(Word.oldest(language)) \(formats.moment($0))" }),
            fact(.counted, formats.number(row.punches)),
            fact(.stage, office.stage.word(language)),
            fact(.contact, office.contact),
        ]
    }

    /// Which terminals hold the moment back only because nobody has punched there.
    private var standstill: String? {
        let idle = row.terminals.filter {
            $0.emptySince != nil && $0.completeThrough == row.completeThrough
        }
        guard !idle.isEmpty else { return nil }
        let names = idle.map(\.name).joined(separator: ", ")
        return text(id: "log kosong: \(names)", en: "log empty: \(names)")
    }

    private func bridge(_ bridge: BridgeRow) -> [String: Any] {
        let offset = bridge.hostOffsetMilliseconds.map(formats.offset)
        let isSynced = text(id: "sinkron", en: "synchronised")
        let isNot = text(id: "tidak sinkron", en: "not synchronised")
        return [
            "name": bridge.id, "mayRevoke": mayRevoke,
            "facts": [
                fact(.box, bridge.hostname, note: bridge.version.map { "titiand \($0)" }),
                fact(.started, bridge.startedAt.map { formats.moment($0) }),
                fact(
                    .hostClock, offset,
                    note: bridge.lastHeard.map { _ in bridge.hostSynced ? isSynced : isNot }),
                fact(.disk, formats.percent(bridge.diskFree, of: bridge.diskTotal)),
                fact(.enrolled, formats.moment(bridge.enrolledAt)),
            ],
        ]
    }

    private var revokedBridges: [String: Any]? {
        let lines = revoked.compactMap { bridge in
            bridge.revocation.map { revocation in
                [
                    "name": bridge.id, "box": bridge.hostname, "who": revocation.who,
                    "why": revocation.reason, "time": formats.moment(revocation.at),
                    "machine": formats.machine(revocation.at),
                ]
            }
        }
        return lines.isEmpty ? nil : ["lines": lines]
    }

    private var elsewhere: [String: Any]? {
        guard !waiting.isEmpty else { return nil }
        let lines = waiting.map { terminal in
            [
                "terminal": terminal.id.description, "owner": terminal.owner?.name ?? "–",
                "last": terminal.lastCounted.map { formats.moment($0) } ?? "–",
                "entries": formats.number(terminal.entries),
                "since": formats.moment(terminal.since), "id": office.id.description,
                "query": terminal.id.description.percentEncoded,
            ]
        }
        return ["lines": lines]
    }

    private func fact(_ word: Word, _ value: String?, note: String? = nil) -> [String: Any] {
        values(["label": word(language), "value": value ?? "–", "note": note])
    }

    // MARK: Punches, clocks, events

    /// The label a terminal has in the office, else who it is.
    private func label(_ terminal: String) -> String {
        row.terminals.first { $0.terminal?.description == terminal }?.name ?? terminal
    }

    private func punch(_ punch: RecentPunch) -> [String: Any] {
        [
            "time": formats.moment(punch.time, seconds: true), "pin": punch.pin,
            "terminal": label(punch.terminal.description),
            "verify": StateWords.verify(punch.verify)(language),
            "key": StateWords.key(punch.state)(language), "soon": punch.isProvisional,
        ]
    }

    private func chart(_ clock: TerminalClock) -> [String: Any]? {
        guard let newest = clock.readings.first, let oldest = clock.readings.last else {
            return nil
        }
        let name = label(clock.terminal.description)
        let figure = "\(formats.offset(newest.offsetMilliseconds)) · \(formats.moment(newest.at))"
        let drawing = ClockChart(
            readings: clock.readings.reversed(), now: detail.at,
            label: "\(Word.clockHistory(language)) \(name): \(figure)")
        guard let svg = drawing.svg else { return nil }
        return [
            "name": name, "newest": figure, "svg": svg, "from": formats.moment(oldest.at),
            "to": text(id: "sekarang", en: "now"),
        ]
    }

    private func event(_ event: OfficeEvent) -> [String: Any] {
        let words = EventWords.text(event.code)(language)
        let about = event.terminal.map { "\(label($0)): " } ?? ""
        let isLatest = event.certainty == .latest
        return values([
            "time": (isLatest ? "≤ " : "") + formats.moment(event.at),
            "machine": formats.machine(event.at), "text": about + words,
            "detail": event.detail, "certainty": EventWords.certainty(event.certainty)?(language),
        ])
    }

    private var flagged: [String: Any]? {
        guard !detail.flagged.isEmpty else { return nil }
        let lines = detail.flagged.prefix(Self.mostFlagged).map { line in
            let words = EventWords.flag(line.reason, line.detail)
            return values([
                "time": formats.moment(line.at), "machine": formats.machine(line.at),
                "text": (line.terminal.map { "\(label($0)): " } ?? "") + words.what(language),
                "detail": words.detail?(language),
            ])
        }
        return ["lines": lines]
    }
}
