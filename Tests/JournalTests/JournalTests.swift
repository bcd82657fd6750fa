import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

@Suite struct `A journal` {
    @Test func `holds what it has confirmed when the process dies without a word`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<50), at: office.moment())
            // The files as a dead process leaves them: copied while the connection is open.
            try await withTemporaryFolder { other in
                for name in ["journal.db", "journal.db-wal"] {
                    try FileManager.default.copyItem(
                        at: office.folder.appendingPathComponent(name),
                        to: other.appendingPathComponent(name))
                }
                let again = try office.open(in: other)
                #expect(again.id == journal.id)
                #expect(try await again.status().punches == 50)
                #expect(try await again.verify().isWhole)
                let repeated = try await again.record(
                    try office.punches(0..<50), at: office.moment(9))
                #expect(repeated.known == 50 && repeated.new == 0)
            }
        }
    }

    @Test func `writes nothing when the same log is read again`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<20), at: office.moment())
            let head = try await journal.status().head
            let recorded = try await journal.record(
                try office.punches(0..<20), at: office.moment(5))
            #expect(recorded.known == 20)
            #expect(try await journal.status().head == head)
        }
    }

    @Test func `tells of a file once for each terminal, and knows the terminal then`() async throws
    {
        try await withOffice { office in
            let journal = try office.open()
            let other = try TerminalID("zkteco:A1")
            func file(_ terminal: TerminalID?, _ digit: String = "ab", new: Int = 0) -> EntryBody {
                .fileImport(
                    terminal, file: "1_attlog.dat", sha256: String(repeating: digit, count: 32),
                    read: 1, new: new, known: 1 - new, odd: 0)
            }
            let bodies = [
                file(other, new: 1), file(other), file(other, "cd"), file(office.terminal),
                file(nil),
            ]
            try await journal.record(bodies, at: office.moment())
            #expect(await journal.headSeq == 4)
            #expect(try await journal.terminals() == [other, office.terminal])
            #expect(try await journal.knows([file(other), file(nil, "ef")]) == [true, false])
            #expect(try await journal.position(of: other) == nil)
        }
    }

    @Test func `knows what it has, and nothing by looking`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let odd = Oddity(reason: "impossible date", raw: [1, 2])
            try await journal.record(
                [try office.punch(1), .oddity(office.terminal, odd, via: .log)], at: office.moment()
            )
            let asked: [EntryBody] = [
                try office.punch(1, pin: "0017", via: .stick), try office.punch(2),
                .oddity(office.terminal, odd, via: .stick), .bridge(.start, detail: nil),
            ]
            #expect(try await journal.knows(asked) == [true, false, true, false])
            #expect(await journal.headSeq == 2)
        }
    }

    @Test func `counts one person under padded and unpadded numbers once`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(
                [try office.punch(1, pin: "0017"), try office.punch(1, pin: " 17")],
                at: office.moment())
            #expect(try await journal.status().punches == 1)
        }
    }

    @Test func `takes a better sighting that differs as one more entry, once`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let live = try office.punch(1, via: .live, state: 0)
            let log = try office.punch(1, via: .log, state: 1)
            try await journal.record([live], at: office.moment())
            #expect(try await journal.record([log], at: office.moment(1)).sightings == 1)
            for round in 2..<5 as Range<Int64> {
                let recorded = try await journal.record([live, log], at: office.moment(round))
                #expect(recorded.known == 2)
            }
            let status = try await journal.status()
            #expect(status.punches == 1 && status.headSeq == 2)
        }
    }

    @Test func `takes two records of one second in one log as one punch, read after read`()
        async throws
    {
        try await withOffice { office in
            let journal = try office.open()
            let log = [try office.punch(1, state: 0), try office.punch(1, state: 1)]
            try await journal.record(log, at: office.moment())
            let head = try await journal.status().headSeq
            for round in 1..<4 as Range<Int64> {
                try await journal.record(log, at: office.moment(round))
            }
            let status = try await journal.status()
            #expect(status.headSeq == head && status.punches == 1)
        }
    }

    @Test func `adds nothing when the log confirms a live punch`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record([try office.punch(1, via: .live)], at: office.moment())
            let recorded = try await journal.record([try office.punch(1)], at: office.moment(1))
            #expect(recorded.known == 1 && recorded.lastSeq == 1)
        }
    }

    @Test func `keeps an oddity once and cuts what the centre would not take`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let odd = Oddity(reason: "impossible date", raw: Array(repeating: 0x5A, count: 9_000))
            let body = EntryBody.oddity(office.terminal, odd, via: .log)
            try await journal.record([body, body], at: office.moment())
            let lines = try await journal.lines(from: 1, limit: 9)
            #expect(lines.count == 1 && lines[0].line.count < 16_384)
            #expect(EntryFields(line: lines[0].line)?.reason?.contains("9000 bytes") == true)
        }
    }

    @Test func `keeps facts and position together or not at all`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(
                try office.punches(0..<3), positions: [office.terminal: "3"], at: office.moment())
            let before = try await journal.status()
            let huge = Oddity(reason: String(repeating: "x", count: 300_000), raw: [1])
            try await journal.fillDisk()
            await #expect(throws: SQLiteError.self) {
                try await journal.record(
                    try office.punches(3..<900) + [.oddity(office.terminal, huge, via: .log)],
                    positions: [office.terminal: "900"], at: office.moment(1))
            }
            #expect(try await journal.status() == before)
            #expect(try await journal.position(of: office.terminal) == "3")
            try await journal.freeDisk()
            let recorded = try await journal.record(
                try office.punches(0..<900), positions: [office.terminal: "900"],
                at: office.moment(2))
            #expect(recorded.new == 897 && recorded.known == 3)
            #expect(try await journal.verify().isWhole)
        }
    }

    @Test func `is held by one process alone`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let error = #expect(throws: SQLiteError.self) { try office.open() }
            #expect(error?.kind == .busy)
            _ = try await journal.status()
        }
    }

    @Test func `refuses to go on under another key`() async throws {
        try await withOffice { office in
            _ = try office.open()
            var random = CountingGenerator()
            let error = #expect(throws: JournalError.self) {
                try Journal(
                    folder: office.folder.path, publicKey: SigningKey().verifying, using: &random)
            }
            #expect(error?.problem.code == "journal.other-key")
        }
    }

    @Test func `sees a changed line at the next start and names it`() async throws {
        try await withOffice { office in
            do {
                let journal = try office.open()
                try await journal.record(try office.punches(0..<9), at: office.moment())
                try await journal.checkpoint()
                await journal.close()
            }
            let path = office.folder.appendingPathComponent("journal.db").path
            do {
                let database = try Database(path: path, sharing: .exclusive)
                try database.run(
                    """
                    UPDATE entry SET line = CAST(replace(CAST(line AS TEXT), '"17"', '"18"') AS BLOB)
                    WHERE seq = 4
                    """)
                database.close()
            }
            let error = #expect(throws: JournalError.self) { try office.open() }
            #expect(error == .damaged(path: path, seq: 4))
        }
    }

    @Test(arguments: [1, 5, 9] as [Int64])
    func `sees that an entry is missing`(seq: Int64) async throws {
        try await withOffice { office in
            let path = office.folder.appendingPathComponent("journal.db").path
            let journal = try office.open()
            try await journal.record(try office.punches(0..<9), at: office.moment())
            await journal.close()
            let database = try Database(path: path, sharing: .exclusive)
            try database.run("DELETE FROM entry WHERE seq = ?", .int(seq))
            database.close()
            let error = #expect(throws: JournalError.self) { try office.open() }
            #expect(error == .damaged(path: path, seq: seq))
        }
    }

    @Test func `names the first bad entry of the whole chain, however far back`() async throws {
        try await withOffice { office in
            let path = office.folder.appendingPathComponent("journal.db").path
            let journal = try office.open()
            try await journal.record(try office.punches(0..<5_000), at: office.moment())
            await journal.close()
            let database = try Database(path: path, sharing: .exclusive)
            try database.run("UPDATE entry SET digest = zeroblob(32) WHERE seq IN (7, 900)")
            database.close()
            let again = try office.open()
            let found = try await again.verify()
            #expect(found.firstBad == 7 && !found.isWhole && found.entries == 5_000)
        }
    }

    @Test func `written in 1970 keeps boot and uptime, by which it is dated later`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let early = Moment(at: UTCTime(milliseconds: 3_000), boot: 2, up: 3_500)
            try await journal.record([try office.punch(1)], at: early)
            try await journal.record([try office.punch(2)], at: office.moment())
            let fields = try await journal.lines(from: 1, limit: 9).map {
                EntryFields(line: $0.line)
            }
            #expect(fields[0]?.at == "1970-01-01T00:00:03.000Z")
            #expect(fields[0]?.boot == 2 && fields[0]?.up == 3_500)
            #expect(try await journal.status().oldestUnsent == early.at)
        }
    }

    @Test func `takes a slot and the person of that number for two`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let slot = Punch(
                pin: Pin(slot: 17), time: WallTime(seconds: 1_795_000_001), verify: .finger,
                verifyNumber: 1, state: .checkIn, stateNumber: 0)
            try await journal.record(
                [try office.punch(1), .punch(office.terminal, slot, via: .log)],
                at: office.moment())
            #expect(try await journal.status().punches == 2)
        }
    }

    @Test func `never writes a line that a centre could not take`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let text = String(repeating: "\u{1}", count: 50_000)
            try await journal.record([.bridge(.configuration, detail: text)], at: office.moment())
            let lines = try await journal.lines(from: 1, limit: 1)
            #expect(lines[0].line.count <= Envelope.longestLine)
        }
    }

    @Test func `can be written while its whole chain is being checked`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<6_000), at: office.moment())
            async let check = journal.verify()
            for second in 6_000..<6_020 as Range<Int64> {
                try await journal.record([try office.punch(second)], at: office.moment(second))
            }
            let found = try await check
            #expect(found.isWhole && found.entries >= 6_000)
        }
    }

    @Test func `numbers the starts of the box, not of the daemon`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            #expect(try await journal.bootNumber(forBootID: "a") == 1)
            #expect(try await journal.bootNumber(forBootID: "b") == 2)
            #expect(try await journal.bootNumber(forBootID: "a") == 1)
        }
    }

    @Test func `goes on with the newest clock and coverage after a restart`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let reading = ClockReading(
                device: WallTime(seconds: 1_795_028_800),
                asked: UTCTime(milliseconds: 1_795_000_000_000),
                answered: UTCTime(milliseconds: 1_795_000_000_100), zone: .wita)
            let interval = CoverageInterval(
                from: UTCTime(milliseconds: 0), through: UTCTime(milliseconds: 5_000))
            try await journal.record(
                [
                    .clock(office.terminal, reading, hostSynced: true),
                    .coverage(office.terminal, interval, records: 9),
                ], at: office.moment())
            #expect(try await journal.newestClock(of: office.terminal)?.offsetMilliseconds == 450)
            #expect(
                try await journal.newestCoverage(of: office.terminal)?.through
                    == "1970-01-01T00:00:05.000Z")
        }
    }
}

@Suite struct `A journal's outbox` {
    @Test func `begins after the last receipt and is cut by entries and bytes`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            #expect(try await journal.outbox(maxEntries: 9, maxBytes: 9_999) == nil)
            try await journal.record(try office.punches(0..<10), at: office.moment())
            let all = try #require(try await journal.outbox(maxEntries: 99, maxBytes: 99_999))
            #expect(all.first == 1 && all.last == 10)
            #expect(try await journal.outbox(maxEntries: 4, maxBytes: 99_999)?.lines.count == 4)
            #expect(try await journal.outbox(maxEntries: 99, maxBytes: 1)?.lines.count == 1)
            let (receipt, text) = try await office.receipt(for: journal, through: 4)
            #expect(try await journal.keep(receipt, text: text))
            let rest = try #require(try await journal.outbox(maxEntries: 99, maxBytes: 99_999))
            #expect(rest.first == 5)
            var chain = Chain(after: rest.prev)
            for line in rest.lines { chain.append(line: line) }
            #expect(chain.head == (try await journal.status().head))
        }
    }

    @Test func `can be sent again from where the centre asks`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<6), at: office.moment())
            let (receipt, text) = try await office.receipt(for: journal, through: 6)
            try await journal.keep(receipt, text: text)
            let again = try #require(
                try await journal.outbox(from: 3, maxEntries: 99, maxBytes: 99_999))
            #expect(again.first == 3 && again.lines.count == 4)
        }
    }

    @Test func `believes no receipt for what it does not hold`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<6), at: office.moment())
            var (receipt, text) = try await office.receipt(for: journal, through: 6)
            receipt.head = String(repeating: "0", count: 64)
            await #expect(throws: JournalError.self) { try await journal.keep(receipt, text: text) }
            (receipt, text) = try await office.receipt(for: journal, through: 6)
            receipt.ackedThrough = 7
            await #expect(throws: JournalError.self) { try await journal.keep(receipt, text: text) }
            #expect(try await journal.status().queue == 6)
        }
    }

    @Test func `never goes back behind a receipt`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<6), at: office.moment())
            let (late, lateText) = try await office.receipt(for: journal, through: 2)
            let (receipt, text) = try await office.receipt(for: journal, through: 6)
            try await journal.keep(receipt, text: text)
            #expect(try await journal.keep(late, text: lateText) == false)
            #expect(try await journal.status().ackedThrough == 6)
        }
    }

    @Test func `forgets only lines that are receipted and in a backup, and still verifies`()
        async throws
    {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<6), at: office.moment())
            let (receipt, text) = try await office.receipt(for: journal, through: 5, safe: 3)
            try await journal.keep(receipt, text: text)
            let later = UTCTime(milliseconds: 1_999_000_000_000)
            #expect(try await journal.prune(writtenBefore: UTCTime(milliseconds: 5)) == 0)
            #expect(try await journal.prune(writtenBefore: later) == 3)
            let verification = try await journal.verify()
            #expect(verification.isWhole && verification.purged == 3)
            let recorded = try await journal.record(try office.punches(0..<6), at: office.moment(9))
            #expect(recorded.known == 6, "an old log read again adds nothing")
        }
    }

    @Test func `shows the newest punches that wait`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(
                try office.punches(0..<5) + [.bridge(.start, detail: nil)], at: office.moment())
            let lines = try await journal.newestPunches(after: 1, limit: 2)
            #expect(lines.compactMap { EntryFields(line: $0.utf8)?.seq } == [4, 5])
        }
    }
}

@Suite struct `Schedules of reading, sending and dying` {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `end with every punch once`(seed: UInt64) async throws {
        try await withOffice { office in
            var dice = SeededGenerator(state: seed)
            var truth: Set<Int64> = []
            var journal = try office.open()
            for step in 0..<40 as Range<Int64> {
                let first = Int64.random(in: 0..<200, using: &dice)
                let range = first..<(first + Int64.random(in: 1..<30, using: &dice))
                try await journal.record(try office.punches(range), at: office.moment(step))
                truth.formUnion(range)
                let status = try await journal.status()
                if Bool.random(using: &dice) {
                    let through = Int64.random(
                        in: status.ackedThrough...status.headSeq, using: &dice)
                    let (receipt, text) = try await office.receipt(for: journal, through: through)
                    try await journal.keep(receipt, text: text)
                }
                if Int.random(in: 0..<6, using: &dice) == 0 {
                    await journal.close()
                    journal = try office.open()
                }
            }
            let status = try await journal.status()
            #expect(status.punches == truth.count)
            #expect(status.receiptedPunches <= status.punches)
            #expect(try await journal.verify().isWhole)
        }
    }
}
