import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import Testing

/// Somebody who can write the file makes the chain anew, too: what the chain cannot show.
@Suite struct `A journal whose chain was made anew` {
    /// Eight punches, a receipt for six of them, and what somebody does to the file then.
    private func doubt(after tamper: (Database) throws -> Void) async throws -> String? {
        var found: String?
        try await withOffice { office in
            var journal = try office.open()
            try await journal.record(try office.punches(0..<8), at: office.moment())
            let (receipt, text) = try await office.receipt(for: journal, through: 6)
            try await journal.keep(receipt, text: text)
            #expect(try await journal.verify(centre: office.key.verifying).isWhole)
            await journal.close()
            let path = office.folder.path + "/journal.db"
            let database = try Database(path: path, sharing: .exclusive)
            let start = Chain(journal: journal.id, publicKey: office.key.verifying.bytes).head.bytes
            try tamper(database)
            try Self.makeChain(of: database, from: start)
            database.close()
            journal = try office.open()
            let verification = try await journal.verify(centre: office.key.verifying)
            #expect(verification.firstBad == nil, "the chain itself is as good as ever")
            found = verification.doubt
            await journal.close()
        }
        return found
    }

    private static func makeChain(of database: Database, from start: [UInt8]) throws {
        var rows: [(seq: Int64, line: [UInt8]?, digest: [UInt8])] = []
        try database.rows("SELECT seq, line, digest FROM entry ORDER BY seq") {
            rows.append(($0.int(0), $0.optionalBlob(1), $0.blob(2)))
        }
        var chain = Chain(after: try ChainHash(bytes: start))
        for row in rows {
            let digest =
                try row.line.map { Chain.digest(ofLine: $0) } ?? ChainHash(bytes: row.digest)
            chain.append(digest: digest)
            try database.run(
                "UPDATE entry SET digest = ?, hash = ? WHERE seq = ?", .blob(digest.bytes),
                .blob(chain.head.bytes), .int(row.seq))
        }
        try database.run(
            "UPDATE tally SET head = (SELECT max(seq) FROM entry), hash = ?",
            .blob(chain.head.bytes))
    }

    private func edit(_ seq: Int64, _ old: String, _ new: String, in database: Database) throws {
        try database.run(
            "UPDATE entry SET line = CAST(replace(CAST(line AS TEXT), ?, ?) AS BLOB) WHERE seq = ?",
            .text(old), .text(new), .int(seq))
    }

    @Test func `is no doubt where nothing was done`() async throws {
        #expect(try await doubt { _ in } == nil)
    }

    @Test func `does not fit its receipts`() async throws {
        let found = try await doubt { database in
            try edit(3, "\"pin\":\"17\"", "\"pin\":\"18\"", in: database)
        }
        #expect(found == "the receipt through entry 6 does not fit the journal")
    }

    @Test func `does not fit its identities where no receipt has come yet`() async throws {
        let found = try await doubt { database in
            try edit(8, "\"pin\":\"17\"", "\"pin\":\"18\"", in: database)
        }
        #expect(found == "entry 8 is of no known punch")
    }

    @Test func `does not fit what was kept of its attributes`() async throws {
        let found = try await doubt { database in
            try edit(8, "\"state_no\":0", "\"state_no\":1", in: database)
        }
        #expect(found == "entry 8 is of no known punch")
    }

    /// Whoever thinks of the note beside the file as well has still to think of the identities.
    @Test func `shows that it was cut`() async throws {
        let found = try await doubt { database in
            unlink(database.path.replacingOccurrences(of: "journal.db", with: "journal.head"))
            try database.run("DELETE FROM entry WHERE seq = 8")
        }
        #expect(found == "entry 8 was cut off")
    }

    @Test func `shows a receipt that was changed`() async throws {
        let found = try await doubt { database in
            try database.run(
                "UPDATE receipt SET text = replace(text, '\"safe_through\":0', '\"safe_through\":6')"
            )
        }
        #expect(found == "the receipt through entry 6 was changed")
    }

    /// Entry 7 is at no centre yet, entry 3 in no backup of it.
    @Test(arguments: [7, 3] as [Int64])
    func `shows a line that was forgotten too early`(seq: Int64) async throws {
        let found = try await doubt { database in
            let line = try database.first("SELECT line FROM entry WHERE seq = ?", .int(seq)) {
                $0.blob(0)
            }
            try database.run(
                "UPDATE entry SET line = NULL, digest = ? WHERE seq = ?",
                .blob(Chain.digest(ofLine: try #require(line)).bytes), .int(seq))
        }
        #expect(found == "entry \(seq) was forgotten, and no backup of the centre has it")
    }

    @Test func `shows that its newest receipt is gone`() async throws {
        let found = try await doubt { try $0.run("DELETE FROM receipt") }
        #expect(found == "the receipt through entry 6 is gone")
    }

    @Test(arguments: ["punches", "receipted_punches"])
    func `shows another count of punches`(name: String) async throws {
        let found = try await doubt { try $0.run("UPDATE tally SET \(name) = \(name) + 1") }
        #expect(found == "the count of punches was changed")
    }
}
