import Attendance
import Central

/// The table of an office's terminals.
struct OfficeTerminals {
    let row: OfficeRow
    let formats: Formats

    private var language: Language { formats.language }

    var content: [[String: Any]] { row.terminals.map(line) }

    private func line(_ terminal: TerminalRow) -> [String: Any] {
        let state = row.words(for: terminal)
        let standing = Standing(state.severity)
        let model = [terminal.model, terminal.firmware].compactMap(\.self)
        return values([
            "name": terminal.name, "link": terminal.link, "css": standing.css,
            "mark": standing.mark, "state": state.word(language), "since": since(terminal),
            "problem": state.isOnline ? nil : terminal.problem?(language),
            "serial": terminal.terminal?.description ?? Word.unnamed(language),
            "model": model.isEmpty ? nil : model.joined(separator: " · "),
            "offset": terminal.offsetMilliseconds.map(formats.offset) ?? "–",
            "clockAt": terminal.clockAt.map { formats.moment($0) },
            "records": terminal.records.map(formats.number) ?? "–", "fill": fill(terminal),
            "lastRead": terminal.lastRead.map { formats.moment($0) } ?? "–",
            "complete": terminal.completeThrough.map { formats.moment($0) }
                ?? Word.notYet(language),
            "empty": empty(terminal), "holes": holes(terminal),
        ])
    }

    private func since(_ terminal: TerminalRow) -> String? {
        terminal.since.map {
            Text(id: "sejak \(formats.moment($0))", en: "since \(formats.moment($0))")(language)
        }
    }

    private func fill(_ terminal: TerminalRow) -> String? {
        guard let records = terminal.records, let capacity = terminal.recordCapacity else {
            return nil
        }
        return formats.percent(Int64(records), of: Int64(capacity))
    }

    /// Why the moment beside it stands still, where nothing is wrong.
    private func empty(_ terminal: TerminalRow) -> String? {
        terminal.emptySince.map {
            Text(
                id: "log kosong sejak \(formats.moment($0))",
                en: "log empty since \(formats.moment($0))")(language)
        }
    }

    private func holes(_ terminal: TerminalRow) -> String? {
        guard terminal.holes > 0 else { return nil }
        let count = formats.number(terminal.holes)
        return Text(
            id: "\(count) celah", en: terminal.holes == 1 ? "1 gap" : "\(count) gaps")(language)
    }
}
