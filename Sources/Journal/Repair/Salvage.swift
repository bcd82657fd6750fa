import Attendance
import Exchange

/// What can still be read of a journal's files, and what of it this bridge has to carry on.
///
/// Only reads. A line is believed if it agrees with its digest; a receipt if the centre signed it.
/// Lines without a receipt are carried on, and punches and damaged records whatever the centre has said
/// of them: it may go back behind its receipts, and would ask a journal that is no more. For the same
/// reason no identity is taken over: one that is wrongly thought known would hide a punch for ever, one
/// that is wrongly thought new is sent again and counts once.
struct Salvage: Sendable {
    /// A line that is to be carried on, and where it lies. Months without a line make many of them.
    struct Place: Sendable {
        let seq: Int64
        let digest: ShortDigest
        let page: Int64
        let offset: Int32
        let isInLog: Bool
    }

    /// Half of a digest, without a heap's overhead.
    struct ShortDigest: Hashable, Sendable {
        private let halves: (UInt64, UInt64)

        init(_ digest: ChainHash) {
            func half(_ range: Range<Int>) -> UInt64 {
                digest.bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
            }
            halves = (half(0..<8), half(8..<16))
        }

        static func == (left: Self, right: Self) -> Bool { left.halves == right.halves }
        func hash(into hasher: inout Hasher) { hasher.combine(halves.0) }
    }

    /// The journal the files belong to; nil if nothing says it.
    private(set) var journal: JournalID?
    /// Entries through this one are at the centre, by a receipt that it signed.
    private(set) var acked: Int64 = 0
    /// The last entry, as far as anything says.
    private(set) var head: Int64 = 0
    /// Whether the counts were readable, so that ``head`` is more than a guess.
    private(set) var knowsHead = false
    private(set) var places: [Place] = []
    /// The entries whose lines were found, carried on or not.
    private var found = EntryNumbers()
    /// How often the box had been started when the newest entry was written.
    private(set) var boot: Int64 = 0
    /// The files belong to another bridge: nothing of them is ours.
    private(set) var isForeign = false
    /// The write-ahead log belongs to another journal than the database.
    private(set) var hasForeignLog = false

    private let database: SalvageFile?
    private let log: SalvageFile?
    private let publicKey: [UInt8]
    private let former: JournalID?
    private let noted: HeadNote.Content?
    /// What lies there as write-ahead log is none, whatever stood there before.
    private let isLogLost: Bool

    /// Looks at `journal.db` and its write-ahead log in a folder.
    ///
    /// - Parameters:
    ///   - folder: The state folder.
    ///   - publicKey: The bridge's key.
    ///   - receiptKeys: The centre's keys; without them nothing counts as receipted.
    ///   - former: The journal that was here last, as the note beside it says.
    ///   - noted: Through which entry it was confirmed, as the other note says.
    init(
        folder: String, publicKey: VerifyingKey, receiptKeys: [VerifyingKey], former: JournalID?,
        noted: HeadNote.Content?
    ) {
        database = SalvageFile(folder + "/journal.db", .database)
        log = SalvageFile(folder + "/journal.db-wal", .writeAheadLog)
        self.publicKey = publicKey.bytes
        self.former = former
        self.noted = noted
        isLogLost = BrokenLog.wasOverwritten(folder + "/journal.db-wal")
        weigh(receiptKeys)
        guard !isForeign else { return }
        collect()
    }

    /// Entries that should be there and are not; nil if nobody can say how many there were.
    var missing: Int64? {
        guard knowsHead else { return nil }
        return max(0, head - acked) - found.count(in: acked + 1...max(acked + 1, head))
    }

    /// Whether every entry there ever was is there to be read, so that what was said of coverage holds
    /// for what is carried on.
    var isWhole: Bool {
        knowsHead && !isForeign && head > 0 && found.count(in: 1...head) == head
    }

    // MARK: Evidence

    /// What the small tables say, here and in the log.
    private struct Evidence {
        var cards: [(journal: JournalID, key: [UInt8])] = []
        var receipts: [SignedText] = []
        var head: Int64?
        /// The journals that the counts name.
        var names: Set<JournalID> = []

        init(_ file: SalvageFile?) {
            guard let file else { return }
            for index in 0..<file.pages {
                guard let page = file.page(index) else { continue }
                let carver = PageCarver(page: page)
                cards += carver.cards()
                receipts += carver.receipts()
                if let tally = carver.tally() {
                    head = max(head ?? 0, tally.head)
                    if let journal = tally.journal { names.insert(journal) }
                }
                if receipts.count > 2_000 { receipts.removeFirst(1_000) }
            }
        }
    }

    private mutating func weigh(_ keys: [VerifyingKey]) {
        let inDatabase = Evidence(database)
        let inLog = Evidence(log)
        isForeign = !inDatabase.cards.isEmpty && !inDatabase.cards.contains(where: isOurs)
        journal =
            inDatabase.cards.first(where: isOurs)?.journal
            ?? inLog.cards.first(where: isOurs)?.journal ?? former
        guard !isForeign else { return }
        let receipts = Self.verified(inDatabase.receipts, by: keys)
        let inLogReceipts = Self.verified(inLog.receipts, by: keys)
        hasForeignLog = isForeignLog(inLog, inLogReceipts)
        let usable = receipts + (hasForeignLog ? [] : inLogReceipts)
        if journal == nil { journal = usable.last.flatMap { try? JournalID($0.journal) } }
        let name = journal?.description
        let mine = usable.filter { $0.journal == name }
        acked = mine.map(\.ackedThrough).max() ?? 0
        let confirmed = noted.flatMap { $0.journal == journal ? $0.seq : nil }
        let newer = [hasForeignLog ? nil : inLog.head, confirmed].compactMap { $0 }
        let heads = newer + [inDatabase.head].compactMap { $0 }
        // The database alone says how far it went before the log that is lost.
        knowsHead = !(isLogLost ? newer : heads).isEmpty
        head = max(acked, heads.max() ?? 0)
    }

    /// One begun with our key, or the one that was here last: its key may be the one that was lost.
    private func isOurs(_ card: (journal: JournalID, key: [UInt8])) -> Bool {
        card.key == publicKey || card.journal == former
    }

    private static func verified(_ receipts: [SignedText], by keys: [VerifyingKey]) -> [Receipt] {
        receipts.compactMap { text in
            let key = keys.first { $0.id == text.key }
            guard let key, text.isSigned(by: key, purpose: .receipt) else { return nil }
            return try? WireJSON.decode(Receipt.self, fromOutside: text.text.utf8)
        }
    }

    // MARK: Whose log it is

    /// SQLite puts any log that is whole into the database beside which it lies. Ours names its
    /// journal; one of an older program holds entries of the database again, or goes on where it ends.
    private func isForeignLog(_ evidence: Evidence, _ receipts: [Receipt]) -> Bool {
        guard let log, log.pages > 0, let journal else { return false }
        let names = evidence.names.union(evidence.cards.map(\.journal))
        if !names.isEmpty { return !names.contains(journal) }
        if receipts.contains(where: { $0.journal == journal.description }) { return false }
        var ends = LogEnds(log)
        guard !ends.isEmpty else { return !receipts.isEmpty }
        var isCompared = false
        for index in 0..<(database?.pages ?? 0) {
            guard let page = database?.page(index) else { continue }
            for row in PageCarver(page: page).rows(overflow: { _ in nil }) {
                isCompared = true
                if ends.fits(row) { return false }
            }
        }
        // Without anything to compare it with, a log is all there is.
        return isCompared
    }

    /// The entries of a log, by which it is known.
    private struct LogEnds {
        private var entries: [Int64: (hash: ChainHash?, digest: ChainHash)] = [:]
        private static let most = 4_000

        init(_ log: SalvageFile) {
            for index in 0..<log.pages where entries.count < Self.most {
                guard let page = log.page(index) else { continue }
                for row in PageCarver(page: page).rows(overflow: { _ in nil }) {
                    entries[row.seq] = (row.hash, row.digest)
                }
            }
        }

        var isEmpty: Bool { entries.isEmpty }

        mutating func fits(_ row: PageCarver.Row) -> Bool {
            if let same = entries[row.seq], same.digest == row.digest { return true }
            guard let next = entries[row.seq + 1], let hash = row.hash else { return false }
            var chain = Chain(after: hash)
            return chain.append(digest: next.digest) == next.hash
        }
    }

    // MARK: Lines

    private mutating func collect() {
        var seen: Set<ShortDigest> = []
        var wanted: [Place] = []
        var newest: PageCarver.Row?
        for (isInLog, file) in sources {
            for index in 0..<file.pages {
                guard let page = file.page(index) else { continue }
                for row in rows(in: page) {
                    if row.seq >= newest?.seq ?? 0 { newest = row }
                    found.insert(row.seq)
                    let digest = ShortDigest(row.digest)
                    guard isWanted(row), seen.insert(digest).inserted else { continue }
                    wanted.append(
                        Place(
                            seq: row.seq, digest: digest, page: index, offset: Int32(row.offset),
                            isInLog: isInLog))
                }
            }
        }
        boot = newest.flatMap { EntryFields(line: $0.line)?.boot } ?? 0
        places = wanted.sorted { ($0.seq, $0.isInLog ? 0 : 1) < ($1.seq, $1.isInLog ? 0 : 1) }
        head = max(head, newest?.seq ?? 0)
    }

    private func isWanted(_ row: PageCarver.Row) -> Bool {
        row.seq > acked || ["punch", "oddity"].contains(EntryFields(line: row.line)?.kind)
    }

    /// The log first: it is the newer.
    private var sources: [(isInLog: Bool, file: SalvageFile)] {
        [(true, hasForeignLog ? nil : log), (false, database)].compactMap { isInLog, file in
            file.map { (isInLog, $0) }
        }
    }

    /// Long lines go on in pages of which the log may hold a newer copy, or a foreign one.
    private func rows(in page: [UInt8]) -> [PageCarver.Row] {
        let carver = PageCarver(page: page)
        let rows = carver.rows(overflow: newest)
        return rows
            + carver.rows(overflow: oldest).filter { row in
                !rows.contains { $0.offset == row.offset }
            }
    }

    private func newest(_ number: UInt32) -> [UInt8]? {
        (hasForeignLog ? nil : log?.page(numbered: number)) ?? database?.page(numbered: number)
    }

    private func oldest(_ number: UInt32) -> [UInt8]? { database?.page(numbered: number) }

    /// The lines to be carried on, in their order, read once more.
    func lines(_ body: (CarriedLine) throws -> Void) rethrows {
        for place in places {
            let file = place.isInLog ? log : database
            guard let page = file?.page(place.page) else { continue }
            let carver = PageCarver(page: page)
            let row =
                [newest, oldest].lazy.compactMap { carver.row(at: Int(place.offset), overflow: $0) }
                .first { ShortDigest($0.digest) == place.digest }
            if let row { try body(CarriedLine(row.line, seq: row.seq)) }
        }
    }
}

/// Numbers of entries, a bit each.
private struct EntryNumbers {
    private var words: [UInt64] = []
    /// More entries than any box ever writes; a number that is higher counts as not found.
    private static let most: Int64 = 1 << 26

    mutating func insert(_ seq: Int64) {
        guard (0..<Self.most).contains(seq) else { return }
        let word = Int(seq >> 6)
        if word >= words.count {
            words += [UInt64](repeating: 0, count: word + 1 - words.count)
        }
        words[word] |= 1 << UInt64(seq & 63)
    }

    func count(in seqs: ClosedRange<Int64>) -> Int64 {
        let last = min(seqs.upperBound, Int64(words.count) * 64 - 1)
        guard seqs.lowerBound <= last else { return 0 }
        return (seqs.lowerBound...last).reduce(0) {
            $0 + Int64(words[Int($1 >> 6)] >> UInt64($1 & 63) & 1)
        }
    }
}
