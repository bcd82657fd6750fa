import Attendance
import Central
import Exchange
import SQLite
import Testing

@Suite struct `Lines older than the centre's period` {
    /// Ten lines of long ago, five that nobody can date, five of today.
    private func filled() async throws -> (Centre, Box) {
        let centre = try await Centre()
        var box = try await centre.box()
        for second in 0..<10 {
            box.write(try punch("17", Int64(second)), at: moment(-400 * 86_400))
        }
        for second in 10..<15 {
            box.write(try punch("17", Int64(second)), at: UTCTime(milliseconds: 5))
        }
        for second in 15..<20 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<20), at: moment())
        return (centre, box)
    }

    private let limit = moment(-365 * 86_400)

    @Test func `are only counted as long as nobody says so`() async throws {
        let (centre, _) = try await filled()
        let report = try await centre.central.retention(
            before: limit, apply: false, by: tester, at: moment())
        #expect(report.lines == 15 && report.journals == 1 && !report.isApplied)
        #expect(try await centre.central.verify().purged == 0)
    }

    @Test func `are forgotten; chains verify, punches count, and again adds nothing`()
        async throws
    {
        var (centre, box) = try await filled()
        let before = try await centre.punches()
        let report = try await centre.central.retention(
            before: limit, apply: true, by: tester, at: moment())
        #expect(report.lines == 15)
        let found = try await centre.central.verify()
        #expect(found.findings == [])
        #expect(found.purged == 15 && found.lost == 0 && found.entries == 20)
        #expect(try await centre.punches() == before)
        #expect(try await centre.central.auditRows(limit: 1)[0].action == "apply-retention")
        let again = try await centre.central.retention(
            before: limit, apply: true, by: tester, at: moment())
        #expect(again.lines == 0)
        // What the bridge sends again, and what it sends next, is taken as ever.
        box.write(try punch("17", 3, via: .stick))
        let answer = try await centre.central.accept(try box.call(10..<21), at: moment())
        #expect(answer.ackedThrough == 21)
        #expect(try await centre.punches().count == 20)
        #expect(try await centre.central.verify().findings == [])
    }

    @Test func `stay while they wait for an operator`() async throws {
        let (centre, _) = try await filled()
        var other = try await centre.box(in: Centre.school, seed: 2)
        other.write(try punch("17", 99), at: moment(-400 * 86_400))
        _ = try await centre.central.accept(try other.call(0..<1), at: moment())
        let report = try await centre.central.retention(
            before: limit, apply: true, by: tester, at: moment())
        #expect(report.lines == 15)
        try await centre.central.place(
            terminal(), in: OfficeID(Centre.school), from: nil, by: tester, at: moment())
        #expect(try await centre.punches(Centre.school).count == 21)
        #expect(try await centre.central.verify().findings == [])
    }
}

@Suite struct `A person` {
    private func subject(_ pin: String = "17") throws -> Subject {
        Subject(office: try OfficeID(Centre.north), pin: try Pin(pin))
    }

    /// Two people, one of them seen twice, on a box and by another box of the same office.
    private func filled() async throws -> (Centre, Box) {
        let centre = try await Centre()
        var box = try await centre.box()
        for second in 0..<6 {
            box.write(try punch(second % 2 == 0 ? "0017" : "21", Int64(second)))
        }
        box.write(try punch("17", 2, verify: .card, via: .live))
        _ = try await centre.central.accept(
            try box.call(0..<7, live: []), at: moment())
        var second = try await centre.box(seed: 2)
        second.write(try punch("17", 4, via: .stick))
        _ = try await centre.central.accept(try second.call(0..<1), at: moment())
        return (centre, box)
    }

    private func text(_ export: SubjectExport) -> String {
        export.lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    @Test func `gets everything that is stored of them, and nothing of others`() async throws {
        let (centre, box) = try await filled()
        let export = try await centre.central.export(try subject(), by: tester, at: moment())
        #expect(export.punches == 3)
        #expect(export.lines.count == 3 + 5 + 1)
        let told = text(export)
        #expect(told.contains(box.journal.description))
        #expect(told.contains("\\\"pin\\\":\\\"0017\\\""), "the lines are there as they were sent")
        #expect(!told.contains("\"21\"") && !told.contains("\\\"21\\\""))
        #expect(try await centre.central.auditRows(limit: 1)[0].action == "export-subject")
    }

    @Test func `is only counted as long as nobody says erase`() async throws {
        let (centre, _) = try await filled()
        let report = try await centre.central.erase(
            try subject(), apply: false, by: tester, at: moment())
        #expect(report.punches == 3 && report.lines == 5)
        #expect(try await centre.punches().count == 6)
    }

    @Test func `is erased; all chains verify, others stay, and the same comes in no more`()
        async throws
    {
        var (centre, box) = try await filled()
        let others = try await centre.punches().filter { $0.pin == "21" }
        let day = moment(86_400)
        let report = try await centre.central.erase(
            try subject(), apply: true, by: tester, at: day)
        #expect(report.punches == 3 && report.lines == 5)
        let found = try await centre.central.verify()
        #expect(found.findings == [])
        #expect(found.purged == 5)
        #expect(try await centre.punches() == others)
        let left = try await centre.central.export(try subject(), by: tester, at: day)
        #expect(!left.lines.contains { String(decoding: $0, as: UTF8.self).contains("BWXP") })
        let raw = try Database(path: centre.folder.path + "/centre.db", sharing: .shared)
        #expect(try raw.int("SELECT count(*) FROM entry WHERE line LIKE '%0017%'") == 0)

        // The same punch from an old log, by the same box and by a new journal.
        box.write(try punch("17", 2, via: .stick))
        box.write(try punch("17", 200_000))
        let live = String(
            decoding: Entry(seq: 9, at: day, boot: 1, up: 1, body: try punch("17", 4)).line,
            as: UTF8.self)
        _ = try await centre.central.accept(try box.call(7..<9, live: [live]), at: day)
        var again = try await centre.box(seed: 3)
        again.write(try punch("0017", 0))
        _ = try await centre.central.accept(try again.call(0..<1), at: day)
        // Two days later it is a punch of its own.
        #expect(try await centre.punches().filter { $0.pin == "17" }.count == 1)
        let after = try await centre.central.verify()
        #expect(after.findings == [])
        #expect(after.purged == 7)
        let actions = try await centre.central.auditRows(limit: 9).map(\.action)
        #expect(actions.contains("erase-subject"))
    }
}

@Suite struct `A hole in a journal` {
    /// The box has forgotten its first lines.
    private func call(
        _ box: inout Box, _ range: Range<Int>, forgotten: Int, proof: SignedText?
    ) throws -> Envelope.Opened {
        box.n += 1
        var header = Envelope.Header(
            journal: box.journal, key: box.key.verifying, first: Int64(range.lowerBound) + 1,
            count: range.count, prev: box.head(after: range.lowerBound), boot: box.boot, n: box.n,
            status: box.quiet)
        header.forgotten = forgotten
        header.proof = proof
        let lines = box.lines[range].enumerated().map { index, line in
            index < forgotten ? Array(Chain.digest(ofLine: line).description.utf8) : line
        }
        return try Envelope.open(try Envelope.seal(header, lines: lines, key: box.key))
    }

    private func reasons(_ centre: Centre) throws -> [String] {
        let raw = try Database(path: centre.folder.path + "/centre.db", sharing: .shared)
        var reasons: [String] = []
        try raw.rows("SELECT why FROM forgotten") { reasons.append($0.text(0)) }
        return reasons
    }

    /// - Parameter covered: The fifth entry says that the log is complete through there.
    private func filled(coveredThrough covered: Int64? = nil) async throws -> (Centre, Box) {
        let centre = try await Centre()
        var box = try await centre.box()
        for second in 0..<20 as Range<Int64> {
            let at = moment(second * 3_600)
            if second == 4, let covered {
                let stretch = CoverageInterval(from: moment(-86_400), through: moment(covered))
                box.write(.coverage(try terminal(), stretch, records: 4), at: at)
            } else {
                box.write(try punch("17", second), at: at)
            }
        }
        _ = try await centre.central.accept(try box.call(0..<5), at: moment(5 * 3_600))
        return (centre, box)
    }

    /// The lost entries may have told of a log that was read for the first time: of any time before.
    @Test func `takes away what was only said to be complete after it`() async throws {
        var (centre, box) = try await filled()
        let all = CoverageInterval(from: moment(-86_400), through: moment(86_400))
        box.write(.coverage(try terminal(), all, records: 20), at: moment(20 * 3_600))
        _ = try await centre.central.accept(
            try call(&box, 5..<21, forgotten: 10, proof: nil), at: moment(86_400))
        let detail = try await centre.central.officeDetail(
            OfficeID(Centre.north), at: moment(86_400))
        #expect(
            detail?.coverage.first?.stretches.intervals
                == [CoverageInterval(from: moment(15 * 3_600), through: moment(86_400))])
    }

    private func receipt(_ centre: Centre, _ box: Box, safe: Int64, by key: SigningKey? = nil)
        throws -> SignedText
    {
        let receipt = Receipt(
            journal: box.journal, ackedThrough: 15, head: box.head(after: 15), safeThrough: safe,
            serverTime: moment())
        return try SyncAnswer(receipt, key: key ?? centre.central.receiptKey).receipt
    }

    @Test func `is taken in, proved by a receipt of our own, and counted as lost`() async throws {
        var (centre, box) = try await filled()
        let proof = try receipt(centre, box, safe: 15)
        let answer = try await centre.central.accept(
            try call(&box, 5..<20, forgotten: 10, proof: proof), at: moment())
        #expect(answer.ackedThrough == 20)
        let found = try await centre.central.verify()
        #expect(found.findings == [])
        #expect(found.lost == 10 && found.entries == 20)
        #expect(try await centre.punches().count == 10)
        #expect(try reasons(centre) == ["hole"])
    }

    @Test(arguments: [0, 14, 15]) func `without such a receipt is named so`(safe: Int64)
        async throws
    {
        var (centre, box) = try await filled()
        let proof = try receipt(centre, box, safe: safe, by: safe == 15 ? SigningKey() : nil)
        _ = try await centre.central.accept(
            try call(&box, 5..<20, forgotten: 10, proof: proof), at: moment())
        #expect(try reasons(centre) == ["unproved-hole"])
    }

    @Test func `whose digests do not fit the chain is not taken`() async throws {
        var (centre, box) = try await filled()
        var forged = box
        forged.lines[7] = Array("{\"seq\":8}".utf8)
        let wrong = try call(&forged, 5..<20, forgotten: 10, proof: nil)
        _ = try await centre.central.accept(wrong, at: moment())
        // Another history now: what the box really has does not follow from it.
        let answer = await refusal {
            _ = try await centre.central.accept(try box.call(0..<20), at: moment())
        }
        #expect(answer?.problem == .forked)
    }

    @Test func `is never covered by what the journal says of its terminals`() async throws {
        var (centre, box) = try await filled(coveredThrough: 4 * 3_600)
        let all = CoverageInterval(from: moment(-86_400), through: moment(86_400))
        box.write(.coverage(try terminal(), all, records: 20), at: moment(20 * 3_600))
        _ = try await centre.central.accept(
            try call(&box, 5..<21, forgotten: 10, proof: nil), at: moment(86_400))
        let detail = try await centre.central.officeDetail(
            OfficeID(Centre.north), at: moment(86_400))
        let set = try #require(detail?.coverage.first?.stretches)
        #expect(set.completeThrough == moment(4 * 3_600))
        #expect(
            set.holes == [CoverageInterval(from: moment(4 * 3_600), through: moment(15 * 3_600))])
        #expect(detail?.events.contains { $0.code == "journal-hole" } == true)
    }
}
