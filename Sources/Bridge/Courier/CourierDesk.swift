public import Attendance
public import Exchange
public import Journal

/// One piece of a courier file, as the daemon hands it out.
public struct CourierPiece: Hashable, Sendable, Codable {
    /// Only with the first piece, and only as long as the bridge waits to be enrolled.
    public var enrolment: SignedText?
    /// Base64 of a whole call; nil if nothing is left.
    public var call: String?
    /// The last entry in it.
    public var last: Int64
    /// The journal's newest entry.
    public var head: Int64
}

/// What a line of a receipt file has changed here.
public struct CourierNews: Hashable, Sendable, Codable {
    /// The bridge is enrolled by it.
    public var enrolled: Bool
    /// Entries through this one are at the centre; nil if the line was no receipt.
    public var ackedThrough: Int64?
    /// Whether anything was new.
    public var isNew: Bool

    enum CodingKeys: String, CodingKey {
        case enrolled
        case ackedThrough = "acked_through"
        case isNew = "new"
    }

    public init(enrolled: Bool, ackedThrough: Int64? = nil, isNew: Bool) {
        self.enrolled = enrolled
        self.ackedThrough = ackedThrough
        self.isNew = isNew
    }
}

/// Writes courier files and takes their receipts in, for the daemon and for a command that has
/// the journal to itself.
public struct CourierDesk: Sendable {
    /// What one call in the file holds; the centre takes four times as many.
    static let entries = 5_000
    static let bytes = 1 << 20

    let state: StateFolder
    let journal: Journal
    let key: SigningKey
    let host: Host
    let boot: Int64
    let report: @Sendable () async -> BridgeStatus

    public init(
        state: StateFolder, journal: Journal, key: SigningKey, host: Host, boot: Int64,
        report: @escaping @Sendable () async -> BridgeStatus
    ) {
        self.state = state
        self.journal = journal
        self.key = key
        self.host = host
        self.boot = boot
        self.report = report
    }

    // MARK: Out

    /// - Parameter after: The last entry of the piece before; nil for the first one.
    public func piece(after: Int64?) async throws -> CourierPiece {
        let head = await journal.headSeq
        let batch = try await batch(after: after, head: head)
        var call: [UInt8]?
        if let batch {
            let header = Envelope.Header(
                journal: journal.id, key: key.verifying, first: batch.first,
                count: batch.count, prev: batch.prev, boot: boot, n: host.uptime(),
                status: await report(), forgotten: batch.forgottenCount,
                proof: try await journal.proof(for: batch), through: max(head, batch.last))
            call = try Envelope.seal(header, lines: batch.wire, key: key)
        }
        return CourierPiece(
            enrolment: after == nil ? try request() : nil, call: call?.base64,
            last: batch?.last ?? head, head: head)
    }

    /// What waits; where nothing does, the newest entry again, so that the file says where the
    /// journal stands and can be handed in at any time.
    private func batch(after: Int64?, head: Int64) async throws -> Outgoing? {
        if let after {
            guard after < head else { return nil }
            return try await journal.outbox(
                from: after + 1, maxEntries: Self.entries, maxBytes: Self.bytes)
        }
        let waiting = try await journal.outbox(maxEntries: Self.entries, maxBytes: Self.bytes)
        guard waiting == nil, head > 0 else { return waiting }
        return try await journal.outbox(from: head, maxEntries: 1, maxBytes: Self.bytes)
    }

    private func request() throws -> SignedText? {
        guard try Enrolment.load(from: state) == nil else { return nil }
        return try PendingEnrolment.load(from: state)?.carriedRequest(
            key: key, journal: journal.id, hostname: host.hostname)
    }

    // MARK: Back

    /// Takes one line of a receipt file in; one that was taken before changes nothing.
    ///
    /// - Throws: What is wrong with it; nothing is changed then.
    public func take(_ line: [UInt8]) async throws -> CourierNews {
        if let answer = try? WireJSON.decode(CarriedAnswer.self, fromOutside: line) {
            return try enrol(answer)
        }
        guard let answer = try? WireJSON.decode(SyncAnswer.self, fromOutside: line) else {
            throw CourierError.notAReceipt
        }
        guard let enrolment = try Enrolment.load(from: state) else {
            throw CourierError.notEnrolled
        }
        guard let (receipt, followed) = enrolment.receipt(in: answer, orOf: false)
        else { throw SyncError.badAnswer(enrolment.url, reason: "receipt") }
        if followed != enrolment { try followed.save(to: state) }
        let isNew = try await journal.keep(receipt, text: answer.receipt)
        return CourierNews(enrolled: false, ackedThrough: receipt.ackedThrough, isNew: isNew)
    }

    /// The key that signs receipts; nil before the bridge is enrolled.
    func centreKey() throws -> VerifyingKey? {
        try Enrolment.load(from: state)?.receiptKey
    }

    /// All keys that ever signed receipts for this box.
    func centreKeys() throws -> [VerifyingKey] {
        try Enrolment.load(from: state)?.receiptKeys ?? []
    }

    private func enrol(_ answer: CarriedAnswer) throws -> CourierNews {
        if try Enrolment.load(from: state) != nil {
            return CourierNews(enrolled: true, isNew: false)
        }
        guard let pending = PendingEnrolment.load(from: state) else {
            throw CourierError.notEnrolled
        }
        let enrolment = try pending.enrolment(from: answer, key: key.verifying, now: host.now())
        try enrolment.save(to: state)
        PendingEnrolment.remove(from: state)
        return CourierNews(enrolled: true, isNew: true)
    }
}

/// Why a stick on its way back was not taken.
public enum CourierError: Explained, Hashable {
    case notAReceipt
    /// Receipts of a centre that this bridge does not know, and no code that would vouch for it.
    case notEnrolled

    public var problem: Problem {
        switch self {
        case .notAReceipt:
            Problem(
                code: "courier.not-a-receipt",
                summary: Text(
                    id: "Berkas itu bukan tanda terima BKD, atau terpotong.",
                    en: "The file is no receipt of the BKD, or it was cut."),
                remedy: Text(
                    id: "Salin lagi berkas .receipt dari BKD. Rekaman menunggu di disk.",
                    en: "Copy the BKD's .receipt file again. Punches wait on disk."))
        case .notEnrolled:
            Problem(
                code: "courier.not-enrolled",
                summary: Text(
                    id: "Jembatan ini belum terdaftar dan tidak menyimpan kode pendaftaran.",
                    en: "This bridge is not enrolled and holds no enrolment code."),
                remedy: Text(
                    id: "Jalankan 'titian setup' dengan kode dari BKD, lalu ulangi.",
                    en: "Run 'titian setup' with the BKD's code, then try again."))
        }
    }
}
