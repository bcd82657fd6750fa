public import Attendance
public import Exchange
import SQLite

extension Journal {
    /// Puts facts on disk in one transaction, each punch once.
    ///
    /// A punch that is known adds nothing, unless this sighting tells it differently than any
    /// before: then it is one more entry about the same punch. Everything else is appended as it is.
    ///
    /// - Parameters:
    ///   - positions: How far logs have been read once this is on disk; the journal does not look
    ///     into them. They are kept with the facts or not at all.
    /// - Throws: ``SQLiteError``; then nothing of the call was kept.
    @discardableResult
    public func record(
        _ bodies: [EntryBody], positions: [TerminalID: String] = [:], at moment: Moment
    ) throws -> Recorded {
        let before = (chain, tallies)
        do {
            let recorded = try database.transaction {
                var recorded = Recorded()
                if let missing { try append(Self.notice(of: missing), at: moment) }
                for body in bodies { try add(body, at: moment, to: &recorded) }
                for (terminal, position) in positions { try keep(position, of: terminal) }
                if tallies != before.1 { try tallies.write(to: database) }
                recorded.lastSeq = tallies.head
                return recorded
            }
            missing = nil
            return recorded
        } catch {
            (chain, tallies) = before
            throw error
        }
    }

    /// Says in the journal itself that it is not the first one here.
    private static func notice(of missing: JournalID) -> EntryBody {
        .bridge(.repaired, detail: "the file of journal \(missing) was gone; a new one begins")
    }

    private func add(_ body: EntryBody, at moment: Moment, to recorded: inout Recorded) throws {
        switch body {
        case .punch(let terminal, let punch, let via):
            let identity = PunchIdentity(terminal: terminal, pin: punch.pin, time: punch.time)
            switch try sighted(identity, Sighting(punch, via)) {
            case .first:
                tallies.punches += 1
                recorded.new += 1
                try append(body, at: moment, counts: true)
            case .differing:
                recorded.sightings += 1
                try append(body, at: moment)
            case .known:
                recorded.known += 1
            }
        case .oddity(let terminal, let oddity, let via):
            let identity = PunchIdentity(terminal: terminal, oddity: oddity.raw)
            guard case .first = try sighted(identity, Sighting(rank: via.order, attributes: 0))
            else { return recorded.known += 1 }
            tallies.oddities += 1
            recorded.odd += 1
            try append(body, at: moment)
        case .clock(let terminal, _, _):
            try append(body, at: moment)
            try note("clock", of: terminal)
        case .coverage(let terminal, _, _):
            try append(body, at: moment)
            try note("coverage", of: terminal)
        case .terminal, .bridge, .fileImport:
            try append(body, at: moment)
        }
    }

    private func append(_ body: EntryBody, at moment: Moment, counts: Bool = false) throws {
        let seq = tallies.head + 1
        let line = Entry(
            seq: seq, at: moment.at, boot: moment.boot, up: moment.up, body: body.bounded
        ).line
        let digest = Chain.digest(ofLine: line)
        let hash = chain.append(digest: digest)
        try database.run(
            "INSERT INTO entry (seq, line, digest, hash, at, counts) VALUES (?, ?, ?, ?, ?, ?)",
            .int(seq), .blob(line), .blob(digest.bytes), .blob(hash.bytes),
            .int(moment.at.milliseconds), .int(counts ? 1 : 0))
        tallies.head = seq
    }

    // MARK: Identities

    private enum Standing { case first, differing, known }

    /// Looks a sighting up and remembers it.
    private func sighted(_ identity: PunchIdentity, _ sighting: Sighting) throws -> Standing {
        let stored = try database.first(
            "SELECT source, attributes FROM known WHERE identity = ?", .blob(identity.bytes)
        ) { Sighting(rank: $0.int(0), attributes: $0.int(1)) }
        guard let stored else {
            try database.run(
                "INSERT INTO known (identity, seq, source, attributes) VALUES (?, ?, ?, ?)",
                .blob(identity.bytes), .int(tallies.head + 1), .int(sighting.rank),
                .int(sighting.attributes))
            return .first
        }
        let isBetter = sighting.rank > stored.rank
        let differs = sighting.attributes != stored.attributes
        let isNew = differs ? try remember(sighting.attributes, of: identity) : false
        if isBetter {
            // What the weaker source said was an entry already: it must not become one again.
            if differs {
                _ = try remember(stored.attributes, of: identity)
            }
            try database.run(
                "UPDATE known SET source = ?, attributes = ? WHERE identity = ?",
                .int(sighting.rank), .int(sighting.attributes), .blob(identity.bytes))
        }
        return isNew ? .differing : .known
    }

    /// - Returns: Whether this was not remembered before.
    private func remember(_ attributes: Int64, of identity: PunchIdentity) throws -> Bool {
        try database.run(
            "INSERT OR IGNORE INTO sighting (identity, attributes) VALUES (?, ?)",
            .blob(identity.bytes), .int(attributes)) > 0
    }

    // MARK: Terminals

    private func keep(_ position: String, of terminal: TerminalID) throws {
        // A log that has not grown leaves the disk alone.
        guard try self.position(of: terminal) != position else { return }
        try database.run(
            """
            INSERT INTO terminal (id, position) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET position = excluded.position
            """, .text(terminal.description), .text(position))
    }

    /// - Parameter column: `clock` or `coverage`.
    private func note(_ column: StaticString, of terminal: TerminalID) throws {
        try database.run(
            """
            INSERT INTO terminal (id, \(column)) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET \(column) = excluded.\(column)
            """, .text(terminal.description), .int(tallies.head))
    }
}

/// What one source says of a punch beyond its identity.
private struct Sighting {
    let rank: Int64
    let attributes: Int64

    init(rank: Int64, attributes: Int64) {
        self.rank = rank
        self.attributes = attributes
    }

    /// Packs the three attributes; work codes are 32-bit numbers on every make.
    init(_ punch: Punch, _ via: PunchSource) {
        rank = via.order
        attributes =
            Int64(punch.verifyNumber & 0xFF) << 40 | Int64(punch.stateNumber & 0xFF) << 32
            | punch.workCode & 0xFFFF_FFFF
    }
}

extension PunchSource {
    /// The better source has the higher number.
    fileprivate var order: Int64 {
        switch self {
        case .live: 0
        case .stick: 1
        case .push: 2
        case .log: 3
        }
    }
}
