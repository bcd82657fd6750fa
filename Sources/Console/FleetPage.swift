import Attendance
import Central
import Foundation

/// The fleet page: who has to be called and why, then everybody else.
///
/// What is new comes first and equal causes stand together, because one cut line to a district
/// must not look like thirty troubles. Offices that are not active yet stand apart: their silence
/// is expected. What is wrong and how badly is `Central`'s to say.
struct FleetPage {
    let report: FleetReport
    let language: Language

    /// More healthy offices than this are listed by name only, and more of one cause are counted
    /// after the first: the page stays below 100 kB with hundreds of offices.
    static let mostRows = 60
    static let mostOfOneCause = 25

    private var now: UTCTime { report.at }
    private var offices: [OfficeRow] { report.offices }

    var content: [String: Any] {
        values([
            "title": text(id: "Ringkasan armada", en: "Fleet overview"),
            "today": formats.full(now),
            "tiles": tiles,
            "empty": everybody.isEmpty ? Word.noOffices(language) : nil,
            "allWell": troubled.isEmpty && !offices.isEmpty ? Word.allWell(language) : nil,
            "nobody": offices.isEmpty ? Word.nobodyActive(language) : nil,
            "ages": ages,
            "healthy": healthy,
            "quiet": quiet,
        ])
    }

    /// The zone most offices live in: the page's own clock.
    var zone: Zone {
        let counts = Dictionary(grouping: everybody, by: \.office.zone).mapValues(\.count)
        return Zone.allCases.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? .wib
    }

    var formats: Formats { Formats(language: language, zone: zone, now: now) }

    /// How complete the page's data are, for its foot.
    var completeness: String {
        let known = offices.compactMap(\.completeThrough)
        let share = "\(formats.number(known.count))/\(formats.number(offices.count))"
        let sentence = text(
            id: "Kelengkapan diketahui untuk \(share) kantor aktif",
            en: "Completeness known for \(share) active offices")
        guard let least = known.min() else { return sentence }
        let furthest = text(id: "paling tertinggal s.d.", en: "the furthest behind through")
        return "\(sentence); \(furthest) \(formats.full(least))"
    }

    private func text(id: String, en: String) -> String { Text(id: id, en: en)(language) }

    private var everybody: [OfficeRow] { offices + report.planned + report.inactive }
    private var troubled: [OfficeRow] { offices.filter { !$0.causes.isEmpty } }

    // MARK: Figures

    private var tiles: [[String: Any]] {
        let terminals = offices.flatMap(\.terminals)
        let online = terminals.count { $0.state == "online" }
        let queue = offices.reduce(0) { $0 + $1.queue }
        let oldest = offices.compactMap(\.oldestUnsent).min()
        let others = report.planned.count + report.inactive.count
        return [
            count(.good, report.count(of: .fine)),
            count(.attention, report.count(of: .attention)),
            count(.fault, report.count(of: .fault)),
            tile(
                Word.terminals(language),
                "\(formats.number(online))/\(formats.number(terminals.count))",
                note: text(id: "daring", en: "online")),
            tile(
                text(id: "Antrean di kantor", en: "Waiting at offices"), formats.number(queue),
                note: oldest.map { "\(Word.oldest(language)) \(formats.age(since: $0))" }),
            count(.planned, others),
        ]
    }

    private func count(_ standing: Standing, _ number: Int) -> [String: Any] {
        let label = standing == .planned ? Word.planned(language) : standing.word(language)
        return tile(
            label, formats.number(number), note: text(id: "kantor", en: "offices"),
            standing: standing)
    }

    private func tile(
        _ label: String, _ value: String, note: String? = nil, standing: Standing? = nil
    ) -> [String: Any] {
        values([
            "label": label, "value": value, "note": note, "css": standing?.css ?? "",
            "mark": standing?.mark,
        ])
    }

    // MARK: Troubles

    /// Two sections at most: new, and longer. An office stands under its hardest cause.
    private var ages: [[String: Any]] {
        let new = troubled.filter(\.isNew)
        let old = troubled.filter { !$0.isNew }
        return [(Word.newSinceYesterday, new), (Word.longer, old)].compactMap { word, rows in
            guard !rows.isEmpty else { return nil }
            let title = "\(word(language)) (\(formats.number(rows.count)))"
            return ["title": title, "causes": causes(rows)]
        }
    }

    private func causes(_ rows: [OfficeRow]) -> [[String: Any]] {
        let byCause = Dictionary(grouping: rows) { $0.main.map(Sameness.init) }
        return report.groups.compactMap { group in
            let sameness = Sameness(code: group.code, detail: group.detail)
            return byCause[sameness].map { self.group(sameness, $0) }
        }
    }

    private func group(_ cause: Sameness, _ rows: [OfficeRow]) -> [String: Any] {
        let words = CauseWords(cause.code)
        let standing = Standing(cause.code.severity)
        let sorted = rows.sorted {
            ($0.main?.since ?? now, $0.office.name) < ($1.main?.since ?? now, $1.office.name)
        }
        let rest = sorted.dropFirst(Self.mostOfOneCause).map { row in
            name(row, note: row.office.contact ?? "")
        }
        let count = formats.number(rows.count)
        return values([
            "css": standing.css, "mark": standing.mark, "state": standing.word(language),
            "title": words.title(language), "advice": words.advice(language),
            "count": text(
                id: "\(count) kantor", en: count == "1" ? "1 office" : "\(count) offices"),
            "rows": sorted.prefix(Self.mostOfOneCause).map { line($0, inTrouble: true) },
            "more": rest.isEmpty ? nil : ["names": rest],
        ])
    }

    // MARK: The others

    private var healthy: [String: Any]? {
        let well = offices.filter(\.causes.isEmpty).sorted { $0.office.stands(before: $1.office) }
        guard !well.isEmpty else { return nil }
        guard well.count > Self.mostRows else {
            return values([
                "count": formats.number(well.count), "list": nil,
                "note": Word.healthyNote(language),
                "table": ["rows": well.map { line($0, inTrouble: false) }],
            ])
        }
        let names = well.map { row in
            name(row, note: row.completeThrough.map { local(row).moment($0) } ?? "–")
        }
        return values([
            "count": formats.number(well.count), "table": nil, "list": ["names": names],
            "note": Word.healthyListNote(language),
        ])
    }

    private var quiet: [String: Any]? {
        let others = (report.planned + report.inactive).sorted {
            $0.office.stands(before: $1.office)
        }
        guard !others.isEmpty else { return nil }
        let names = others.map { name($0, note: $0.office.stage.word(language)) }
        return ["count": formats.number(others.count), "names": names]
    }

    private func name(_ row: OfficeRow, note: String) -> [String: Any] {
        ["id": row.office.id.description, "name": row.office.name, "note": note]
    }

    private func local(_ row: OfficeRow) -> Formats {
        Formats(language: language, zone: row.office.zone, now: now)
    }

    private func line(_ row: OfficeRow, inTrouble: Bool) -> [String: Any] {
        FleetLine(row: row, formats: local(row)).content(inTrouble: inTrouble)
    }
}

/// What makes two causes one group.
private struct Sameness: Hashable {
    let code: Cause.Code
    let detail: String?

    init(code: Cause.Code, detail: String?) {
        (self.code, self.detail) = (code, detail)
    }

    init(_ cause: Cause) {
        self.init(code: cause.code, detail: cause.detail)
    }
}

extension OfficeRow {
    /// The cause an office is listed under.
    var main: Cause? { causes.first }
}

extension Office {
    /// In a list by name, `SDN 2` stands before `SDN 10`.
    func stands(before other: Office) -> Bool {
        name.compare(other.name, options: [.numeric, .caseInsensitive]) == .orderedAscending
    }
}
