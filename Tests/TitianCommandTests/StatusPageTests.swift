import Attendance
import Bridge
import Exchange
import Foundation
import Speech
import TestSupport
import Testing

@testable import titian

@Suite struct `The status page` {
    static let now = UTCTime(milliseconds: 1_795_564_800_000)  // 2026-11-25T00:00:00Z, 08:00 WITA

    private func page(_ name: String) throws -> StatusPage {
        let bytes = try Data(contentsOf: try projectFixture("titian/\(name).json"))
        return StatusPage(
            report: try WireJSON.decode(StatusReport.self, from: bytes), zone: .wita, now: Self.now)
    }

    @Test(
        arguments: ["status-good", "status-trouble", "status-new", "status-stick"],
        Language.allCases)
    func `reads as an office needs it`(name: String, language: Language) throws {
        try Speech.$language.withValue(language) {
            try expectGolden(try page(name).text, "titian/\(name).\(language.rawValue).txt")
        }
    }

    @Test(arguments: [
        ("status-good", Verdict.good), ("status-trouble", .fault), ("status-new", .attention),
        ("status-stick", .attention),
    ])
    func `ends with the worst of what it shows`(name: String, expected: Verdict) throws {
        #expect(try page(name).verdict == expected)
    }

    @Test func `asks for a look when a terminal's clock is more than a minute off`() throws {
        var report = try page("status-good").report
        report.terminals[0].offsetMilliseconds = -61_000
        #expect(StatusPage(report: report, zone: .wita, now: Self.now).verdict == .attention)
    }

    @Test func `says what to do first, the worst before the rest`() throws {
        var report = try page("status-good").report
        #expect(NextStep(report) == nil)
        report.sync.state = .waiting
        #expect(NextStep(report) == .waitForCentre)
        report.terminals[1].offsetMilliseconds = 120_000
        #expect(NextStep(report) == .setClock(terminal: "gudang"))
        report.host.diskFree = 1
        #expect(NextStep(report) == .freeDisk)
        report.sync.state = .refused
        #expect(NextStep(report) == .callCentre)
        report.terminals[0].state = .blocked
        #expect(NextStep(report) == .lookAfter(terminal: "lobi"))
    }

    /// A verdict other than good without an act would leave the reader where he was.
    @Test(arguments: ["status-good", "status-trouble", "status-new", "status-stick"])
    func `has an act exactly where it has trouble`(name: String) throws {
        let report = try page(name).report
        #expect((NextStep(report) == nil) == (report.severity == nil))
    }

    @Test func `asks for a look when the disk is nearly full`() throws {
        var report = try page("status-good").report
        report.host.diskFree = report.host.diskTotal / 21
        #expect(StatusPage(report: report, zone: .wita, now: Self.now).verdict == .attention)
    }

    /// Its coverage stands still until there is a record; that is no fault, and nothing is late.
    @Test(arguments: [
        (Language.indonesian, "0/100.000 rekaman  log kosong sejak 05:12, dibaca 07:59"),
        (.english, "0/100,000 records  log empty since 05:12, read 07:59"),
    ])
    func `says of an empty log since when it is empty`(language: Language, words: String) throws {
        var report = try page("status-good").report
        report.terminals[0].records = 0
        report.terminals[0].coverage = CoverageStatus(
            from: "2026-11-24T21:12:00.000Z", through: "2026-11-24T21:12:00.000Z", seq: 9)
        let page = StatusPage(report: report, zone: .wita, now: Self.now)
        #expect(page.verdict == .good)
        Speech.$language.withValue(language) {
            #expect(page.text.contains(words))
        }
    }

    @Test func `names a terminal that pushes and may not`() throws {
        var report = try page("status-good").report
        let json = """
            {"listen":"http://0.0.0.0:8081","refused_requests":12,"refused":[
            {"serial_number":"ASING1","peer":"192.168.1.50","requests":12,"last_at":"2026-11-24T23:00:00.000Z"}]}
            """
        report.push = try WireJSON.decode(PushReport.self, from: json.utf8)
        let page = StatusPage(report: report, zone: .wita, now: Self.now)
        #expect(page.verdict == .attention)
        Speech.$language.withValue(.english) {
            #expect(page.text.contains("refused: terminal ASING1 at 192.168.1.50"))
        }
    }

    @Test func `has colours only where they are wanted`() throws {
        var page = try page("status-trouble")
        #expect(!page.text.contains("\u{1B}"))
        page.palette = Palette(isColoured: true)
        #expect(page.text.contains("\u{1B}[31;1m"))
    }
}

@Suite struct `What is told while titiand does not run` {
    @Test(arguments: Language.allCases)
    func `begins with that, and says how many entries wait`(language: Language) throws {
        try Speech.$language.withValue(language) {
            var status = OfflineStatus(
                office: "upt-contoh-utara", bridge: "9f3a5b7c01d2e3f4",
                sync: SyncStatus(state: .waiting, centre: "https://bkd.example.go.id:8443"))
            status.journal = try WireJSON.decode(
                JournalReport.self,
                from: Data(contentsOf: try projectFixture("titian/journal-status.json")))
            try expectGolden(status.text, "titian/status-offline.\(language.rawValue).txt")
        }
    }
}
