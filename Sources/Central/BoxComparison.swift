import Attendance
import Exchange
import SQLite

/// Puts what boxes hold beside the books: receipts, a journal's own entries, the punches it has counted.
///
/// Whoever can write the store can make all of it anew, digests, chain and counts, so that it agrees
/// with itself. What lies in an office is out of reach.
struct BoxComparison {
    private let database: Database
    /// All keys that ever signed receipts here, by their ids.
    private let keys: [String: VerifyingKey]
    private(set) var receipts = 0
    private(set) var entries = 0
    private(set) var punches = 0
    /// What does not agree, each kind in one place once, with the first entry and how many there are.
    private var told: [String: (first: Int64, count: Int, isFinding: Bool)] = [:]
    private var order: [String] = []

    init(_ database: Database, keys: [VerifyingKey]) {
        self.database = database
        self.keys = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
    }

    /// What somebody has changed, cut or added, here or there.
    var findings: [String] { lines(areFindings: true) }
    /// What could not be compared.
    var unchecked: [String] { lines(areFindings: false) }

    private func lines(areFindings: Bool) -> [String] {
        order.compactMap { what in
            guard let (first, count, isFinding) = told[what], isFinding == areFindings else {
                return nil
            }
            let place = first > 0 ? ", entry \(first)" : ""
            return what + place + (count > 1 ? " and \(count - 1) more" : "")
        }
    }

    private mutating func found(_ what: String, _ seq: Int64 = 0, isFinding: Bool = true) {
        if told[what] == nil { order.append(what) }
        let (first, count, _) = told[what] ?? (seq, 0, isFinding)
        told[what] = (first, count + 1, isFinding)
    }

    // MARK: A file

    /// The journal that a file tells of, as the books have it.
    private struct Journal {
        let name: String
        let row: Int64
        /// The books' last entry.
        let last: Int64
        var counted: [Identity: Int64] = [:]
        var known: Set<Identity> = []
    }

    /// The first 16 bytes of a ``PunchIdentity``.
    private struct Identity: Hashable {
        let bytes: [UInt8]
        init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.prefix(16)) }
    }

    /// - Parameter path: Evidence of a box, or a file of receipts.
    mutating func compare(_ path: String) throws {
        var reader = EvidenceReader()
        var journal: Journal?
        var number = 0
        do {
            try LineFile.forEachLine(of: path) { line in
                number += 1
                guard let item = try reader.take(line) else { return }
                switch item {
                case .receipt(let receipt): try check(receipt, path)
                case .journal(let name, let key, let last):
                    try finish(journal, path)
                    journal = try begin(name, key, last, path)
                case .entry(let seq, let digest, let hash):
                    if let journal { try check(seq, digest, hash, of: journal, path) }
                case .known(let identity, let time, let seq):
                    try check(Identity(identity), time, seq, of: &journal, path)
                }
            }
        } catch is EvidenceReader.Failure {
            return found("\(path): line \(number) is neither evidence of a box nor a receipt")
        }
        guard reader.isComplete else { return found("\(path): it was cut") }
        try finish(journal, path)
    }

    // MARK: Receipts

    private mutating func check(_ signed: SignedText, _ path: String) throws {
        receipts += 1
        guard let key = keys[signed.key] else {
            return found(
                "\(path): a receipt of key \(signed.key), which is none of this centre",
                isFinding: false)
        }
        guard signed.isSigned(by: key, purpose: .receipt),
            let receipt = try? WireJSON.decode(Receipt.self, fromOutside: signed.text.utf8)
        else { return found("\(path): a receipt that this centre did not sign") }
        guard let (row, last, _) = try stored(receipt.journal) else {
            return found("\(path): journal \(receipt.journal) was received and is gone")
        }
        guard receipt.ackedThrough <= last else {
            return found(
                "\(path): journal \(receipt.journal) was received further than the books have it",
                last + 1)
        }
        let head = try database.first(
            "SELECT chain FROM entry WHERE journal = ? AND seq = ?", .int(row),
            .int(receipt.ackedThrough)
        ) { $0.blob(0).hex }
        if receipt.ackedThrough > 0, head != receipt.head {
            found(
                "\(path): journal \(receipt.journal) is not what was receipted",
                receipt.ackedThrough)
        }
    }

    private func stored(_ name: String) throws -> (row: Int64, last: Int64, key: [UInt8])? {
        try database.first(
            "SELECT j.id, j.head_seq, b.key FROM journal j LEFT JOIN bridge b ON b.id = j.bridge WHERE j.name = ?",
            .text(name)
        ) { ($0.int(0), $0.int(1), $0.optionalBlob(2) ?? []) }
    }

    // MARK: Entries

    private mutating func begin(
        _ name: String, _ key: [UInt8], _ last: Int64, _ path: String
    ) throws -> Journal? {
        guard let (row, ours, ourKey) = try stored(name) else {
            found("\(path): journal \(name) has not arrived here yet", isFinding: false)
            return nil
        }
        if key != ourKey { found("\(path): journal \(name) is of another key") }
        if last < ours {
            found(
                "\(path): journal \(name) has grown since, take the file again to have the rest compared",
                last + 1, isFinding: false)
        }
        return Journal(
            name: name, row: row, last: ours,
            counted: try counted(by: row, name, through: last, path))
    }

    private mutating func check(
        _ seq: Int64, _ digest: [UInt8], _ hash: [UInt8], of journal: Journal, _ path: String
    ) throws {
        guard seq <= journal.last else { return }
        entries += 1
        let isSame = try database.first(
            "SELECT digest, chain FROM entry WHERE journal = ? AND seq = ?", .int(journal.row),
            .int(seq)
        ) { $0.blob(0).starts(with: digest) && (hash.isEmpty || $0.blob(1) == hash) }
        if isSame != true { found("\(path): journal \(journal.name) has something else here", seq) }
    }

    // MARK: Punches

    /// What the books count by a journal's entries, and by which.
    private mutating func counted(
        by row: Int64, _ name: String, through last: Int64, _ path: String
    ) throws -> [Identity: Int64] {
        var counted: [Identity: Int64] = [:]
        try database.rows(
            """
            SELECT t.name, k.time, k.pin, k.seq FROM (
                SELECT terminal, time, pin, journal, seq FROM punch
                UNION ALL SELECT terminal, time, pin, journal, seq FROM sighting
            ) k LEFT JOIN terminal t ON t.id = k.terminal WHERE k.journal = ? AND k.seq <= ?
            """, .int(row), .int(last)
        ) { row in
            guard let terminal = try? TerminalID(row.optionalText(0) ?? ""),
                let pin = try? Pin(row.text(2))
            else { return found("\(path): journal \(name) counts what is no punch", row.int(3)) }
            let time = WallTime(seconds: row.int(1))
            counted[Identity(PunchIdentity(terminal: terminal, pin: pin, time: time).bytes)] =
                row.int(3)
        }
        // What waits for an operator counts nowhere yet, and is not lost.
        try database.rows(
            """
            SELECT e.line, e.seq FROM waiting w JOIN entry e ON e.journal = w.journal AND e.seq = w.seq
            WHERE w.journal = ? AND w.seq <= ? AND e.line IS NOT NULL
            """, .int(row), .int(last)
        ) { row in
            guard
                case .punch(let terminal, let punch, _) = LineReading(row.blob(0), seq: row.int(1))
                    .content
            else { return }
            counted[
                Identity(PunchIdentity(terminal: terminal, pin: punch.pin, time: punch.time).bytes)] =
                row.int(1)
        }
        return counted
    }

    private mutating func check(
        _ identity: Identity, _ time: WallTime, _ seq: Int64, of journal: inout Journal?,
        _ path: String
    ) throws {
        guard let name = journal?.name, let last = journal?.last else { return }
        punches += 1
        journal?.known.insert(identity)
        guard (1...max(1, last)).contains(seq), journal?.counted[identity] == nil,
            try !isErased(identity, time)
        else { return }
        found("\(path): journal \(name) counts a punch that the books do not", seq)
    }

    /// Whether it is of a person who was erased. When it was does not matter: with a clock that is ahead,
    /// what it shows later than the erasure was erased as well.
    private func isErased(_ identity: Identity, _ time: WallTime) throws -> Bool {
        var isErased = false
        try database.rows(
            "SELECT t.name, e.pin FROM erased e JOIN terminal t ON t.id = e.terminal"
        ) { row in
            guard let terminal = try? TerminalID(row.text(0)), let pin = try? Pin(row.text(1))
            else {
                return
            }
            let bytes = PunchIdentity(terminal: terminal, pin: pin, time: time).bytes
            if Identity(bytes) == identity { isErased = true }
        }
        return isErased
    }

    private mutating func finish(_ journal: Journal?, _ path: String) throws {
        guard let journal else { return }
        for (identity, seq) in journal.counted.sorted(by: { $0.value < $1.value })
        where !journal.known.contains(identity) {
            found(
                "\(path): the books count a punch of journal \(journal.name) that it does not", seq)
        }
    }
}
