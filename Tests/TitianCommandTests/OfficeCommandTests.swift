import Attendance
import Bridge
import Exchange
import Foundation
import Journal
import Speech
import TestSupport
import Testing

@testable import titian

@Suite struct `Who is missing, for titian` {
    static let report =
        #"{"date":"2026-11-25","timezone":"Asia/Makassar","host_synced":true,"known":41,"#
        + #""present":38,"missing":[{"pin":"7","last":"2026-11-24T16:02:11"},"#
        + #"{"pin":"112","last":"2026-11-03T07:58:00"}],"#
        + #""doubts":[{"name":"gudang","reason":"unreachable","since":"2026-11-22T08:20:00.000Z"}]}"#

    @Test(arguments: Language.allCases)
    func `reads like this`(language: Language) async throws {
        let run = try await withDaemon(answering: ["missing": Self.report]) {
            await CapturedRun(["missing", "--control", $0], language: language)
        }
        try expectGolden(run.output, "titian/missing.\(language.rawValue).txt")
        #expect(run.exitCode == 1)
    }

    @Test func `is the daemon's answer for scripts`() async throws {
        let run = try await withDaemon(answering: ["missing": Self.report]) {
            await CapturedRun(["missing", "--json", "--control", $0])
        }
        try expectGolden(run.output, "titian/missing.json.txt")
    }

    @Test(arguments: [(true, Int32(0)), (false, 1)])
    func `is nobody where all have come, if the box knows its day`(
        synced: Bool, code: Int32
    ) async throws {
        let answer =
            #"{"date":"2026-11-25","timezone":"Asia/Makassar","host_synced":\#(synced),"#
            + #""known":41,"present":41,"missing":[],"doubts":[]}"#
        let run = try await withDaemon(answering: ["missing": answer]) {
            await CapturedRun(["missing", "--control", $0])
        }
        #expect(run.exitCode == code)
        #expect(run.output.contains("0 of 41"))
    }

    @Test func `is read from the journal where no daemon runs`() async throws {
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.path)
            let now = Host.system.now()
            try await OfflineJournal.with(state) { journal in
                let yesterday = now.wallTime(in: .wita).advanced(by: -86_400)
                let punch = Punch(
                    pin: Pin(17), time: yesterday, verify: .finger, verifyNumber: 1,
                    state: .checkIn, stateNumber: 0)
                try await journal.record(
                    [.punch(try TerminalID("zkteco:BWXP20126001"), punch, via: .log)],
                    at: Moment(at: now, boot: 1, up: 5_000))
            }
            let run = await CapturedRun([
                "missing", "--json", "--state", state.path, "--control", "\(folder.path)/c.sock",
                "--config", "\(folder.path)/bridge.toml",
            ])
            #expect(run.output.contains(#""pin":"17""#))
            #expect(run.exitCode == 1)
        }
    }

    @Test func `cannot be told where nothing was ever written`() async throws {
        try await withTemporaryFolder { folder in
            let run = await CapturedRun([
                "missing", "--state", folder.path, "--control", "\(folder.path)/c.sock",
            ])
            #expect(run.exitCode == 2)
        }
    }
}

@Suite struct `The clocks, for titian` {
    private func page(_ name: String) throws -> ClockPage {
        let bytes = try Data(contentsOf: try projectFixture("titian/\(name).json"))
        return ClockPage(
            report: try WireJSON.decode(StatusReport.self, from: bytes), zone: .wita,
            now: `The status page`.now)
    }

    @Test(arguments: ["status-good", "status-trouble", "status-new"], Language.allCases)
    func `read like this`(name: String, language: Language) throws {
        try Speech.$language.withValue(language) {
            try expectGolden(try page(name).text, "titian/clock-\(name).\(language.rawValue).txt")
        }
    }

    @Test(arguments: ["status-good", "status-trouble"])
    func `are one object for scripts`(name: String) throws {
        let json = String(decoding: try page(name).json, as: UTF8.self)
        try expectGolden(json + "\n", "titian/clock-\(name).json.txt")
    }

    @Test func `ask for a look where one is off or nobody keeps the box's right`() throws {
        #expect(try page("status-good").verdict == .good)
        #expect(try page("status-trouble").verdict == .attention)
        var report = try page("status-good").report
        report.host.synced = false
        #expect(
            ClockPage(report: report, zone: .wita, now: `The status page`.now).verdict == .attention
        )
    }
}

@Suite struct `A witnessed time` {
    private func run(_ arguments: [String], in folder: URL) async -> CapturedRun {
        await CapturedRun(
            ["clock", "witness"] + arguments + [
                "--state", folder.path, "--control", "\(folder.path)/c.sock",
                "--config", "\(folder.path)/bridge.toml",
            ])
    }

    @Test func `goes into the journal marked as such, and changes no punch`() async throws {
        try await withTemporaryFolder { folder in
            let noted = await run(["2026-11-25T08:03", "--source", "GPS"], in: folder)
            #expect(noted.output.contains("Noted as entry #1: 2026-11-25 08:03:00 was witnessed"))
            let lines = try await OfflineJournal.read(in: StateFolder(path: folder.path)) {
                try await $0.lines(from: 1, limit: 10)
            }
            let first = try #require(lines?.first)
            let entry = try #require(EntryFields(line: first.line))
            #expect(entry.kind == "bridge" && entry.event == "time-witnessed")
            #expect(entry.detail?.hasPrefix("2026-11-25T00:03:00.000Z: ") == true)
            #expect(entry.detail?.hasSuffix("read off: GPS") == true)
            #expect(lines?.count == 1)
        }
    }

    @Test(arguments: ["yesterday", "2026-13-25T08:03", "08:03", ""])
    func `has to be a time`(text: String) async throws {
        try await withTemporaryFolder { folder in
            #expect(await run([text], in: folder).exitCode == 64)
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/journal.db"))
        }
    }

    @Test func `is kept by the daemon where one runs`() async throws {
        let run = try await withDaemon(answering: ["clock-witnessed": #"{"seq":5531}"#]) {
            await CapturedRun(["clock", "witness", "2026-11-25T08:03:07", "--control", $0])
        }
        #expect(run.output.contains("entry #5,531"))
    }
}
