import Attendance
import Central
import Exchange
import Testing

@Suite struct `A call at the centre` {
    let centre: Centre

    init() async throws {
        centre = try await Centre()
    }

    @Test func `is answered with a signed receipt for all it brought`() async throws {
        var box = try await centre.box()
        for second in 0..<5 { box.write(try punch("17", Int64(second))) }
        let answer = try await centre.central.accept(try box.call(0..<5), at: moment())
        let receipt = answer.verifiedReceipt(by: centre.central.receiptKey.verifying)
        #expect(receipt?.ackedThrough == 5)
        #expect(receipt?.head == box.head(after: 5).description)
        #expect(receipt?.safeThrough == 0)
        #expect(try await centre.punches().count == 5)
    }

    @Test func `of a key that was never enrolled is refused`() async throws {
        var box = try Box(seed: 9)
        let call = try box.call(0..<0)
        let refused = await refusal { _ = try await centre.central.accept(call, at: moment()) }
        #expect(refused == SyncRefusal(.unknownKey))
    }

    @Test func `of a revoked key is refused until it is enrolled again`() async throws {
        var box = try await centre.box()
        try await centre.central.revoke(
            bridge: box.key.verifying.id, because: "dicuri", by: tester, at: moment())
        let call = try box.call(0..<0)
        let refused = await refusal { _ = try await centre.central.accept(call, at: moment()) }
        #expect(refused == SyncRefusal(.revokedKey))
        try await centre.enrol(box, in: Centre.north)
        _ = try await centre.central.accept(try box.call(0..<0), at: moment())
    }

    @Test func `signed by another key is refused`() async throws {
        let honest = try await centre.box()
        let thief = SigningKey()
        let header = Envelope.Header(
            journal: honest.journal, key: honest.key.verifying, first: 1, count: 0,
            prev: honest.head(after: 0), boot: 1, n: 1, status: honest.quiet)
        let call = try Envelope.open(try Envelope.seal(header, lines: [], key: thief))
        let refused = await refusal { _ = try await centre.central.accept(call, at: moment()) }
        #expect(refused == SyncRefusal(.badSignature))
    }

    @Test func `with a gap before it is told where to begin`() async throws {
        var box = try await centre.box()
        for second in 0..<9 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<3), at: moment())
        let call = try box.call(5..<9)
        let refused = await refusal { _ = try await centre.central.accept(call, at: moment()) }
        #expect(refused == SyncRefusal(.gap, sendFrom: 4))
        #expect(try await centre.punches().count == 3)
    }

    @Test func `that ends before the head is a replay and acked with the head`() async throws {
        var box = try await centre.box()
        for second in 0..<9 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<9), at: moment())
        let answer = try await centre.central.accept(try box.call(2..<5), at: moment())
        #expect(answer.ackedThrough == 9)
        #expect(answer.head == box.head(after: 9).description)
        #expect(try await centre.punches().allSatisfy { $0.sightings == 1 })
    }

    @Test func `with other content at a known place is a fork`() async throws {
        var box = try await centre.box()
        for second in 0..<4 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<4), at: moment())
        box.lines.removeLast()
        box.write(try punch("21", 99))
        box.write(try punch("21", 100))
        for range in [3..<5, 0..<5, 4..<5, 3..<4] {
            let call = try box.call(range)
            let refused = await refusal { _ = try await centre.central.accept(call, at: moment()) }
            #expect(refused == SyncRefusal(.forked), "\(range)")
        }
        #expect(try await centre.punches().map(\.pin) == ["17", "17", "17", "17"])
    }

    @Test func `of a bridge that has gone back and has nothing to send is a fork`() async throws {
        var box = try await centre.box()
        for second in 0..<4 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<4), at: moment())
        let restored = try box.call(2..<2)
        let refused = await refusal {
            _ = try await centre.central.accept(restored, at: moment())
        }
        #expect(refused == SyncRefusal(.forked))
        var waiting = box.quiet
        waiting.queue = 2
        let call = try box.call(2..<2, status: waiting)
        #expect(try await centre.central.accept(call, at: moment()).ackedThrough == 4)
    }

    @Test func `of a new journal after a fork counts no punch twice`() async throws {
        var box = try await centre.box()
        for second in 0..<4 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<4), at: moment())
        var dice = Dice(seed: 77)
        box.journal = JournalID(using: &dice)
        box.lines = []
        for second in 2..<6 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<4), at: moment())
        let punches = try await centre.punches()
        #expect(punches.count == 6)
        #expect(punches.map(\.sightings) == [1, 1, 2, 2, 1, 1])
        #expect(try await centre.central.verify().findings == [])
    }

    @Test func `under a journal that another key began is a fork`() async throws {
        var first = try await centre.box(seed: 1)
        first.write(try punch("17", 1))
        _ = try await centre.central.accept(try first.call(0..<1), at: moment())
        var second = try await centre.box(seed: 2)
        second.journal = first.journal
        let call = try second.call(0..<0)
        let refused = await refusal { _ = try await centre.central.accept(call, at: moment()) }
        #expect(refused == SyncRefusal(.forked))
    }

    @Test func `without entries is a heartbeat`() async throws {
        var box = try await centre.box()
        let answer = try await centre.central.accept(try box.call(0..<0), at: moment(60))
        #expect(answer.ackedThrough == 0)
        let row = try await centre.central.fleet(at: moment(61)).offices
            .first { $0.office.id.description == Centre.north }
        #expect(row?.lastHeard == moment(60))
        #expect(row?.severity == .fine)
    }

    @Test func `may hold lines that nobody understands, which delay nothing`() async throws {
        var box = try await centre.box()
        box.write(try punch("17", 1))
        let junk = [
            "", "}{", "{\"seq\":4,\"kind\":\"punch\"}", "\u{0}\u{1}", "[]",
            "{\"seq\":7,\"kind\":\"tomorrow\",\"deep\":{\"a\":[1,2]}}",
            "{\"seq\":99,\"kind\":\"bridge\",\"event\":\"start\"}",
            "{\"seq\":9,\"kind\":\"punch\",\"terminal\":\"x\",\"pin\":\"\",\"time\":\"now\"}",
            String(repeating: "x", count: 70_000),
        ]
        box.lines += junk.map { Array($0.utf8) } + [[0xFF, 0xFE, 0x80]]
        box.write(try punch("17", 2))
        let count = box.lines.count
        let answer = try await centre.central.accept(try box.call(0..<count), at: moment())
        #expect(answer.ackedThrough == Int64(count))
        #expect(try await centre.punches().count == 2)
        let detail = try await centre.central.officeDetail(
            OfficeID(Centre.north), at: moment())
        let reasons = detail.map {
            Dictionary($0.flagged.map { ($0.seq, $0.reason) }) { a, _ in a }
        }
        #expect(
            reasons == [
                2: "unreadable", 3: "unreadable", 4: "unclear", 5: "unreadable", 6: "unreadable",
                7: "unknown-kind", 8: "wrong-seq", 9: "unclear", 10: "too-long", 11: "unreadable",
            ])
        #expect(try await centre.central.verify().findings == [])
    }

    @Test func `with more entries than one call may bring is too large`() async throws {
        var box = try await centre.box()
        box.lines = Array(repeating: Array("{}".utf8), count: Central.mostEntries + 1)
        let call = try box.call(0..<box.lines.count)
        let refused = await refusal { _ = try await centre.central.accept(call, at: moment()) }
        #expect(refused == SyncRefusal(.tooLarge))
    }

    @Test(arguments: 1...12)
    func `in any order, overlap and number, with restarts between, gives the same punches`(
        seed: UInt64
    ) async throws {
        var dice = Dice(seed: seed)
        var box = try await centre.box()
        var truth: Set<String> = []
        for _ in 0..<60 {
            let second = Int64.random(in: 0..<20, using: &dice)
            let pin = ["17", "0017", "21", "#4"].randomElement(using: &dice) ?? "17"
            let source = PunchSource.allCases.randomElement(using: &dice) ?? .log
            box.write(try punch(pin, second, via: source))
            truth.insert("\(pin == "0017" ? "17" : pin) \(second)")
        }
        var central = centre.central
        var acked = 0
        while acked < box.lines.count {
            let start = Int.random(in: 0...min(box.lines.count, acked + 4), using: &dice)
            let end = Int.random(in: start...min(box.lines.count, start + 15), using: &dice)
            if Int.random(in: 0..<5, using: &dice) == 0 { central = try centre.reopened() }
            var status = box.quiet
            status.queue = 1
            do {
                let call = try box.call(start..<end, status: status)
                acked = Int(try await central.accept(call, at: moment()).ackedThrough)
            } catch let refused as SyncRefusal {
                #expect(refused == SyncRefusal(.gap, sendFrom: Int64(acked) + 1))
            }
        }
        let start = try WallTime(year: 2026, month: 11, day: 24, hour: 8)
        let counted = try await centre.punches()
        #expect(
            Set(counted.map { "\(canonical($0.pin)) \($0.time.seconds - start.seconds)" }) == truth)
        #expect(counted.count == truth.count)
        #expect(counted.reduce(0) { $0 + $1.sightings } == box.lines.count)
        #expect(try await central.verify().findings == [])
    }

    private func canonical(_ pin: String) -> String { pin == "0017" ? "17" : pin }

    @Test func `with a better source changes the attributes, never the count`() async throws {
        var box = try await centre.box()
        box.write(try punch("17", 1, verify: .other, via: .live))
        box.write(try punch("0017", 1, verify: .finger, via: .log))
        box.write(try punch("17", 1, verify: .face, via: .stick))
        _ = try await centre.central.accept(try box.call(0..<3), at: moment())
        let punches = try await centre.punches()
        #expect(punches.count == 1)
        #expect(punches.first?.verify == "finger")
        #expect(punches.first?.pin == "0017")
        #expect(punches.first?.sightings == 3)
    }

    @Test func `from a stick counts like any other, and its file is an event`() async throws {
        var box = try await centre.box()
        let id = try terminal()
        box.write(try punch("17", 1, via: .log))
        box.write(try punch("18", 2, via: .stick))
        box.write(.oddity(id, Oddity(reason: "impossible date", raw: [0x5A]), via: .stick))
        box.write(
            .fileImport(
                id, file: "1_attlog.dat", sha256: String(repeating: "ab", count: 32), read: 3,
                new: 1, known: 1, odd: 1))
        _ = try await centre.central.accept(try box.call(0..<4), at: moment())
        #expect(try await centre.punches().map(\.pin) == ["17", "18"])
        let detail = try await centre.central.officeDetail(OfficeID(Centre.north), at: moment(6))
        let event = try #require(detail?.events.first { $0.code == "file-import" })
        #expect(event.detail == "1_attlog.dat" && event.terminal == id.description)
        #expect(try await centre.central.verify().findings == [])
    }

    @Test func `about a terminal of another office is kept, shown and not counted`() async throws {
        var north = try await centre.box(seed: 1)
        north.write(try punch("17", 1))
        _ = try await centre.central.accept(try north.call(0..<1), at: moment())
        var school = try await centre.box(in: Centre.school, seed: 2)
        school.write(try punch("18", 2))
        school.write(try punch("19", 3, of: "SCHOOL1"))
        _ = try await centre.central.accept(try school.call(0..<2), at: moment(5))
        #expect(try await centre.punches(Centre.north).map(\.pin) == ["17"])
        #expect(try await centre.punches(Centre.school).map(\.pin) == ["19"])
        let detail = try await centre.central.officeDetail(
            OfficeID(Centre.school), at: moment(6))
        #expect(detail?.waiting == 1)
        #expect(detail?.row.causes.map(\.code) == [.terminalElsewhere])
        #expect(detail?.events.first?.code == "terminal-elsewhere")
        #expect(try await centre.central.verify().findings == [])
    }

    @Test func `pages through punches in order, whatever the page's size`() async throws {
        var box = try await centre.box()
        for second in 0..<30 {
            box.write(try punch("\(second % 3)", Int64(second / 3), of: "T\(second % 2)"))
        }
        _ = try await centre.central.accept(try box.call(0..<30), at: moment())
        let all = try await centre.punches()
        #expect(all.count == 30)
        for limit in [1, 2, 7, 15, 30] {
            var paged: [CountedPunch] = []
            var cursor: PunchCursor?
            repeat {
                let page = try await centre.central.punches(
                    office: OfficeID(Centre.north), after: cursor, limit: limit)
                paged += page.punches
                cursor = page.next
            } while cursor != nil
            #expect(paged == all)
        }
        let start = try WallTime(year: 2026, month: 11, day: 24, hour: 8)
        let some = try await centre.central.punches(
            office: OfficeID(Centre.north), from: start.advanced(by: 2),
            through: start.advanced(by: 3))
        #expect(some.punches == all.filter { (2...3).contains($0.time.seconds - start.seconds) })
    }
}
