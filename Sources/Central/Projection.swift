import Attendance
import Exchange
import SQLite

/// Writes what follows from new entries, within the transaction that stores them.
///
/// Everything here can be made again from the entries; `verify` checks that it could.
final class Projection {
    let database: Database
    let journal: Int64
    /// The office of the bridge whose journal it is.
    let office: Int64
    let now: UTCTime
    private var terminals: [TerminalID: Terminal] = [:]
    private var counted = 0
    private var late = 0
    private var flags = 0

    /// A terminal and where it stands: each from a wall time on, the newest last.
    struct Terminal {
        let row: Int64
        let placements: [(from: Int64, office: Int64)]
        let readers: Set<Int64>

        /// Entries of a bridge count if the terminal stands, or once stood, in its office.
        func isTrusted(from office: Int64) -> Bool { readers.contains(office) }

        func office(at time: WallTime) -> Int64? {
            (placements.last { $0.from <= time.seconds } ?? placements.first)?.office
        }
    }

    init(database: Database, journal: Int64, office: Int64, now: UTCTime) {
        self.database = database
        self.journal = journal
        self.office = office
        self.now = now
    }

    func take(_ entries: some Sequence<Batch.Entry>) throws {
        for entry in entries { try take(entry.reading, seq: entry.seq) }
        if late > 0 { try noteLate() }
        try keepCounters()
    }

    private func keepCounters() throws {
        if counted > 0 {
            try database.run(
                "UPDATE office SET punches = punches + ? WHERE id = ?", .int(counted),
                .int(office))
        }
        guard flags > 0 else { return }
        // A week without a flag, and the next one begins a new run.
        try database.run(
            """
            UPDATE office SET flagged_last = ?1, flagged_since =
                CASE WHEN flagged_last > ?1 - 604800000 THEN flagged_since ELSE ?1 END
            WHERE id = ?2
            """, .int(now.milliseconds), .int(office))
    }

    private func take(_ reading: LineReading, seq: Int64) throws {
        if reading.hasWrongSeq { try flag("wrong-seq", seq) }
        switch reading.content {
        case .punch(let terminal, let punch, let via):
            try count(punch, of: terminal, via: via, seq: seq)
            if let at = reading.at, isLate(at) { late += 1 }
        case .oddity(let terminal, let reason):
            try flag("oddity", seq, terminal: terminal, detail: reason)
        case .clock(let terminal, let at, let offset, let error, let hostSynced):
            try keepClock(terminal, at, offset, error, hostSynced)
        case .coverage(let terminal, let interval):
            let terminal = try self.terminal(terminal)
            guard terminal.isTrusted(from: office) else { return }
            try Self.cover(database, terminal.row, interval)
        case .terminal(let terminal, let event, let detail):
            _ = try self.terminal(terminal)
            try note("terminal-\(event)", reading, terminal: terminal, detail: detail)
        case .bridge(let event, let detail):
            try note("bridge-\(event)", reading, detail: detail)
        case .fileImport(let terminal, let file):
            try note("file-import", reading, terminal: terminal, detail: file)
        case .unreadable: try flag("unreadable", seq)
        case .unknown(let kind): try flag("unknown-kind", seq, detail: kind)
        case .unclear(let kind): try flag("unclear", seq, detail: kind)
        case .tooLong: try flag("too-long", seq)
        }
    }

    // MARK: Terminals

    /// A terminal seen for the first time stands in the office that saw it.
    func terminal(_ id: TerminalID) throws -> Terminal {
        if let known = terminals[id] { return known }
        let terminal = try Self.load(database, id) ?? register(id)
        terminals[id] = terminal
        return terminal
    }

    static func load(_ database: Database, _ id: TerminalID) throws -> Terminal? {
        let row = try database.int(
            "SELECT id FROM terminal WHERE name = ?", .text(id.description))
        guard let row else { return nil }
        var placements: [(from: Int64, office: Int64)] = []
        try database.rows(
            "SELECT from_time, office FROM placement WHERE terminal = ? ORDER BY from_time",
            .int(row)
        ) { placements.append(($0.int(0), $0.int(1))) }
        var readers: Set<Int64> = []
        try database.rows("SELECT office FROM reader WHERE terminal = ?", .int(row)) {
            readers.insert($0.int(0))
        }
        return Terminal(row: row, placements: placements, readers: readers)
    }

    private func register(_ id: TerminalID) throws -> Terminal {
        try database.run("INSERT INTO terminal (name) VALUES (?)", .text(id.description))
        let row = database.lastInsertedRow
        try database.run(
            "INSERT INTO placement VALUES (?, ?, ?, ?, 'first-sighting')", .int(row),
            .int(Self.always), .int(office), .int(now.milliseconds))
        try database.run("INSERT INTO reader VALUES (?, ?)", .int(row), .int(office))
        return Terminal(row: row, placements: [(Self.always, office)], readers: [office])
    }

    /// 1 January of year 1: a first placement holds for everything its log may contain.
    static let always: Int64 = -62_135_596_800

    // MARK: Punches

    private func count(_ punch: Punch, of id: TerminalID, via: PunchSource, seq: Int64) throws {
        let terminal = try terminal(id)
        guard terminal.isTrusted(from: office), let place = terminal.office(at: punch.time) else {
            try wait(terminal, id, seq: seq)
            return
        }
        let isNew = try Self.insert(
            database, punch, office: place, terminal: terminal.row, via: via, journal: journal,
            seq: seq)
        guard isNew else { return }
        if place == office {
            counted += 1
        } else {
            try database.run(
                "UPDATE office SET punches = punches + 1 WHERE id = ?", .int(place))
        }
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

    // MARK: Clocks

    private func keepClock(
        _ id: TerminalID, _ at: UTCTime, _ offset: Int64, _ error: Int64, _ hostSynced: Bool
    ) throws {
        let terminal = try terminal(id)
        let last = try database.first(
            "SELECT offset_ms, error_ms FROM terminal WHERE id = ? AND offset_ms IS NOT NULL",
            .int(terminal.row)
        ) { (offset: $0.int(0), error: $0.int(1)) }
        if let last, ClockRule.isJump(from: last, to: (offset, error)) {
            try Self.event(
                database, "clock-jump", office: office, at: at, now: now,
                terminal: id.description, detail: "\(last.offset) \(offset)")
        }
        try database.run(
            "UPDATE terminal SET offset_ms = ?, error_ms = ? WHERE id = ?", .int(offset),
            .int(error), .int(terminal.row))
        try Self.keepReading(
            database, terminal: terminal.row,
            ClockPoint(
                at: at, offsetMilliseconds: offset, errorMilliseconds: error,
                hostSynced: hostSynced))
    }

    /// Stores a reading and since when the clock is off.
    static func keepReading(_ database: Database, terminal: Int64, _ point: ClockPoint) throws {
        try database.run(
            "INSERT OR IGNORE INTO clock VALUES (?, ?, ?, ?, ?)", .int(terminal),
            .int(point.at.milliseconds), .int(point.offsetMilliseconds),
            .int(point.errorMilliseconds), .int(point.hostSynced ? 1 : 0))
        try database.run(
            """
            UPDATE terminal SET clock_at = ?1, clock_off_since =
                CASE WHEN ?2 THEN coalesce(clock_off_since, ?1) ELSE NULL END
            WHERE id = ?3 AND (clock_at IS NULL OR clock_at <= ?1)
            """, .int(point.at.milliseconds), .int(ClockRule.isOff(point) ? 1 : 0),
            .int(terminal))
    }

    // MARK: Coverage

    /// Takes a stretch in and stores the set anew if it changed.
    static func cover(_ database: Database, _ terminal: Int64, _ interval: CoverageInterval) throws
    {
        let old = try coverage(database, of: terminal)
        var new = old
        new.insert(interval)
        guard new != old else { return }
        let gone = old.intervals.filter { !new.intervals.contains($0) }
        for interval in gone {
            try database.run(
                "DELETE FROM coverage WHERE terminal = ? AND from_at = ?", .int(terminal),
                .int(interval.from.milliseconds))
        }
        for interval in new.intervals where !old.intervals.contains(interval) {
            try database.run(
                "INSERT INTO coverage VALUES (?, ?, ?)", .int(terminal),
                .int(interval.from.milliseconds), .int(interval.through.milliseconds))
        }
    }

    static func coverage(_ database: Database, of terminal: Int64) throws -> CoverageSet {
        var intervals: [CoverageInterval] = []
        try database.rows(
            "SELECT from_at, through_at FROM coverage WHERE terminal = ? ORDER BY from_at",
            .int(terminal)
        ) {
            intervals.append(
                CoverageInterval(
                    from: UTCTime(milliseconds: $0.int(0)),
                    through: UTCTime(milliseconds: $0.int(1))))
        }
        return CoverageSet(intervals)
    }

    // MARK: Flags and events

    private func flag(
        _ reason: String, _ seq: Int64, terminal: TerminalID? = nil, detail: String? = nil
    ) throws {
        flags += 1
        try database.run(
            "INSERT OR IGNORE INTO flagged VALUES (?, ?, ?, ?, ?, ?, ?)", .int(office),
            .int(now.milliseconds), .int(journal), .int(seq), .text(reason),
            .text(terminal?.description), .text(detail.map { String($0.prefix(200)) }))
    }

    private func note(
        _ code: String, _ reading: LineReading, terminal: TerminalID? = nil, detail: String?
    ) throws {
        try Self.event(
            database, code, office: office, at: reading.at ?? now, now: now,
            terminal: terminal?.description, detail: detail.map { String($0.prefix(500)) })
    }

    /// Written long before it came. A box without a clock writes 1970: that says nothing.
    private func isLate(_ at: UTCTime) -> Bool {
        at.milliseconds > 1_577_836_800_000 && at.milliseconds < now.milliseconds - 900_000
    }

    /// A backlog comes in many calls and is one event.
    private func noteLate() throws {
        let open = try database.first(
            """
            SELECT id, detail FROM event WHERE office = ? AND code = 'late-batch'
                AND received_at > ? ORDER BY id DESC LIMIT 1
            """, .int(office), .int(now.milliseconds - 600_000)
        ) { (id: $0.int(0), count: Int($0.text(1)) ?? 0) }
        guard let open else {
            try Self.event(
                database, "late-batch", office: office, at: now, now: now, terminal: nil,
                detail: "\(late)")
            return
        }
        try database.run(
            "UPDATE event SET detail = ?, received_at = ? WHERE id = ?",
            .text("\(open.count + late)"), .int(now.milliseconds), .int(open.id))
    }

    static func event(
        _ database: Database, _ code: String, office: Int64, at: UTCTime, now: UTCTime,
        terminal: String?, detail: String?
    ) throws {
        try database.run(
            """
            INSERT INTO event (office, at, received_at, code, terminal, detail)
            VALUES (?, ?, ?, ?, ?, ?)
            """, .int(office), .int(at.milliseconds), .int(now.milliseconds), .text(code),
            .text(terminal), .text(detail))
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
}
