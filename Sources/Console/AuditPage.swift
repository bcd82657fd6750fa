import Attendance
import Central

/// The audit log: who looked at or changed what, newest first.
struct AuditPage {
    let rows: [AuditRow]
    /// Whether the rows' own chain is whole.
    let isWhole: Bool
    let isNewest: Bool
    /// Whether there may be older rows than these.
    let hasOlder: Bool
    let formats: Formats

    static let rowsOnPage = 100

    var content: [String: Any] {
        let standing = isWhole ? Standing.good : .fault
        let chain = isWhole ? Word.chainWhole : .chainBroken
        return values([
            "css": standing.css, "mark": standing.mark, "chain": chain(formats.language),
            "zone": formats.zone.rawValue, "rows": rows.map(row), "newest": !isNewest,
            "older": hasOlder ? rows.last.map { "\($0.seq)" } : nil,
        ])
    }

    private func row(_ row: AuditRow) -> [String: Any] {
        [
            "number": formats.number(Int(row.seq)), "machine": formats.machine(row.at),
            "time": formats.moment(row.at, seconds: true), "who": row.who,
            "what": EventWords.action(row.action)(formats.language), "object": row.object ?? "–",
            "from": row.address == "command"
                ? Word.commandLine(formats.language) : row.address,
        ]
    }
}
