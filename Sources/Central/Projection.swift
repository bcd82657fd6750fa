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
    let dating: Dating
    private var terminals: [TerminalID: Terminal] = [:]
    /// Punches new here that count in this office, and in any.
    var counted = 0
    var newPunches = 0
    private var late = 0
    private var flags = 0
    /// Whether anybody was ever erased; nil until it matters.
    var erasures: Bool?

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

    init(
        database: Database, journal: Int64, office: Int64, now: UTCTime, dating: Dating? = nil
    ) {
        self.database = database
        self.journal = journal
        self.office = office
        self.now = now
        self.dating = dating ?? Dating(database, journal: journal, now: now)
    }

    /// Writes what the entries taken have added up to; last of all.
    func finish() throws {
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

    func take(_ line: LineReading, seq: Int64) throws {
        let (reading, certainty) = try dating.dated(line)
        var trace = Trace(certainty)
        if reading.hasWrongSeq { try flag("wrong-seq", seq) }
        switch reading.content {
        case .punch(let terminal, let punch, let via):
            let isKnown = try count(punch, of: terminal, via: via, seq: seq)
            // A repaired journal tells again what was here in time.
            if !isKnown, let at = reading.at, isLate(at) { late += 1 }
        case .oddity(let terminal, let reason):
            try flag("oddity", seq, terminal: terminal, detail: reason)
        case .clock(let terminal, let point, _):
            try keepClock(terminal, point, from: line, leaving: &trace)
        case .coverage(let terminal, let interval):
            let terminal = try self.terminal(terminal)
            guard terminal.isTrusted(from: office),
                Dating.isPossible(interval.through, at: try dating.latest(of: line))
            else { return }
            try Self.cover(database, terminal.row, interval, by: journal)
        case .terminal(let terminal, let event, let detail):
            _ = try self.terminal(terminal)
            try note(
                "terminal-\(event)", reading, terminal: terminal, detail: detail, leaving: &trace)
        case .bridge(let event, let detail):
            try note("bridge-\(event)", reading, detail: detail, leaving: &trace)
            if event == "repaired", detail?.hasPrefix("old image") == true { try noteOldImage() }
        case .fileImport(let terminal, let file):
            try note(
                "file-import", reading, terminal: terminal, detail: file, leaving: &trace)
        case .unreadable: try flag("unreadable", seq)
        case .unknown(let kind): try flag("unknown-kind", seq, detail: kind)
        case .unclear(let kind): try flag("unclear", seq, detail: kind)
        case .tooLong: try flag("too-long", seq)
        }
        try remember(trace, of: reading, seq: seq)
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
        _ code: String, _ reading: LineReading, terminal: TerminalID? = nil, detail: String?,
        leaving trace: inout Trace
    ) throws {
        try Self.event(
            database, code, office: office, at: reading.at ?? now, now: now,
            terminal: terminal?.description, detail: detail.map { String($0.prefix(500)) },
            certainty: trace.certainty)
        trace.event = database.lastInsertedRow
    }

    /// 1 January 2020: a host's clock that shows less was never set.
    static let believableFrom: Int64 = 1_577_836_800_000

    /// The bridge itself has found out that it was restored from an old image: the centre took its
    /// call for one that came twice.
    private func noteOldImage() throws {
        try database.run(
            """
            UPDATE bridge_status SET forked_at = ?
            WHERE bridge = (SELECT bridge FROM journal WHERE id = ?)
            """, .int(now.milliseconds), .int(journal))
    }

    /// Written long before it came.
    private func isLate(_ at: UTCTime) -> Bool {
        at.milliseconds > Self.believableFrom && at.milliseconds < now.milliseconds - 900_000
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
        terminal: String?, detail: String?, certainty: Certainty = .known
    ) throws {
        try database.run(
            """
            INSERT INTO event (office, at, received_at, code, terminal, detail, certainty)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, .int(office), .int(at.milliseconds), .int(now.milliseconds), .text(code),
            .text(terminal), .text(detail), .int(certainty.rawValue))
    }
}
