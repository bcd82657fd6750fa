public import Attendance
import SQLite

extension Central {
    /// Counted punches of an office in order of terminal, time and PIN, a page at a time: a
    /// million of them never stand in memory together.
    ///
    /// - Parameters:
    ///   - id: The office.
    ///   - limit: How many punches a page.
    ///   - from: The first wall time wanted; nil for all.
    ///   - through: The last wall time wanted.
    ///   - cursor: ``PunchPage/next`` of the page before.
    public func punches(
        office id: OfficeID, from: WallTime? = nil, through: WallTime? = nil,
        after cursor: PunchCursor? = nil, limit: Int = 1_000
    ) throws -> PunchPage {
        let office = try officeRow(id)
        let limit = max(1, min(limit, 10_000))
        var punches: [CountedPunch] = []
        for terminal in try placedTerminals(office) {
            let name = terminal.id.description
            if let cursor, name < cursor.terminal { continue }
            let isBegun = cursor?.terminal == name
            let start = max(from?.seconds ?? .min, isBegun ? cursor?.time ?? .min : .min)
            try database.rows(
                """
                SELECT coalesce(pin_text, pin), time, verify, state, work, sightings, pin
                FROM punch WHERE office = ? AND terminal = ? AND (time, pin) > (?, ?)
                    AND time <= ? ORDER BY time, pin LIMIT ?
                """, .int(office), .int(terminal.row), .int(start),
                .text(isBegun && start == cursor?.time ? cursor?.pin ?? "" : ""),
                .int(through?.seconds ?? .max), .int(limit - punches.count)
            ) { punches.append(Self.counted($0, id, terminal.id)) }
            if punches.count == limit { break }
        }
        return PunchPage(punches: punches, next: punches.count < limit ? nil : cursorAfter(punches))
    }

    private static func counted(_ row: Row, _ office: OfficeID, _ terminal: TerminalID)
        -> CountedPunch
    {
        CountedPunch(
            office: office, terminal: terminal, pin: row.text(0),
            time: WallTime(seconds: row.int(1)), verify: row.text(2), state: row.text(3),
            work: row.int(4), sightings: Int(row.int(5)))
    }

    private func cursorAfter(_ punches: [CountedPunch]) -> PunchCursor? {
        guard let last = punches.last else { return nil }
        let canonical = (try? Pin(last.pin))?.canonical ?? last.pin
        return PunchCursor(
            terminal: last.terminal.description, time: last.time.seconds, pin: canonical)
    }

    /// Hands every counted punch of an office to `body`, page by page.
    public nonisolated func forEachPunch(
        office: OfficeID, from: WallTime? = nil, through: WallTime? = nil,
        _ body: ([CountedPunch]) async throws -> Void
    ) async throws {
        var cursor: PunchCursor?
        repeat {
            let page = try await punches(
                office: office, from: from, through: through, after: cursor, limit: 2_000)
            try await body(page.punches)
            cursor = page.next
        } while cursor != nil
    }
}
