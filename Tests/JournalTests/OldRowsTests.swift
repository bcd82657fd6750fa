import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

/// 60 punches of a stick and its import, written by the program before rows became lean: `titian import`
/// of version 0.1 with schema 2.
@Suite struct `A journal of an older program` {
    private func withOld(
        _ body: (URL, VerifyingKey, TerminalID) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("journal.db")
            try FileManager.default.copyItem(
                at: try projectFixture("journals/schema-2.db"), to: path)
            let file = try Database(path: path.path, sharing: .exclusive)
            let key = try file.first("SELECT public_key FROM identity_card") { $0.blob(0) }
            file.close()
            let terminal = try TerminalID("zkteco:BWXP20126001")
            try await body(folder, try VerifyingKey(bytes: try #require(key)), terminal)
        }
    }

    private func open(_ folder: URL, _ key: VerifyingKey) throws -> Journal {
        var random = CountingGenerator(state: 1)
        return try Journal(folder: folder.path, publicKey: key, using: &random)
    }

    private let moment = Moment(at: UTCTime(milliseconds: 1_795_000_000_000), boot: 9, up: 9)

    /// What the journal's own lines tell, told once more by a better source.
    private func again(
        _ journal: Journal, verify: Int? = nil
    ) async throws -> [EntryBody] {
        try await journal.lines(from: 1, limit: 999).compactMap { row -> EntryBody? in
            guard let told = EntryFields(line: row.line)?.punch else { return nil }
            let punch = Punch(
                pin: told.punch.pin, time: told.punch.time, verify: told.punch.verify,
                verifyNumber: verify ?? told.punch.verifyNumber, state: told.punch.state,
                stateNumber: told.punch.stateNumber, workCode: told.punch.workCode)
            return .punch(told.terminal, punch, via: .log)
        }
    }

    private func lengths(_ folder: URL, _ column: String, of table: String) throws -> Set<Int64> {
        let path = folder.appendingPathComponent("journal.db").path
        let file = try Database(path: path, sharing: .exclusive)
        defer { file.close() }
        var lengths: Set<Int64> = []
        try file.rows("SELECT DISTINCT length(\(column)) FROM \(table)") {
            lengths.insert($0.int(0))
        }
        return lengths
    }

    @Test func `goes on where it ends, and knows what it has`() async throws {
        try await withOld { folder, key, terminal in
            let journal = try open(folder, key)
            #expect(await journal.headSeq == 61)
            let known = try await again(journal)
            #expect(known.count == 60)
            #expect(try await journal.knows(known).allSatisfy { $0 })
            #expect(try await journal.record(known, at: moment).new == 0)
            let differing = try await again(journal, verify: 15)
            #expect(try await journal.record(differing, at: moment).sightings == 60)
            #expect(try await journal.record(differing, at: moment).known == 60)
            #expect(try await journal.verify().isWhole)
            await journal.close()
            // Old rows stay as they are, new ones are lean.
            #expect(try lengths(folder, "digest", of: "entry") == [32, 8])
            #expect(try lengths(folder, "hash", of: "entry") == [32, 0])
            #expect(try lengths(folder, "identity", of: "known") == [32])
            let reopened = try open(folder, key)
            #expect(await reopened.headSeq == 121)
            #expect(try await reopened.outbox(maxEntries: 999, maxBytes: 1 << 20)?.count == 121)
        }
    }

    @Test func `forgets old rows and new ones alike, and its chain still verifies`() async throws {
        try await withOld { folder, key, terminal in
            let journal = try open(folder, key)
            try await journal.record(try await again(journal, verify: 15), at: moment)
            let signer = SigningKey()
            let receipt = Receipt(
                journal: journal.id, ackedThrough: 100, head: try await journal.hash(before: 101),
                safeThrough: 100, serverTime: moment.at)
            let text = String(decoding: try WireJSON.encode(receipt), as: UTF8.self)
            try await journal.keep(
                receipt, text: try SignedText(text, key: signer, purpose: .receipt))
            #expect(try await journal.prune(writtenBefore: UTCTime(milliseconds: 1 << 50)) == 100)
            let found = try await journal.verify()
            #expect(found.isWhole && found.purged == 100)
            // A centre that lost it all gets the digests of what is forgotten, and the rest.
            let sent = try #require(
                try await journal.outbox(from: 1, maxEntries: 999, maxBytes: 1 << 20))
            #expect(sent.forgotten.count == 100 && sent.lines.count == 21)
            var chain = Chain(after: sent.prev)
            for digest in sent.forgotten { chain.append(digest: digest) }
            for line in sent.lines { chain.append(line: line) }
            #expect(chain.head == (await journal.end.prev))
        }
    }

    @Test func `is repaired with both shapes of rows`() async throws {
        try await withOld { folder, key, terminal in
            let journal = try open(folder, key)
            try await journal.record(try await again(journal, verify: 15), at: moment)
            await journal.close()
            let path = folder.appendingPathComponent("journal.db")
            var data = try Data(contentsOf: path)
            data.replaceSubrange(0..<100, with: Data(count: 100))
            try data.write(to: path)
            let place = Journal.Surroundings(
                folder: folder.path, publicKey: key, receiptKeys: [], now: moment.at)
            var random = SeededGenerator(state: 1)
            let repaired = try await Journal.open(place, using: &random)
            let report = try #require(Journal.repairs(in: folder.path).last)
            #expect(report.carried == 121 && report.missing == 0)
            #expect(await repaired.headSeq == 121)
            #expect(try await repaired.record(try await again(repaired), at: moment).new == 0)
        }
    }

    @Test func `is not opened by that program any more once this one has written to it`()
        async throws
    {
        try await withOld { folder, key, terminal in
            await (try open(folder, key)).close()
            let path = folder.appendingPathComponent("journal.db").path
            let file = try Database(path: path, sharing: .exclusive)
            defer { file.close() }
            #expect(try file.int("PRAGMA user_version") == 3)
            let error = #expect(throws: SQLiteError.self) { try file.migrate(["", ""]) }
            #expect(error?.kind == .newer)
        }
    }
}

@Suite struct `A row of the journal` {
    @Test func `takes no more than 340 bytes with its identity`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let count: Int64 = 20_000
            for first in stride(from: 0, to: count, by: 500) {
                try await journal.record(
                    try (first..<first + 500).map {
                        try office.punch($0, pin: "\(1_000 + $0 % 60)")
                    },
                    at: office.moment(first))
            }
            try await journal.checkpoint()
            let bytes = try await journal.status().bytes
            #expect(bytes / count <= 340, "\(bytes / count) bytes a punch")
        }
    }

    @Test(arguments: [1, 15, 16, 17, 32, 33, 40] as [Int64])
    func `finds the chain's hash wherever it is asked for`(seq: Int64) async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<40), at: office.moment())
            var chain = Chain(journal: journal.id, publicKey: office.key.verifying.bytes)
            for row in try await journal.lines(from: 1, limit: Int(seq)) {
                chain.append(line: row.line)
            }
            #expect(try await journal.hash(before: seq + 1) == chain.head)
        }
    }

    @Test(arguments: [(18, 32), (37, 40)] as [(Int64, Int64)])
    func `that was changed together with its check is found at the next hash`(
        seq: Int64, found: Int64
    ) async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<40), at: office.moment())
            await journal.close()
            let path = office.folder.appendingPathComponent("journal.db").path
            let file = try Database(path: path, sharing: .exclusive)
            let line = Array("{\"seq\":\(seq),\"kind\":\"punch\"}".utf8)
            try file.run(
                "UPDATE entry SET line = ?, digest = ? WHERE seq = ?", .blob(line),
                .blob(Array(Chain.digest(ofLine: line).bytes.prefix(8))), .int(seq))
            file.close()
            let error = #expect(throws: JournalError.self) { try office.open() }
            #expect(error == .damaged(path: path, seq: found))
        }
    }
}
