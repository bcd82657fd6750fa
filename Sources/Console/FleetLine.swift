import Attendance
import Central

/// One office as one line of the fleet page, in its own zone.
struct FleetLine {
    let row: OfficeRow
    let formats: Formats

    private var language: Language { formats.language }

    func content(inTrouble: Bool) -> [String: Any] {
        let heard = row.lastHeard
        return values([
            "id": row.office.id.description, "name": row.office.name,
            "zone": row.office.zone.rawValue, "trouble": inTrouble, "detail": detail,
            "since": row.main.map { formats.moment($0.since) },
            "age": row.main.map { formats.age(since: $0.since) },
            "heard": heard.map { formats.moment($0) } ?? Word.neverHeard(language),
            "heardAge": inTrouble ? heard.map { formats.age(since: $0) } : nil,
            "queue": heard == nil ? "–" : formats.number(row.queue),
            "oldest": row.oldestUnsent.map { formats.moment($0) },
            "terminals": row.terminals.map(terminal),
            "complete": row.completeThrough.map { formats.moment($0) } ?? Word.notYet(language),
            "contact": row.office.contact ?? "–",
        ])
    }

    /// What the main cause says of this office, and its other causes by name.
    private var detail: String? {
        let main = row.main.flatMap { cause in
            cause.words.map { [cause.terminal, $0(language)].compactMap(\.self) }
        }
        let others = row.causes.dropFirst().map { cause in
            [cause.terminal, CauseWords(cause.code).title(language)].compactMap(\.self)
        }
        let sentences = ([main].compactMap(\.self) + others).map { $0.joined(separator: ": ") }
        return sentences.isEmpty ? nil : sentences.joined(separator: " · ")
    }

    private func terminal(_ terminal: TerminalRow) -> [String: Any] {
        let state = row.words(for: terminal)
        let standing = Standing(state.severity)
        let offset = terminal.offsetMilliseconds.map(formats.offset)
        return [
            "css": standing.css, "mark": standing.mark, "name": terminal.name,
            "note": state.isOnline ? offset ?? "" : state.word(language),
        ]
    }
}

extension OfficeRow {
    /// How a terminal is: as reported, unless the report is old or the terminal has a cause of its
    /// own. Nothing is green on old evidence.
    func words(for terminal: TerminalRow) -> TerminalWords {
        if causes.contains(where: { $0.code == .silent }) { return .unknown }
        let own = causes.filter { $0.terminal == terminal.name }.map(\.severity)
        return TerminalWords(terminal.state).at(least: own.max() ?? .fine)
    }
}
