import Attendance
import Exchange
import SQLite

/// What an entry's row holds beside its line, and how the chain is found again from it.
///
/// A line proves its own digest, so eight bytes of it stand beside the line, to see damage and to know a
/// row by in a damaged file; all 32 stand there once the line is purged. Hashes follow from the
/// digests, so every sixteenth row has one. Rows of older programs have both in full.
enum EntryRow {
    /// Bytes of the digest beside a line.
    static let checkLength = 8
    /// A row whose number is a multiple of this has the chain's hash.
    static let hashEvery: Int64 = 16

    /// - Parameter seq: The entry's number.
    static func hash(_ hash: ChainHash, at seq: Int64) -> [UInt8] {
        seq % hashEvery == 0 ? hash.bytes : []
    }

    static func check(_ digest: ChainHash) -> [UInt8] { Array(digest.bytes.prefix(checkLength)) }

    /// The digest of a row's line.
    ///
    /// - Parameters:
    ///   - line: nil once purged.
    ///   - stored: What stands beside it.
    /// - Returns: nil if the two do not agree.
    static func digest(line: [UInt8]?, stored: [UInt8]) -> ChainHash? {
        guard let line else { return try? ChainHash(bytes: stored) }
        let digest = Chain.digest(ofLine: line)
        guard stored.count >= checkLength, digest.bytes.starts(with: stored) else { return nil }
        return digest
    }
}

extension Journal {
    /// The chain's hash after entry `seq`, from the row itself or from the last one before it that
    /// has one.
    static func hash(
        at seq: Int64, in database: Database, after genesis: ChainHash, path: String
    ) throws -> ChainHash {
        let known = try database.first(
            """
            SELECT seq, hash FROM entry WHERE seq BETWEEN ? AND ? AND length(hash) > 0
            ORDER BY seq DESC LIMIT 1
            """, .int(seq - EntryRow.hashEvery + 1), .int(seq)
        ) { (seq: $0.int(0), hash: $0.blob(1)) }
        let start = known?.seq ?? 0
        guard known != nil || seq < EntryRow.hashEvery,
            let hash = known == nil ? genesis : known.flatMap({ try? ChainHash(bytes: $0.hash) })
        else { throw JournalError.damaged(path: path, seq: seq) }
        var walk = Walk(from: start + 1, after: Chain(after: hash))
        try walk.run(through: seq, on: database)
        if let bad = walk.bad { throw JournalError.damaged(path: path, seq: bad) }
        return walk.chain.head
    }
}
