import Attendance

/// The one signed call from a bridge to the centre: a header line, entry lines, a trailer line.
///
/// The same bytes, uncompressed, in a file are a courier file. The format is in
/// `docs/reference/journal.md`, with test vectors.
public enum Envelope {
    /// The newest version this code writes and the only one it reads.
    public static let version = 1
    /// The header of the request that names the key's id before the body is read. A hint: who calls
    /// is known by the signature alone.
    public static let callerHeader = "Titian-Bridge"
    /// Bytes of an entry's line, without its newline. No writer of ours exceeds it; a reader keeps
    /// a longer one all the same, because refusing it would hold up everything behind it.
    public static let longestLine = 16_384
    /// How many lines a call shows in advance; a reader ignores what is more.
    public static let mostLive = 200
    /// Numbers of entries stay exact in every JSON reader.
    public static let highestSeq: Int64 = 1 << 53

    /// The first line.
    public struct Header: Hashable, Sendable, Codable {
        public var titian: Int
        public var journal: String
        /// ``VerifyingKey/id`` of the bridge's key.
        public var key: String
        /// The first entry's `seq`; with no entries, the one that would come next.
        public var first: Int64
        public var count: Int
        /// The chain's hash before the first entry, 64 hexadecimal digits.
        public var prev: String
        /// The box's boot and the call's number within it: calls are ordered by the pair.
        public var boot: Int64
        public var n: Int64
        public var status: BridgeStatus
        /// The newest punch lines that the chain has not reached yet, verbatim.
        public var live: [String]
        /// So many entries at the beginning are digests: the bridge has forgotten their lines.
        public var forgotten: Int?
        /// With `forgotten`: the centre's own receipt, on whose strength they were.
        public var proof: SignedText?
        /// On a stick: the journal's newest entry as the call was written; calls through there follow.
        public var through: Int64?

        public init(
            journal: JournalID, key: VerifyingKey, first: Int64, count: Int, prev: ChainHash,
            boot: Int64, n: Int64, status: BridgeStatus, live: [String] = [],
            forgotten: Int? = nil, proof: SignedText? = nil, through: Int64? = nil
        ) {
            titian = Envelope.version
            self.journal = journal.description
            self.key = key.id
            self.first = first
            self.count = count
            self.prev = prev.description
            self.boot = boot
            self.n = n
            self.status = status
            self.live = live
            self.forgotten = forgotten
            self.proof = proof
            self.through = through
        }
    }

    /// The last line.
    struct Trailer: Codable {
        var head: String
        var signature: String
    }

    /// Builds and signs the call's bytes.
    ///
    /// - Parameters:
    ///   - header: The first line; its `count` is set here.
    ///   - key: The bridge's key, which signs.
    ///   - lines: Entry lines in order, each without its newline; the first `header.forgotten` are
    ///     digests. `header.count` is set to their number.
    /// - Returns: UTF-8, each line ended by a newline.
    public static func seal(
        _ header: Header, lines: [[UInt8]], key: SigningKey
    ) throws -> [UInt8] {
        var header = header
        header.count = lines.count
        var body = try WireJSON.encode(header)
        body.append(newline)
        var chain = Chain(after: try ChainHash(header.prev))
        for (index, line) in lines.enumerated() {
            body.append(contentsOf: line)
            body.append(newline)
            chain.append(digest: try digest(of: line, at: index, in: header.forgotten ?? 0))
        }
        let signature = try key.signature(for: body, purpose: .sync)
        var trailer = JSONLine()
        trailer.add("head", chain.head.description)
        trailer.add("signature", signature.base64)
        return body + trailer.finished + [newline]
    }

    /// A call taken apart, its signature not yet looked at: first the key has to be found.
    public struct Opened: Sendable {
        public let header: OpenedHeader
        public let lines: EntryLines
        /// The chain's hash after the last line, as the lines themselves give it.
        public let head: ChainHash
        let signed: ArraySlice<UInt8>
        let signature: [UInt8]

        /// The digest of an entry's line: of what came, or what came itself where it is forgotten.
        public func digest(
            of line: ArraySlice<UInt8>, at index: Int
        ) throws(InvalidValue) -> ChainHash {
            try Envelope.digest(of: line, at: index, in: header.forgotten)
        }

        /// Whether `key` signed exactly these bytes.
        public func isSigned(by key: VerifyingKey) -> Bool {
            key.isValid(signature: signature, for: Array(signed), purpose: .sync)
        }
    }

    /// Takes a call apart and checks everything about it that needs no key.
    ///
    /// Entry lines are not interpreted: one that nobody understands is as good as any other.
    ///
    /// - Throws: ``EnvelopeError`` naming what is wrong.
    public static func open(_ body: [UInt8]) throws(EnvelopeError) -> Opened {
        guard let split = splitTrailer(body) else { throw .notOurs("no lines") }
        guard let end = body[..<split].firstIndex(of: newline) else { throw .notOurs("no header") }
        let header = try OpenedHeader(body[..<end])
        guard header.titian == version else { throw .version(header.titian) }
        let entries = EntryLines(body[(end + 1)..<split])
        guard header.count == entries.count else {
            throw .notOurs("the header names \(header.count) entries, \(entries.count) came")
        }
        guard (1...highestSeq).contains(header.first) else {
            throw .notOurs("no journal has an entry \(header.first)")
        }
        guard (0...entries.count).contains(header.forgotten) else {
            throw .notOurs("more is forgotten than came")
        }
        guard let prev = try? ChainHash(header.prev) else { throw .notOurs("prev is no hash") }
        guard body.count - split <= longestTrailer,
            let trailer = try? WireJSON.decode(Trailer.self, fromOutside: body[split...]),
            let signature = [UInt8](base64: trailer.signature)
        else { throw .notOurs("the trailer cannot be read") }
        var chain = Chain(after: prev)
        for (index, line) in entries.enumerated() {
            guard let digest = try? digest(of: line, at: index, in: header.forgotten) else {
                throw .notOurs("a forgotten line is no digest")
            }
            chain.append(digest: digest)
        }
        guard chain.head.description == trailer.head else { throw .damaged }
        return Opened(
            header: header, lines: entries, head: chain.head, signed: body[..<split],
            signature: signature)
    }

    /// What an entry adds to the chain: its line's digest, which may be all that came.
    static func digest(
        of line: some Sequence<UInt8>, at index: Int, in forgotten: Int
    ) throws(InvalidValue) -> ChainHash {
        guard index < forgotten else { return Chain.digest(ofLine: line) }
        return try ChainHash(String(decoding: Array(line), as: UTF8.self))
    }

    /// A hash and a signature take 200 bytes.
    private static let longestTrailer = 1_024

    static let newline = UInt8(ascii: "\n")

    /// The index at which the last line begins.
    private static func splitTrailer(_ body: [UInt8]) -> Int? {
        guard body.last == newline else { return nil }
        guard let previous = body.dropLast().lastIndex(of: newline) else { return nil }
        return previous + 1
    }
}

/// Why a call was not taken.
public enum EnvelopeError: Error, Hashable, Sendable {
    /// These are not the lines of a call.
    case notOurs(String)
    /// The header's version is not known here.
    case version(Int)
    /// The lines do not give the head that the trailer names.
    case damaged
}
