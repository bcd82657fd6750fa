import Attendance
public import Central
public import Exchange

/// What became of a courier file.
public struct CourierOutcome: Sendable {
    /// A request to be enrolled that stood in it.
    public internal(set) var request: Request?
    /// Of the last call that was taken.
    public private(set) var office: String?
    public private(set) var bridge: String?
    public private(set) var calls = 0
    /// Entries that were not here yet, and those that were.
    public private(set) var new = 0
    public private(set) var known = 0
    /// Punches that count now for the first time.
    public private(set) var newPunches = 0
    public private(set) var ackedThrough: Int64 = 0
    /// The entry that should follow the last one, where the file ends before its box's journal did:
    /// whole calls were cut from it.
    public private(set) var continueFrom: Int64?
    /// Why the rest was not taken; what came before it is kept and receipted.
    public private(set) var refusal: SyncRefusal?
    /// It is one of our own receipts, on its way to the wrong place.
    var isReceipt = false
    private var answers: [(journal: String, line: [UInt8])] = []

    /// A bridge that asks to be enrolled.
    public struct Request: Hashable, Sendable, Codable {
        /// `VerifyingKey.id`.
        public let bridge: String
        public let hostname: String
        /// What it was enrolled for; nil if it was not.
        public internal(set) var office: String?
        public internal(set) var refusal: SyncProblem?

        init?(_ signed: SignedText) {
            guard
                let request = try? WireJSON.decode(
                    EnrolmentRequest.self, fromOutside: signed.text.utf8)
            else { return nil }
            bridge = String(signed.key.prefix(64))
            hostname = String(request.hostname.prefix(100))
        }
    }

    init() {}

    /// A stick carries one box's journal, and those it began after repairs.
    private static let mostJournals = 100

    mutating func take(_ taken: TakenCall, of header: Envelope.OpenedHeader) throws {
        calls += 1
        new += taken.new
        known += taken.entries - taken.new
        newPunches += taken.newPunches
        office = taken.office.description
        bridge = taken.bridge
        ackedThrough = max(ackedThrough, taken.answer.ackedThrough)
        let next = header.first + Int64(taken.entries)
        continueFrom = next <= header.through ? next : nil
        keep(try WireJSON.encode(taken.answer), for: header.journal)
        guard answers.count <= Self.mostJournals else { throw SyncRefusal(.tooLarge) }
    }

    /// Keeps an answer for the way back. A journal's newest receipt says what its older ones said.
    mutating func keep(_ answer: [UInt8], for journal: String) {
        answers.removeAll { $0.journal == journal }
        answers.append((journal, answer))
    }

    mutating func refuse(_ other: SyncRefusal) {
        guard refusal == nil else { return }
        // A call of an unknown box is refused because its request was.
        if let asked = request?.refusal, other.problem == .unknownKey {
            refusal = SyncRefusal(asked)
        } else {
            refusal = other
        }
    }

    /// Looks at the whole after the last part.
    mutating func settle() {
        guard calls == 0 else { return }
        if let asked = request?.refusal { refuse(SyncRefusal(asked)) }
        if request == nil { refuse(SyncRefusal(.notOurs)) }
    }

    /// The file for the way back; nil if nothing was taken.
    public var receipts: [UInt8]? {
        guard !answers.isEmpty else { return nil }
        let newline = UInt8(ascii: "\n")
        return answers.reduce(Array(ReceiptFile.mark.utf8) + [newline]) { file, answer in
            file + answer.line + [newline]
        }
    }

    /// For the audit trail.
    var summary: String {
        let place = office ?? request?.office ?? "-"
        let end =
            refusal.map { ", refused \($0.problem.rawValue)" }
            ?? continueFrom.map { ", cut before #\($0)" } ?? ""
        return "\(place), \(new) new, \(known) known\(end)"
    }

    // MARK: As it is remembered

    /// What a page says of it later.
    struct Kept: Hashable, Sendable, Codable {
        var request: Request?
        var office: String?
        var bridge: String?
        var calls = 0
        var new = 0
        var known = 0
        var newPunches = 0
        var ackedThrough: Int64 = 0
        var refusal: SyncProblem?
        /// With a gap, or a file that was cut: the entry from which the file has to be made again.
        var sendFrom: Int64?
        var isReceipt = false
    }

    var kept: Kept {
        Kept(
            request: request, office: office, bridge: bridge, calls: calls, new: new, known: known,
            newPunches: newPunches, ackedThrough: ackedThrough, refusal: refusal?.problem,
            sendFrom: refusal == nil ? continueFrom : refusal?.sendFrom,
            isReceipt: isReceipt)
    }
}
