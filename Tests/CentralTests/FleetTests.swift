import Attendance
import Central
import Exchange
import Testing

@Suite struct `The fleet` {
    let centre: Centre

    init() async throws {
        centre = try await Centre()
    }

    private func row(_ office: String = Centre.north, at now: UTCTime = moment()) async throws
        -> OfficeRow
    {
        let report = try await centre.central.fleet(at: now)
        let rows = report.offices + report.planned + report.inactive
        return try #require(rows.first { $0.office.id.description == office })
    }

    private func status(
        _ box: Box, _ state: TerminalStatus.State = .online,
        change: (inout TerminalStatus) -> Void = { _ in }
    ) throws -> BridgeStatus {
        var status = box.quiet
        var terminal = TerminalStatus(
            name: "lobi", driver: "zkteco", link: "tcp://192.168.1.201:4370", state: state,
            since: moment(-600).description)
        terminal.terminal = "zkteco:BWXP20126001"
        change(&terminal)
        status.terminals = [terminal]
        return status
    }

    @Test func `shows every office, also one that never reported`() async throws {
        let report = try await centre.central.fleet(at: moment())
        #expect(report.offices.map(\.office.id.description) == [Centre.school, Centre.north])
        #expect(report.offices.allSatisfy { $0.causes.map(\.code) == [.notEnrolled] })
        #expect(report.planned.map(\.office.name) == ["Puskesmas Contoh"])
        #expect(report.planned.first?.causes == [])
        #expect(report.planned.first?.severity == .notExpected)
        #expect(report.groups.map(\.offices.count) == [2])
    }

    @Test func `says of an office whose bridge was shut out when that was, and why`() async throws {
        let box = try await centre.box()
        try await centre.central.revoke(
            bridge: box.key.verifying.id, because: "kotak dicuri", by: tester, at: moment(60))
        let cause = try #require(try await row(at: moment(120)).causes.first)
        #expect(cause.code == .revoked)
        #expect(cause.since == moment(60))
        #expect(cause.words?(.english) == "Reason: kotak dicuri.")
        #expect(cause.severity == .fault)
        // The box in its place says nothing more about it.
        _ = try await centre.box(seed: 9)
        #expect(try await row(at: moment(120)).causes.map(\.code) == [.neverHeard])
    }

    @Test func `decays by itself: no office is fine on old evidence`() async throws {
        var box = try await centre.box()
        #expect(try await row().causes.map(\.code) == [.neverHeard])
        _ = try await centre.central.accept(try box.call(0..<0), at: moment())
        #expect(try await row(at: moment(300)).severity == .fine)
        let later = try await row(at: moment(3_600))
        #expect(later.causes == [Cause(.silent, since: moment())])
        #expect(later.isNew)
        #expect(try await row(at: moment(200_000)).isNew == false)
    }

    @Test func `shows a lost terminal with the bridge's own words`() async throws {
        var box = try await centre.box()
        let lost = try status(box, .lost) {
            $0.problem = StatusProblem(code: "terminal.silent", id: "Diam.", en: "Silent.")
        }
        _ = try await centre.central.accept(try box.call(0..<0, status: lost), at: moment())
        let found = try await row()
        #expect(
            found.causes == [
                Cause(
                    .terminalLost, terminal: "lobi", detail: "terminal.silent",
                    words: Text(id: "Diam.", en: "Silent."), since: moment(-600))
            ])
        #expect(found.terminals.first?.terminal == (try terminal()))
    }

    @Test func `groups equal causes and puts the new ones first`() async throws {
        var north = try await centre.box(seed: 1)
        var school = try await centre.box(in: Centre.school, seed: 2)
        let lost = try status(north, .lost) { $0.since = moment(-300_000).description }
        _ = try await centre.central.accept(try north.call(0..<0, status: lost), at: moment())
        var unsynced = school.quiet
        unsynced.hostSynced = false
        _ = try await centre.central.accept(
            try school.call(0..<0, status: unsynced), at: moment())
        let report = try await centre.central.fleet(at: moment(60))
        #expect(report.groups.map(\.code) == [.hostUnsynced, .terminalLost])
        #expect(report.groups.map(\.isNew) == [true, false])
        #expect(report.offices.map(\.office.id.description) == [Centre.school, Centre.north])
        #expect(report.count(of: .fault) == 1)
    }

    @Test func `keeps since when a host is unsynced`() async throws {
        var box = try await centre.box()
        var unsynced = box.quiet
        unsynced.hostSynced = false
        for second in [0, 300, 600] as [Int64] {
            _ = try await centre.central.accept(
                try box.call(0..<0, status: unsynced), at: moment(second))
        }
        #expect(try await row(at: moment(601)).causes == [Cause(.hostUnsynced, since: moment())])
        _ = try await centre.central.accept(try box.call(0..<0), at: moment(900))
        #expect(try await row(at: moment(901)).causes == [])
    }

    @Test func `shows a clock that is off, since when it was first seen so`() async throws {
        var box = try await centre.box()
        for (second, offset) in [(0, 900), (300, 75_000), (600, 76_000)] as [(Int64, Int64)] {
            let status = try status(box) {
                $0.offsetMilliseconds = offset
                $0.errorMilliseconds = 500
                $0.clockAt = moment(second).description
            }
            _ = try await centre.central.accept(
                try box.call(0..<0, status: status), at: moment(second))
        }
        let found = try await row(at: moment(601))
        #expect(found.causes == [Cause(.clockOff, terminal: "lobi", since: moment(300))])
        #expect(found.terminals.first?.offsetMilliseconds == 76_000)
    }

    @Test func `blames no terminal's clock while the host does not know the time`() async throws {
        var box = try await centre.box()
        var status = try status(box) {
            $0.offsetMilliseconds = 1_795_478_400_000
            $0.errorMilliseconds = 500
            $0.clockAt = "1970-01-01T00:00:09.000Z"
        }
        status.hostSynced = false
        status.queue = 3
        status.oldestUnsent = "1970-01-01T00:00:05.000Z"
        _ = try await centre.central.accept(try box.call(0..<0, status: status), at: moment())
        #expect(try await row(at: moment(60)).causes == [Cause(.hostUnsynced, since: moment())])
    }

    @Test func `shows a queue that grows old`() async throws {
        var box = try await centre.box()
        var waiting = box.quiet
        waiting.queue = 214
        waiting.oldestUnsent = moment(-7_200).description
        _ = try await centre.central.accept(try box.call(0..<0, status: waiting), at: moment())
        let found = try await row()
        #expect(found.causes == [Cause(.queueOld, since: moment(-7_200))])
        #expect(found.queue == 214)
    }

    @Test func `never shows an older status`() async throws {
        let box = try await centre.box()
        var old = box.quiet
        old.queue = 99
        _ = try await centre.central.accept(try box.call(0..<0, boot: 2, n: 5), at: moment())
        for (boot, n) in [(2, 4), (1, 9)] as [(Int64, Int64)] {
            _ = try await centre.central.accept(
                try box.call(0..<0, boot: boot, n: n, status: old), at: moment(60))
        }
        let found = try await row(at: moment(61))
        #expect(found.queue == 0)
        #expect(found.lastHeard == moment())
    }

    @Test func `finds two boxes that call with one identity`() async throws {
        let box = try await centre.box()
        for turn in 0..<4 as Range<Int64> {
            for boot in [9, 7] as [Int64] {
                _ = try await centre.central.accept(
                    try box.call(0..<0, boot: boot, n: turn), at: moment(turn * 60))
            }
        }
        let found = try await row(at: moment(300))
        #expect(found.causes == [Cause(.clone, since: moment(120))])
    }

    @Test func `sees no clone in stale courier files that come between calls`() async throws {
        var box = try await centre.box()
        for second in 0..<4 { box.write(try punch("17", Int64(second))) }
        for turn in 0..<4 {
            let line = try box.call(0..<4, boot: 1, n: 100 + Int64(turn), status: status(box))
            _ = try await centre.central.accept(line, at: moment(Int64(turn) * 60))
            let stick = try box.call(0..<2, boot: 1, n: 10 + Int64(turn), status: status(box))
            let taken = try await centre.central.acceptCarried(
                stick, at: moment(Int64(turn) * 60 + 30))
            #expect(taken.new == 0 && taken.entries == 2 && taken.newPunches == 0)
        }
        #expect(try await row(at: moment(300)).causes == [])
    }

    @Test func `shows what a stick says as old as it is`() async throws {
        var box = try await centre.box()
        box.write(try punch("17", 1), at: moment(-7_200), up: 1_000)
        let stick = try box.call(0..<1, boot: 1, n: 2_000)
        let taken = try await centre.central.acceptCarried(stick, at: moment())
        #expect(taken.new == 1 && taken.newPunches == 1 && taken.office.description == Centre.north)
        let found = try await row(at: moment(10))
        #expect(found.lastHeard == moment(-7_200))
        #expect(found.causes == [Cause(.silent, since: moment(-7_200))])
        let line = try box.call(1..<1, boot: 1, n: 7_221_000)
        _ = try await centre.central.accept(line, at: moment(20))
        box.write(try punch("18", 2), at: moment(-3_600), up: 3_601_000)
        let late = try box.call(1..<2, boot: 1, n: 7_222_000)
        _ = try await centre.central.acceptCarried(late, at: moment(30))
        #expect(try await row(at: moment(40)).lastHeard == moment(20))
    }

    @Test func `says that a bridge was restored from an old image`() async throws {
        var box = try await centre.box()
        box.write(try punch("17", 1))
        _ = try await centre.central.accept(try box.call(0..<1), at: moment())
        let call = try box.call(0..<0)
        _ = await refusal { _ = try await centre.central.accept(call, at: moment(9)) }
        #expect(try await row(at: moment(10)).causes == [Cause(.forked, since: moment(9))])
        let detail = try await centre.central.officeDetail(OfficeID(Centre.north), at: moment())
        #expect(detail?.events.first?.code == "journal-forked")
    }

    @Test func `forgets a bridge that another has replaced`() async throws {
        var old = try await centre.box(seed: 1)
        _ = try await centre.central.accept(
            try old.call(0..<0, status: status(old)), at: moment())
        var new = try Box(seed: 2)
        try await centre.enrol(new, in: Centre.north, at: moment(60))
        _ = try await centre.central.accept(
            try new.call(0..<0, status: status(new)), at: moment(7_200))
        let found = try await row(at: moment(7_201))
        #expect(found.bridges.map(\.id) == [new.key.verifying.id])
        #expect(found.terminals.count == 1)
        #expect(found.severity == .fine)
    }
}

@Suite struct `Coverage at the centre` {
    let centre: Centre

    init() async throws {
        centre = try await Centre()
    }

    private func status(_ box: Box, _ from: Int64, _ through: Int64, seq: Int64) -> BridgeStatus {
        var status = box.quiet
        var terminal = TerminalStatus(
            name: "lobi", driver: "zkteco", link: "tcp://x:1", state: .online,
            since: moment().description)
        terminal.terminal = "zkteco:BWXP20126001"
        terminal.coverage = CoverageStatus(
            from: moment(from).description, through: moment(through).description, seq: seq)
        status.terminals = [terminal]
        status.queue = 1
        return status
    }

    private func complete() async throws -> UTCTime? {
        let detail = try await centre.central.officeDetail(OfficeID(Centre.north), at: moment())
        return detail?.row.completeThrough
    }

    @Test func `is believed only when the entries it rests on have come`() async throws {
        var box = try await centre.box()
        for second in 0..<10 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(
            try box.call(0..<4, status: status(box, 0, 100, seq: 10)), at: moment())
        #expect(try await complete() == nil)
        _ = try await centre.central.accept(
            try box.call(4..<9, status: status(box, 0, 120, seq: 10)), at: moment())
        #expect(try await complete() == nil)
        _ = try await centre.central.accept(
            try box.call(9..<10, status: status(box, 0, 130, seq: 10)), at: moment())
        #expect(try await complete() == moment(130))
    }

    /// It stands still there until the next record, and the page says why.
    @Test func `of an empty log has no length, and is no hole by itself`() async throws {
        var box = try await centre.box()
        box.write(
            .coverage(
                try terminal(), CoverageInterval(from: moment(20), through: moment(20)), records: 0)
        )
        var status = status(box, 20, 20, seq: 1)
        for (records, since) in [(0, moment(20)), (5, nil)] as [(Int, UTCTime?)] {
            status.terminals[0].records = records
            _ = try await centre.central.accept(
                try box.call(0..<1, status: status), at: moment(91))
            let detail = try #require(
                try await centre.central.officeDetail(OfficeID(Centre.north), at: moment(92)))
            #expect(detail.row.terminals.first?.emptySince == since)
            #expect(detail.row.completeThrough == moment(20))
            #expect(detail.row.causes.isEmpty)
        }
    }

    @Test func `ends at the first hole, which stays visible`() async throws {
        var box = try await centre.box()
        let id = try terminal()
        box.write(
            .coverage(id, CoverageInterval(from: moment(0), through: moment(50)), records: 9))
        box.write(.terminal(id, .logCleared, detail: nil))
        _ = try await centre.central.accept(
            try box.call(0..<2, status: status(box, 80, 90, seq: 2)), at: moment(91))
        let detail = try #require(
            try await centre.central.officeDetail(OfficeID(Centre.north), at: moment(92)))
        #expect(detail.row.completeThrough == moment(50))
        #expect(
            detail.coverage.first?.stretches.holes
                == [CoverageInterval(from: moment(50), through: moment(80))])
        #expect(detail.row.causes.map(\.code) == [.coverageHole])
        #expect(detail.events.map(\.code).contains("terminal-log-cleared"))
    }
}

@Suite struct `The page of an office` {
    let centre: Centre

    init() async throws {
        centre = try await Centre()
    }

    private func detail(at now: UTCTime = moment()) async throws -> OfficeDetail {
        try #require(try await centre.central.officeDetail(OfficeID(Centre.north), at: now))
    }

    @Test func `shows announced punches at once, counts them when the chain arrives`() async throws
    {
        var box = try await centre.box()
        for second in 0..<3 { box.write(try punch("17", Int64(second))) }
        let live = [box.lines[2], box.lines[1]].map { String(decoding: $0, as: UTF8.self) }
        var waiting = box.quiet
        waiting.queue = 2
        _ = try await centre.central.accept(
            try box.call(0..<1, status: waiting, live: live), at: moment())
        let before = try await detail()
        #expect(before.recent.map(\.isProvisional) == [true, true, false])
        #expect(before.row.punches == 1)
        #expect(try await centre.punches().count == 1)
        _ = try await centre.central.accept(try box.call(1..<2, status: waiting), at: moment())
        let between = try await detail()
        #expect(between.recent.map(\.isProvisional) == [true, false, false])
        _ = try await centre.central.accept(try box.call(2..<3), at: moment())
        let after = try await detail()
        #expect(after.recent.map(\.isProvisional) == [false, false, false])
        #expect(after.row.punches == 3)
    }

    @Test func `shows announced punches of a terminal that nobody has seen before`() async throws {
        let box = try await centre.box()
        _ = try await centre.central.accept(
            try announcing([("17", 1)], of: "BARU", from: box), at: moment())
        let before = try await detail()
        #expect(before.recent.map(\.isProvisional) == [true])
        #expect(before.recent.map(\.terminal) == [try terminal("BARU")])
        #expect(before.row.punches == 0 && before.waiting == 0)
        #expect(try await centre.punches() == [])
        #expect(try await centre.central.verify().findings == [])
    }

    /// Whatever a bridge announces stands in its own office or nowhere.
    @Test func `shows nothing announced of a terminal that stands elsewhere`() async throws {
        let box = try await centre.box()
        _ = try await centre.central.accept(
            try announcing([("17", 1)], of: "BARU", from: box), at: moment())
        let school = try await centre.box(in: Centre.school, seed: 2)
        _ = try await centre.central.accept(
            try announcing([("18", 2)], of: "BARU", from: school), at: moment(1))
        let there = try await centre.central.officeDetail(OfficeID(Centre.school), at: moment(2))
        #expect(there?.recent == [])
        #expect(try await detail().recent.map(\.pin) == ["17"])
        #expect(try await centre.central.verify().findings == [])
    }

    @Test func `moves announced punches with their terminal`() async throws {
        let box = try await centre.box()
        _ = try await centre.central.accept(
            try announcing([("17", 1), ("18", 9)], of: "BARU", from: box), at: moment())
        let from = try WallTime(year: 2026, month: 11, day: 24, hour: 8).advanced(by: 5)
        try await centre.central.place(
            terminal("BARU"), in: OfficeID(Centre.school), from: from, by: tester, at: moment(9))
        #expect(try await detail().recent.map(\.pin) == ["17"])
        let there = try await centre.central.officeDetail(OfficeID(Centre.school), at: moment(9))
        #expect(there?.recent.map(\.pin) == ["18"])
    }

    /// A call without entries, while much else waits at the box, that announces punches.
    private func announcing(
        _ punches: [(pin: String, second: Int64)], of serial: String, from box: Box
    ) throws -> Envelope.Opened {
        var box = box
        for (pin, second) in punches { box.write(try punch(pin, second, of: serial)) }
        var waiting = box.quiet
        waiting.queue = 9_000
        let live = box.lines.map { String(decoding: $0, as: UTF8.self) }
        return try box.call(0..<0, status: waiting, live: live)
    }

    @Test func `shows the newest fifty punches`() async throws {
        var box = try await centre.box()
        for second in 0..<80 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<80), at: moment())
        let recent = try await detail().recent
        #expect(recent.count == 50)
        #expect(recent.map(\.time) == recent.map(\.time).sorted(by: >))
    }

    @Test func `tells what happened, newest first`() async throws {
        var box = try await centre.box()
        box.write(.bridge(.start, detail: "1.0"), at: moment(1))
        box.write(.terminal(try terminal(), .seen, detail: nil), at: moment(2))
        box.write(.terminal(try terminal(), .lost, detail: "terminal.silent"), at: moment(3))
        _ = try await centre.central.accept(try box.call(0..<3), at: moment(9))
        let events = try await detail().events
        #expect(
            events.map(\.code) == [
                "terminal-lost", "terminal-seen", "bridge-start", "journal-new", "bridge-enrolled",
            ])
        #expect(events.first?.at == moment(3))
        #expect(events.first?.terminal == "zkteco:BWXP20126001")
        #expect(events.first?.detail == "terminal.silent")
    }

    @Test func `tells of a clock that jumped and keeps its history`() async throws {
        var box = try await centre.box()
        for (number, device) in [28_800, 28_900, 32_600].enumerated() {
            let at = moment(Int64(number) * 100)
            let reading = ClockReading(
                device: WallTime(seconds: moment(Int64(device)).seconds), asked: at, answered: at,
                zone: .wita)
            box.write(
                .clock(try terminal(), reading, hostSynced: true), at: at,
                up: Int64(number) * 100_000)
        }
        _ = try await centre.central.accept(try box.call(0..<3), at: moment(300))
        let detail = try await detail()
        #expect(
            detail.clocks.first?.readings.map(\.offsetMilliseconds) == [3_600_500, 500, 500])
        let jumps = detail.events.filter { $0.code == "clock-jump" }
        #expect(jumps.map(\.detail) == ["500 3600500"])
    }

    @Test func `tells of a backlog as one event`() async throws {
        var box = try await centre.box()
        for second in 0..<30 { box.write(try punch("17", Int64(second)), at: moment(0)) }
        for start in stride(from: 0, to: 30, by: 10) {
            _ = try await centre.central.accept(
                try box.call(start..<start + 10), at: moment(90_000 + Int64(start)))
        }
        let late = try await detail().events.filter { $0.code == "late-batch" }
        #expect(late.map(\.detail) == ["30"])
    }

    @Test func `is not there for an office nobody knows`() async throws {
        #expect(try await centre.central.officeDetail(OfficeID("x"), at: moment()) == nil)
    }
}
