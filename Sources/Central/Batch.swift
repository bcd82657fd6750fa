public import Attendance
public import Exchange

/// A call, taken apart as far as that can be done without the store.
struct Batch: Sendable {
    let way: Way
    let journal: JournalID
    let first: Int64
    let prev: ChainHash
    let boot: Int64
    let n: Int64
    let status: BridgeStatus
    let live: [String]
    /// The receipt on whose strength the bridge has forgotten lines.
    let proof: SignedText?
    let entries: [Entry]

    /// One line with its place in the journal. The place in the batch decides it, whatever the
    /// line says of itself.
    struct Entry: Sendable {
        let seq: Int64
        /// nil if the bridge has forgotten it: a hole.
        let line: [UInt8]?
        let digest: ChainHash
        let chain: ChainHash
        /// nil if there is no line.
        let reading: LineReading?
    }

    /// - Throws: `InvalidValue` or `EnvelopeError` if the header is not what it should be.
    init(_ opened: Envelope.Opened, way: Way) throws {
        self.way = way
        let header = opened.header
        journal = try JournalID(header.journal)
        prev = try ChainHash(header.prev)
        first = header.first
        boot = header.boot
        n = header.n
        status = try header.status()
        live = header.live
        proof = header.proof
        guard first >= 1, first < Int64.max - Int64(opened.lines.count) else {
            throw InvalidValue("\(first)", rule: "an entry's number begins at 1")
        }
        var chain = Chain(after: prev)
        var seq = first
        let firstLine = first + Int64(header.forgotten)
        entries = try opened.lines.map { slice in
            defer { seq += 1 }
            let digest = try opened.digest(of: slice, at: Int(seq - header.first))
            let line = seq < firstLine ? nil : Array(slice)
            return Entry(
                seq: seq, line: line, digest: digest, chain: chain.append(digest: digest),
                reading: line.map { LineReading($0, seq: seq) })
        }
    }

    /// What a call's entries are to a journal that is known through some `seq`.
    enum Place: Equatable {
        /// The entries go on where the journal ends, or overlap it. The first `known` are here.
        case append(known: Int)
        /// Entries between are missing.
        case gap(sendFrom: Int64)
        /// The same place holds something else, or the bridge has gone back behind it.
        case fork
    }

    /// Compares the call with what is known.
    ///
    /// A batch that ends before the head and agrees is a replay or the answer to a lost answer:
    /// nothing new, and no fork. But a bridge with nothing to send whose next entry the centre
    /// has already *has* gone back: it was restored from an old image.
    ///
    /// - Parameters:
    ///   - emptyQueue: The bridge says that nothing waits there for a receipt.
    ///   - chainAfter: The chain's hash after an entry the centre has; 0 is the start.
    func place(
        headSeq: Int64, emptyQueue: Bool, chainAfter: (Int64) throws -> ChainHash?
    ) rethrows -> Place {
        guard first <= headSeq + 1 else { return .gap(sendFrom: headSeq + 1) }
        guard try chainAfter(first - 1) == prev else { return .fork }
        let known = Int(min(Int64(entries.count), headSeq - first + 1))
        if known > 0, try chainAfter(first - 1 + Int64(known)) != entries[known - 1].chain {
            return .fork
        }
        if entries.isEmpty, emptyQueue, first <= headSeq { return .fork }
        return .append(known: known)
    }
}

/// How a call came.
enum Way: Hashable, Sendable {
    case line
    /// In a file on a stick, however old.
    case courier
}

/// What became of a call that was taken.
public struct TakenCall: Sendable {
    public let answer: SyncAnswer
    /// The office of its bridge.
    public let office: OfficeID
    /// The id of its bridge's key.
    public let bridge: String
    /// Entries in it, and how many of them were not here yet.
    public let entries: Int
    public let new: Int
    /// Punches that count now for the first time.
    public let newPunches: Int
}
