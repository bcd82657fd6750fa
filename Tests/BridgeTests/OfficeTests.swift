import Attendance
import Exchange
import Foundation
import Journal
import TestSupport
import Testing

@testable import Bridge

private let noon = UTCTime("2026-11-25T04:12:00.000Z")

/// The report of a made-up office in trouble, or of one where all is well.
private func report(_ name: String) throws -> StatusReport {
    let bytes = try Data(contentsOf: try projectFixture("titian/\(name).json"))
    return try WireJSON.decode(StatusReport.self, from: bytes)
}

private func page(
    _ report: StatusReport, _ missing: MissingReport?,
    contact: String? = "Pak Anwar 0812-0000-0001"
) throws -> OfficePage {
    OfficePage(
        report: report, missing: missing, zone: .wita, now: try #require(noon), contact: contact)
}

private func missing(_ seen: [(String, String)], doubts: [MissingReport.Doubt] = []) throws
    -> MissingReport
{
    let pins = try seen.map { pin, time in
        SeenPin(pin: try Pin(pin), time: try #require(WallTime(time)))
    }
    let day = try #require(WallTime("2026-11-25T00:00:00"))
    return MissingReport(pins, on: day, zone: .wita, hostSynced: true, doubts: doubts)
}

@Suite struct `The metrics` {
    @Test(arguments: ["status-trouble", "status-stick"])
    func `of an office read like this`(name: String) throws {
        try expectGolden(Metrics(try report(name)).text, "office/\(name).prom")
    }

    @Test func `are all explained on their page, and the page explains no others`() throws {
        var full = try report("status-trouble")
        full.terminals[0].coverage = CoverageStatus(
            from: "", through: "2026-11-25T00:00:00Z", seq: 1)
        full.sync.hostOffsetMilliseconds = -40
        full.sync.hostErrorMilliseconds = 20
        full.sticks = StickReport(held: [])
        full.push = PushReport(listen: "http://0.0.0.0:8081")
        let families = Metrics(full).families
        #expect(families.filter(\.samples.isEmpty).map(\.name) == [])
        let names = families.map { $0.name + ($0.kind == .counter ? "_total" : "") }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/reference/metrics.md")
        let text = try String(contentsOf: root, encoding: .utf8)
        let explained = text.matches(of: /(?m)^\| `([a-z_]+)`/).map { String($0.output.1) }
        #expect(explained.sorted() == names.sorted())
    }

    @Test func `keep what a terminal says inside its quotes`() throws {
        var hostile = try report("status-good")
        hostile.terminals[0].model = "X\"} 1\ntitian_evil 1\\"
        let lines = Metrics(hostile).text.split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("titian_evil") })
        #expect(lines.contains { $0.contains(#"model="X\"} 1\ntitian_evil 1\\""#) })
    }

    @Test(arguments: [
        (Int64(0), "0.000"), (-40, "-0.040"), (-1_500, "-1.500"), (3_600_005, "3600.005"),
        (.min, "-9223372036854775.808"),
    ])
    func `show milliseconds as seconds`(value: Int64, shown: String) {
        let family = Metrics.Family("x", "y", .milliseconds(value))
        #expect(Metrics(families: [family]).text.contains("\nx \(shown)\n"))
    }
}

@Suite struct `The office's page` {
    @Test func `says where all is well`() throws {
        let everybody = try missing([("7", "2026-11-25T07:58:00"), ("12", "2026-11-25T08:01:09")])
        let page = try page(try report("status-good"), everybody)
        try expectGolden(page.html, "office/good.html")
    }

    @Test func `says what is wrong, what to do, who is missing and whom to call`() throws {
        let some = try missing(
            [
                ("7", "2026-11-25T07:58:00"), ("112", "2026-11-24T16:01:09"),
                ("12", "2026-11-02T08:00:00"),
            ], doubts: MissingReport.doubts(of: try report("status-trouble").terminals))
        let page = try page(try report("status-trouble"), some)
        try expectGolden(page.html, "office/trouble.html")
    }

    @Test func `says of an empty log since when it is empty`() throws {
        var report = try report("status-good")
        report.terminals[0].records = 0
        report.terminals[0].coverage = CoverageStatus(
            from: "2026-11-24T21:12:00.000Z", through: "2026-11-24T21:12:00.000Z", seq: 9)
        let page = try page(report, try missing([("7", "2026-11-25T07:58:00")]))
        #expect(page.html.contains("<td>log kosong sejak pukul 05.12</td>"))
    }

    @Test func `lets nothing from outside become markup`() throws {
        let evil = "<script>alert('x')</script>\"&"
        var hostile = try report("status-trouble")
        hostile.terminals[0].name = evil
        hostile.terminals[0].since = evil
        hostile.terminals[0].state = .lost
        hostile.terminals[1].problem = StatusProblem(code: "x", id: evil, en: evil)
        hostile.sync.lastProblem = StatusProblem(code: "x", id: evil, en: evil)
        hostile.sync.lastReceiptAt = evil
        hostile.sync.failingSince = evil
        hostile.journal.oldestUnsent = evil
        hostile.hostname = evil
        hostile.office = evil
        let absent = try missing(
            [("<b>", "2026-11-24T16:01:09"), ("7", "2026-11-25T07:58:00")],
            doubts: [MissingReport.Doubt(name: evil, reason: .unreadable)])
        for html in [
            try page(hostile, absent, contact: evil).html,
            OfficePage.farewell(office: evil, at: try #require(noon), zone: .wita, contact: evil),
        ] {
            #expect(!html.contains("<script"))
            #expect(!html.contains("<b>"))
            #expect(!html.contains("alert('x')"))
            #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"))
        }
    }

    @Test func `lists no more people than somebody would read`() throws {
        let many =
            [("1", "2026-11-25T07:00:00")] + (2...700).map { ("\($0)", "2026-11-24T07:00:00") }
        let html = try page(try report("status-good"), try missing(many)).html
        #expect(html.contains("… dan 199 lagi."))
        #expect(html.utf8.count < 100_000)
    }

    @Test func `does not call everybody missing on a day without any punch`() throws {
        let html = try page(
            try report("status-good"), try missing([("77001", "2026-11-24T07:00:00")])
        ).html
        #expect(html.contains("Belum ada rekaman hari ini."))
        #expect(!html.contains("77001"))
    }
}

@Suite struct `Who is missing` {
    private let id = try? TerminalID("zkteco:BWXP20126001")

    private func record(_ punches: [(String, String)], in office: FakeOffice) async throws {
        let id = try #require(id)
        let bodies = try punches.map { pin, time in
            EntryBody.punch(
                id,
                Punch(
                    pin: try Pin(pin), time: try #require(WallTime(time)), verify: .finger,
                    verifyNumber: 1, state: .checkIn, stateNumber: 0), via: .log)
        }
        try await office.journal.record(bodies, at: office.place.moment())
    }

    private func withOffice(
        _ body: (FakeOffice, PresenceRoll) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let office = try FakeOffice(in: folder, []) { _ in nil }
            try await body(office, PresenceRoll(office.journal, zone: .wita))
        }
    }

    private func report(_ roll: PresenceRoll, _ office: FakeOffice) async throws -> MissingReport {
        let seen = try await roll.seen(at: office.host.now)
        return MissingReport(
            seen.pins, on: seen.day, zone: .wita, hostSynced: true, doubts: [])
    }

    /// The made-up box's clock shows 2026-11-21 08:00 WITA.
    @Test func `is who was seen in 30 days and not today, whatever the order of the log`()
        async throws
    {
        try await withOffice { office, roll in
            try await record(
                [
                    ("12", "2026-11-21T07:55:00"), ("12", "2026-11-20T16:00:00"),
                    ("0017", "2026-11-20T16:01:00"), ("17", "2026-11-19T08:00:00"),
                    ("3", "2026-10-22T08:00:00"), ("4", "2026-10-21T23:59:59"),
                    ("5", "2031-01-01T08:00:00"),
                ], in: office)
            let report = try await report(roll, office)
            #expect(report.date == "2026-11-21")
            #expect(report.missing.map(\.pin) == ["3", "0017"])
            #expect(report.missing.map(\.last) == ["2026-10-22T08:00:00", "2026-11-20T16:01:00"])
            #expect(report.known == 3 && report.present == 1)
        }
    }

    @Test func `shrinks as people come, and begins anew the next day`() async throws {
        try await withOffice { office, roll in
            try await record(
                [("12", "2026-11-20T16:00:00"), ("17", "2026-11-20T16:01:00")], in: office)
            #expect(try await report(roll, office).missing.map(\.pin) == ["12", "17"])
            try await record([("017", "2026-11-21T08:00:10")], in: office)
            #expect(try await report(roll, office).missing.map(\.pin) == ["12"])
            office.host.pass(.seconds(86_400))
            let tomorrow = try await report(roll, office)
            #expect(tomorrow.date == "2026-11-22")
            #expect(tomorrow.missing.map(\.pin) == ["12", "017"])
        }
    }

    @Test func `is the same from the journal alone`() async throws {
        try await withOffice { office, roll in
            try await record(
                (0..<12_000).map { number in
                    let day = number % 20 + 1
                    let second = String(number % 60 + 100).dropFirst()
                    let minute = String(number / 60 % 60 + 100).dropFirst()
                    let hour = String(number / 3_600 % 24 + 100).dropFirst()
                    return (
                        "\(number % 40 + 1)",
                        "2026-11-\(String(day + 100).dropFirst())T\(hour):\(minute):\(second)"
                    )
                }, in: office)
            let live = try await report(roll, office)
            let stored = try await MissingReport.read(
                office.journal, zone: .wita, host: office.host.host, terminals: ["lobi"])
            #expect(live.missing.count == 40)
            #expect(live.missing == stored.missing)
            #expect(stored.doubts.map(\.reason) == [.stopped])
        }
    }

    @Test func `is in doubt where a terminal is not read or its clock is far off`() {
        func terminal(_ state: TerminalStatus.State, offset: Int64 = 0) -> TerminalStatus {
            var status = TerminalStatus(
                name: "\(state)", driver: "zkteco", link: "tcp://x", state: state, since: "-")
            status.offsetMilliseconds = offset
            return status
        }
        let doubts = MissingReport.doubts(of: [
            terminal(.lost), terminal(.blocked), terminal(.starting), terminal(.online),
            terminal(.online, offset: -3_600_000),
        ])
        #expect(doubts.map(\.reason) == [.unreachable, .unreadable, .unread, .clock])
    }
}

@Suite struct `Files for the office` {
    private func task(_ office: FakeOffice, in folder: URL) throws -> OfficeTask {
        let overview = Overview(
            office: try OfficeID("upt-contoh-utara"), zone: .wita, bridge: SigningKey().verifying,
            state: StateFolder(path: office.folder), journal: office.journal, board: office.board,
            host: office.host.host, boot: 1, startedAt: office.host.now,
            roll: PresenceRoll(office.journal, zone: .wita),
            sticks: { StickReport(held: []) }, sync: { SyncStatus(state: .notEnrolled) })
        return OfficeTask(
            page: Configuration.Page(
                file: "\(folder.path)/status.html", contact: "Bu Rini 0812-0000-0002"),
            metricsFile: "\(folder.path)/titian.prom", office: "upt-contoh-utara", zone: .wita,
            overview: overview, bell: Bell(), now: office.host.host.now, pace: office.host.pace,
            logger: office.log.logger)
    }

    private func content(_ folder: URL) throws -> [String: String] {
        var content: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let path = folder.appendingPathComponent(name)
            content[name] = try path.resourceValues(forKeys: [.contentModificationDateKey])
                .contentModificationDate.map { "\($0.timeIntervalSince1970)" }
        }
        return content
    }

    @Test func `are written on change only, and nothing goes to the state folder`() async throws {
        try await withTemporaryFolder { state in
            try await withTemporaryFolder { runtime in
                let office = try FakeOffice(in: state, [try FakeOffice.configured()]) { _ in nil }
                let task = try task(office, in: runtime)
                var files = OfficeFiles(logger: office.log.logger)
                let before = try content(state)
                await task.publish(&files)
                let first = try content(runtime)
                #expect(Set(first.keys) == ["status.html", "titian.prom"])
                await task.publish(&files)
                #expect(try content(runtime)["status.html"] == first["status.html"])
                await office.board.enter(.online, "lobi", because: nil)
                await task.publish(&files)
                let html = try String(
                    contentsOf: runtime.appendingPathComponent("status.html"), encoding: .utf8)
                #expect(html.contains("● terbaca"))
                #expect(html.contains("Bu Rini 0812-0000-0002"))
                #expect(try content(runtime)["status.html"] != first["status.html"])
                #expect(try content(state) == before)
            }
        }
    }

    @Test func `that cannot be written are told of once`() async throws {
        try await withTemporaryFolder { state in
            let office = try FakeOffice(in: state, []) { _ in nil }
            let task = try task(office, in: state.appendingPathComponent("none"))
            var files = OfficeFiles(logger: office.log.logger)
            await task.publish(&files)
            await task.publish(&files)
            #expect(office.log.lines.count == 2, "one for each file")
        }
    }
}

@Suite struct `A technician's word about clocks` {
    private let box = FakeHost()

    @Test func `is an entry marked as witnessed`() throws {
        let witness = ClockWitness(
            time: try #require(WallTime("2026-11-21T08:03:00")), host: box.now, source: "GPS")
        let entry = try witness.entry(zone: .wita, by: box.host)
        #expect(
            entry
                == .bridge(
                    .timeWitnessed,
                    detail: "2026-11-21T00:03:00.000Z: 2026-11-21T08:03:00 WITA, box showed "
                        + "2026-11-21T00:00:00.000Z (-180000 ms), box synced: true, read off: GPS"))
    }

    @Test func `about a clock that was set is three entries in order`() throws {
        let id = try TerminalID("zkteco:BWXP20126001")
        func reading(_ wall: String) throws -> ClockChange.Reading {
            ClockChange.Reading(
                device: try #require(WallTime(wall)), asked: box.now, answered: box.now)
        }
        let change = ClockChange(
            id, before: try reading("2026-11-21T08:03:00"),
            after: try reading("2026-11-21T08:00:00"))
        let entries = try change.entries(zone: .wita, by: box.host)
        #expect(entries.map(\.kind) == ["clock", "terminal", "clock"])
        #expect(
            entries[1]
                == .terminal(id, .clockSet, detail: "by hand: offset 180500 ms → 500 ms"))
    }

    @Test func `that makes no sense is refused`() throws {
        var witness = ClockWitness(
            time: try #require(WallTime("2026-11-21T08:03:00")), host: box.now, source: nil)
        witness.time = "yesterday"
        let wrong = witness
        #expect(throws: ControlError.badRequest) { try wrong.entry(zone: .wita, by: box.host) }
    }
}
