import Attendance
import Exchange
import SQLite

// Punches: each counted once, however often and by whomever it was seen.
extension Projection {
    /// - Returns: Whether the punch was here before.
    func count(_ punch: Punch, of id: TerminalID, via: PunchSource, seq: Int64) throws -> Bool {
        let terminal = try terminal(id)
        guard terminal.isTrusted(from: office), let place = terminal.office(at: punch.time) else {
            try wait(terminal, id, seq: seq)
            return false
        }
        let isNew = try Self.insert(
            database, punch, office: place, terminal: terminal.row, via: via, journal: journal,
            seq: seq)
        guard isNew else { return true }
        CrashPoint.punchCounted.reached()
        newPunches += 1
        if place == office {
            counted += 1
        } else {
            try database.run(
                "UPDATE office SET punches = punches + 1 WHERE id = ?", .int(place))
        }
        return false
    }

    /// Adds a punch or a further sighting of it.
    ///
    /// - Returns: Whether the punch is new.
    static func insert(
        _ database: Database, _ punch: Punch, office: Int64, terminal: Int64, via: PunchSource,
        journal: Int64, seq: Int64
    ) throws -> Bool {
        let pin = punch.pin.canonical
        let shown = punch.pin.text == pin ? nil : punch.pin.text
        let added = try database.run(
            """
            INSERT INTO punch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING
            """, .int(office), .int(terminal), .int(punch.time.seconds), .text(pin),
            .text(shown), .text(punch.verify.rawValue), .text(punch.state.rawValue),
            .int(punch.workCode), .int(via.rank), .int(journal), .int(seq))
        if added == 1 { return true }
        let key: [Value] = [
            .int(office), .int(terminal), .int(punch.time.seconds), .text(pin),
        ]
        let old = try database.first(
            """
            SELECT via, journal, seq FROM punch
            WHERE office = ? AND terminal = ? AND time = ? AND pin = ?
            """, key[0], key[1], key[2], key[3]
        ) { (via: $0.int(0), journal: $0.int(1), seq: $0.int(2)) }
        guard let old else { return false }
        let isBetter = via.rank > old.via
        try database.run(
            "INSERT INTO sighting VALUES (?, ?, ?, ?, ?)", key[1], key[2], key[3],
            .int(isBetter ? old.journal : journal), .int(isBetter ? old.seq : seq))
        if isBetter {
            try database.run(
                """
                UPDATE punch SET pin_text = ?, verify = ?, state = ?, work = ?, via = ?,
                    journal = ?, seq = ?, sightings = sightings + 1
                WHERE office = ? AND terminal = ? AND time = ? AND pin = ?
                """,
                [
                    .text(shown), .text(punch.verify.rawValue), .text(punch.state.rawValue),
                    .int(punch.workCode), .int(via.rank), .int(journal), .int(seq),
                ] + key)
        } else {
            try database.run(
                """
                UPDATE punch SET sightings = sightings + 1
                WHERE office = ? AND terminal = ? AND time = ? AND pin = ?
                """, key)
        }
        return false
    }

    /// Another office's terminal: kept and shown, counted when an operator has placed it.
    private func wait(_ terminal: Terminal, _ id: TerminalID, seq: Int64) throws {
        let isFirst =
            try database.int(
                "SELECT 1 FROM waiting WHERE terminal = ? AND office = ? LIMIT 1",
                .int(terminal.row), .int(office)) == nil
        try database.run(
            "INSERT INTO waiting VALUES (?, ?, ?, ?, ?)", .int(terminal.row), .int(journal),
            .int(seq), .int(office), .int(now.milliseconds))
        guard isFirst else { return }
        try Self.event(
            database, "terminal-elsewhere", office: office, at: now, now: now,
            terminal: id.description, detail: nil)
    }
}

extension PunchSource {
    /// The better source has the higher number; stored, so never renumbered.
    var rank: Int64 {
        switch self {
        case .live: 0
        case .stick: 1
        case .push: 2
        case .log: 3
        }
    }

    /// A rank that nothing has is the lowest.
    init(rank: Int64) {
        self = Self.allCases.first { $0.rank == rank } ?? .live
    }
}
