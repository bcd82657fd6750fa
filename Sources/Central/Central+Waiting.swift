public import Attendance
import SQLite

extension Central {
    /// Terminals of other offices that this office's bridges saw, and whose punches wait.
    public func waitingTerminals(of office: OfficeID) throws -> [WaitingTerminal] {
        let row = try officeRow(office)
        return try reading {
            var found: [(row: Int64, id: TerminalID, entries: Int, since: UTCTime)] = []
            try database.rows(
                """
                SELECT t.id, t.name, count(*), min(w.at)
                FROM waiting w JOIN terminal t ON t.id = w.terminal
                WHERE w.office = ? GROUP BY t.id ORDER BY t.name
                """, .int(row)
            ) {
                guard let id = try? TerminalID($0.text(1)) else { return }
                found.append(($0.int(0), id, Int($0.int(2)), UTCTime(milliseconds: $0.int(3))))
            }
            return try found.map { terminal in
                let owner = try owner(of: terminal.row)
                return WaitingTerminal(
                    id: terminal.id, owner: owner?.office, entries: terminal.entries,
                    since: terminal.since, lastCounted: owner?.lastCounted)
            }
        }
    }

    /// Where a terminal stands now, and its newest punch there.
    private func owner(of terminal: Int64) throws -> (office: Office, lastCounted: WallTime?)? {
        let place = try database.first(
            """
            SELECT \(Self.officeColumns), o.id FROM placement p JOIN office o ON o.id = p.office
            WHERE p.terminal = ? ORDER BY p.from_time DESC LIMIT 1
            """, .int(terminal)
        ) { (Self.office($0), $0.int(6)) }
        guard let (office, row) = place, let office else { return nil }
        let last = try database.int(
            "SELECT max(time) FROM punch WHERE office = ? AND terminal = ?", .int(row),
            .int(terminal))
        return (office, last.map { WallTime(seconds: $0) })
    }
}

/// A terminal that was seen from an office where it does not stand.
public struct WaitingTerminal: Hashable, Sendable {
    public let id: TerminalID
    /// Where it stands as far as is known here.
    public let owner: Office?
    /// Entries that wait until somebody says where it stands.
    public let entries: Int
    /// When the first of them came.
    public let since: UTCTime
    /// The newest punch that counts for ``owner``, by the terminal's clock.
    public let lastCounted: WallTime?
}
