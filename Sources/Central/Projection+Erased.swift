import Attendance
import SQLite

// People whose lines were erased: what comes of them again, from a bridge or an old log, stays out.
extension Projection {
    /// Whether the entry is of somebody whose punches of that time were erased.
    func isErased(_ reading: LineReading) throws -> Bool {
        guard case .punch(let id, let punch, _) = reading.content, try hasErasures() else {
            return false
        }
        return try Self.isErased(database, punch, terminal: terminal(id).row)
    }

    static func isErased(_ database: Database, _ punch: Punch, terminal: Int64) throws -> Bool {
        try database.int(
            "SELECT 1 FROM erased WHERE terminal = ? AND pin = ? AND through >= ?", .int(terminal),
            .text(punch.pin.canonical), .int(punch.time.seconds)) != nil
    }

    private func hasErasures() throws -> Bool {
        if let known = erasures { return known }
        let found = try database.int("SELECT 1 FROM erased LIMIT 1") != nil
        erasures = found
        return found
    }
}
