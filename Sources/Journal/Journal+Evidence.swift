import Attendance
public import Exchange
import SQLite

/// A piece of what an auditor is given of a journal; see `docs/reference/evidence.md`.
public struct EvidencePiece: Hashable, Sendable {
    /// Lines of JSON without their newlines.
    public let lines: [[UInt8]]
    /// What the next piece is asked for with; nil: this was the last one.
    public let next: String?
}

extension Journal {
    /// The journal as it stands, for `tools/verify.py`: receipts, every entry with the hashes kept beside
    /// it, and the identities by which punches count. What is written meanwhile is left out; nothing
    /// is judged, so that whatever was done to the file shows.
    ///
    /// - Parameters:
    ///   - place: ``EvidencePiece/next`` of the piece before; nil to begin.
    ///   - centreKeys: The keys that sign receipts.
    ///   - limit: How many entries or identities a piece holds.
    public func evidence(
        at place: String? = nil, centreKeys: [VerifyingKey], limit: Int = 2_000
    ) throws -> EvidencePiece {
        try Evidence(database: database, centreKeys: centreKeys, limit: limit).piece(at: place)
    }

    /// The same of a file that no daemon holds, also of one that could not be opened for work.
    ///
    /// - Parameters:
    ///   - folder: Where `journal.db` lies.
    ///   - centreKeys: The keys that sign receipts.
    ///   - write: Takes one line without its newline, one after the other.
    public static func evidence(
        in folder: String, centreKeys: [VerifyingKey], _ write: (_ line: [UInt8]) -> Void
    ) throws {
        let database = try Database(
            path: folder + "/journal.db", sharing: .exclusive, applicationID: Schema.applicationID,
            keepsLog: true)
        defer { database.close() }
        let evidence = Evidence(database: database, centreKeys: centreKeys, limit: 2_000)
        var place: String?
        repeat {
            let piece = try evidence.piece(at: place)
            piece.lines.forEach(write)
            place = piece.next
        } while place != nil
    }
}

private struct Evidence {
    /// An oddity has no time. Nor, as it looks, has a punch of the first second of 1970.
    private static let isPunch =
        "(time != 0 OR EXISTS (SELECT 1 FROM entry WHERE entry.seq = known.seq AND counts = 1))"

    let database: Database
    let centreKeys: [VerifyingKey]
    let limit: Int

    func piece(at place: String?) throws -> EvidencePiece {
        guard let place else { return try beginning() }
        let parts = place.split(separator: " ")
        let numbers = parts.dropFirst().compactMap { Int64($0) }
        switch parts.first {
        case "entries" where numbers.count == 3 && numbers.allSatisfy { $0 >= 0 }:
            return try entries(after: numbers[0], left: numbers[1], through: numbers[2])
        case "known" where numbers.count == 2 && parts.count == 4:
            return try known(
                through: numbers[0], after: numbers[1], [UInt8](hex: parts[3].dropFirst()) ?? [])
        default:
            return EvidencePiece(lines: [], next: nil)
        }
    }

    private func beginning() throws -> EvidencePiece {
        var lines: [[UInt8]] = []
        try database.rows("SELECT text, key, signature FROM receipt ORDER BY acked") { row in
            lines.append(
                EvidenceLine.receipt(text: row.text(0), key: row.text(1), signature: row.text(2)))
        }
        let counts = try database.first(
            """
            SELECT head, acked, safe, punches, (SELECT count(*) FROM entry),
                (SELECT max(seq) FROM known), hash FROM tally
            """
        ) { row in (numbers: (0...5).map { row.optionalInt($0) ?? 0 }, hash: row.optionalBlob(6)) }
        let card = try database.first("SELECT journal, public_key FROM identity_card") {
            (journal: $0.text(0), key: $0.blob(1))
        }
        guard let (numbers, hash) = counts, let card else {
            throw JournalError.damaged(path: database.path, seq: 0)
        }
        var header = JSONLine()
        header.add("evidence", "bridge")
        header.add("journal", card.journal)
        header.add("public_key", card.key.base64)
        header.add("centre_keys", json: JSONLine.array(centreKeys.map(\.bytes.base64)))
        header.add("count", numbers[4])
        header.add("last", numbers[0])
        header.add("head", hash?.hex ?? "")
        let noted = HeadNote(folder: String(database.path.dropLast("/journal.db".count))).read()
        header.add("confirmed", noted?.journal.description == card.journal ? noted?.seq ?? 0 : 0)
        header.add("acked", numbers[1])
        header.add("safe", numbers[2])
        header.add("punches", numbers[3])
        lines.append(header.finished)
        let through = max(numbers[0], numbers[5])
        return EvidencePiece(lines: lines, next: "entries 0 \(numbers[4]) \(through)")
    }

    private func entries(
        after seq: Int64, left: Int64, through: Int64
    ) throws -> EvidencePiece {
        var lines: [[UInt8]] = []
        var last = seq
        try database.rows(
            "SELECT seq, line, digest, hash FROM entry WHERE seq > ? ORDER BY seq LIMIT ?",
            .int(seq), .int(min(left, Int64(limit)))
        ) { row in
            last = row.int(0)
            var line = JSONLine()
            line.add("seq", last)
            if let text = row.optionalBlob(1) { line.add("line", json: EvidenceLine.text(text)) }
            line.add("digest", row.blob(2).hex)
            let hash = row.blob(3)
            if !hash.isEmpty { line.add("hash", hash.hex) }
            lines.append(line.finished)
        }
        let left = left - Int64(lines.count)
        if left > 0, !lines.isEmpty {
            return EvidencePiece(lines: lines, next: "entries \(last) \(left) \(through)")
        }
        var header = JSONLine()
        header.add("evidence", "known")
        header.add(
            "journal",
            try database.first("SELECT journal FROM identity_card") { $0.text(0) } ?? "")
        header.add(
            "count",
            try database.int(
                "SELECT count(*) FROM known WHERE \(Self.isPunch) AND seq <= ?", .int(through)) ?? 0
        )
        return EvidencePiece(
            lines: lines + [header.finished], next: "known \(through) \(Int64.min) x")
    }

    private func known(
        through: Int64, after time: Int64, _ identity: [UInt8]
    ) throws -> EvidencePiece {
        var lines: [[UInt8]] = []
        var next: String?
        try database.rows(
            """
            SELECT time, identity, seq, attributes || coalesce((SELECT ' ' || group_concat(attributes, ' ')
                FROM sighting s WHERE s.time = known.time AND s.identity = known.identity), '')
            FROM known WHERE (time, identity) > (?, ?) AND \(Self.isPunch) AND seq <= ?
            ORDER BY time, identity LIMIT ?
            """, .int(time), .blob(identity), .int(through), .int(limit)
        ) { row in
            let key = KnownKey(time: row.int(0), identity: row.blob(1))
            var line = JSONLine()
            line.add("seq", row.int(2))
            line.add("identity", Array(key.identity.prefix(KnownKey.length)).hex)
            line.add("time", WallTime(seconds: key.time).description)
            line.add("told", json: JSONLine.array(Self.told(row.text(3))))
            lines.append(line.finished)
            next = "known \(through) \(key.time) x\(key.identity.hex)"
        }
        return EvidencePiece(lines: lines, next: next)
    }

    /// What each sighting said: the numbers of verify and state, and the work code.
    private static func told(_ packed: String) -> [String] {
        packed.split(separator: " ").compactMap { Int64($0) }.map {
            "\($0 >> 40 & 0xFF)/\($0 >> 32 & 0xFF)/\($0 & 0xFFFF_FFFF)"
        }
    }
}
