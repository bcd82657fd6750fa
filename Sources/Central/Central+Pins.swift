public import Attendance
import SQLite

extension Central {
    /// Takes note of the TLS keys in use.
    ///
    /// - Parameters:
    ///   - pins: Of the current and the spare key.
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens.
    /// - Returns: What answers are to announce: the pins, if they ever changed; else nothing, because
    ///   every bridge was enrolled with them.
    public func announce(_ pins: [String], by doer: Doer, at now: UTCTime) throws -> [String] {
        let text = pins.joined(separator: " ")
        return try database.transaction {
            let known = try database.first("SELECT pins, changed_at FROM announced") {
                (pins: $0.text(0), isChanged: !$0.isNull(1))
            }
            guard let known else {
                try database.run("INSERT INTO announced VALUES (1, ?, NULL)", .text(text))
                return []
            }
            if known.pins == text { return known.isChanged ? pins : [] }
            try database.run(
                "UPDATE announced SET pins = ?, changed_at = ?", .text(text),
                .int(now.milliseconds))
            try audit(doer, "announce-pins", text, at: now)
            return pins
        }
    }

    /// The pins that were announced last; nil before the first server.
    public func announcedPins() throws -> [String]? {
        try database.text("SELECT pins FROM announced").map {
            $0.split(separator: " ").map(String.init)
        }
    }

    /// Bridges that may call and were never told of the spare TLS key of today: they would not find
    /// the centre again if it took the current one's place now.
    public func bridgesUnawareOfSpare() throws -> [Bridge] {
        guard let changed = try database.int("SELECT changed_at FROM announced") else { return [] }
        return try bridges().filter { bridge in
            bridge.revocation == nil && bridge.enrolledAt.milliseconds < changed
                && (bridge.lastHeard?.milliseconds ?? 0) < changed
        }
    }
}
