/// How far a terminal's log has been read: a count and a proof, never a time.
///
/// The proof is the hashes of the last records read. A log that was cleared and refilled to the
/// same count does not hold them, so it is not mistaken for one that has not changed.
public struct LogPosition: Hashable, Sendable, Codable {
    /// How many of the last records are remembered.
    public static let proofLength = 64
    /// How many of the first records are remembered, where they are.
    public static let headLength = 16
    /// How many records back the proof is sought in a ring before everything is read.
    public static let searchLength = 2_000

    /// Records in the log when it was read.
    public let count: Int
    /// Bytes in a record; a change means another firmware, so everything is read again.
    public let recordSize: Int
    /// ``hash(of:)`` of the last records, oldest first, ``proofLength`` at most.
    public let proof: [UInt64]
    /// ``hash(of:)`` of the first records, oldest first, ``headLength`` at most; nil for a make
    /// whose newest records can be read alone. An append-only log with the same beginning and the
    /// same count is the same log, and a ring moves its beginning with every new record.
    public let head: [UInt64]?
    /// The proof of the place before this one, while everything is read because that place was not
    /// found: a read that is cut off goes on from here and still knows what to look out for. Empty
    /// once it has come by; nil where nothing is sought.
    public let sought: [UInt64]?

    enum CodingKeys: String, CodingKey {
        case count
        case recordSize = "record_size"
        case proof
        case head
        case sought
    }

    public init(
        count: Int, recordSize: Int, proof: [UInt64], head: [UInt64]? = nil,
        sought: [UInt64]? = nil
    ) {
        self.count = count
        self.recordSize = recordSize
        self.proof = Array(proof.suffix(Self.proofLength))
        self.head = head.map { Array($0.prefix(Self.headLength)) }
        self.sought = sought
    }

    /// The same place, once it is known what has become of the one that was sought.
    public var settled: LogPosition {
        LogPosition(count: count, recordSize: recordSize, proof: proof, head: head)
    }

    /// FNV-1a over a record's bytes. It has to tell records apart, not to resist an enemy.
    public static func hash(of record: some Sequence<UInt8>) -> UInt64 {
        // Over the bytes in place: a log has millions of them.
        record.withContiguousStorageIfAvailable(fnv1a(_:))
            ?? Array(record).withUnsafeBufferPointer(
                fnv1a(_:))
    }

    private static func fnv1a(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return hash
    }

    /// The index just after the proof's last record in `hashes`, the newest such place first;
    /// nil if the proof is not there.
    ///
    /// - Parameter hashes: Hashes of the newest records of the log, oldest first.
    public func end(in hashes: [UInt64]) -> Int? {
        guard !proof.isEmpty, hashes.count >= proof.count else { return nil }
        var start = hashes.count - proof.count
        while start >= 0 {
            if hashes[start..<(start + proof.count)].elementsEqual(proof) {
                return start + proof.count
            }
            start -= 1
        }
        return nil
    }
}
