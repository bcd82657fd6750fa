import Attendance
import Exchange
import SQLite

/// A walk along the chain that recomputes every step from the lines themselves.
struct Walk {
    let from: Int64

    /// - Parameter chain: The chain before ``from``; the chain after the last entry on return.
    /// - Returns: The first entry that does not fit, or nil.
    func run(on database: Database, chain: inout Chain) throws -> Int64? {
        var expected = from
        var bad: Int64?
        var walked = chain
        try database.rows(
            "SELECT seq, line, digest, hash FROM entry WHERE seq >= ? ORDER BY seq", .int(from)
        ) { row in
            guard bad == nil else { return }
            let fits = row.int(0) == expected && Self.step(row, &walked)
            if !fits { bad = expected }
            expected += 1
        }
        chain = walked
        return bad
    }

    private static func step(_ row: Row, _ chain: inout Chain) -> Bool {
        guard let digest = try? ChainHash(bytes: row.blob(2)) else { return false }
        if let line = row.optionalBlob(1), Chain.digest(ofLine: line) != digest { return false }
        return chain.append(digest: digest).bytes == row.blob(3)
    }
}
