import Attendance
import Foundation
import TestSupport
import Testing

@testable import titian

@Suite struct `Beside a running titiand, titian` {
    static let first = #"{"seq":1,"at":"2026-11-21T00:02:11.120Z","kind":"bridge","event":"start"}"#
    static let second =
        #"{"seq":2,"at":"2026-11-21T00:02:12.120Z","kind":"punch","terminal":"zkteco:B1","#
        + #""pin":"17","time":"2026-11-21T08:02:09","verify":"finger","state":"in","via":"log"}"#
    static let entries = #"{"lines":[\#(first),\#(second)],"last":2}"#

    private func fixture(_ name: String) throws -> String {
        try String(contentsOf: try projectFixture("titian/\(name).json"), encoding: .utf8)
            .replacing("\n", with: "")
    }

    @Test func `prints the status as it came`() async throws {
        let status = try fixture("status-good")
        let run = try await withDaemon(answering: ["status": status]) {
            await CapturedRun(["status", "--json", "--control", $0])
        }
        #expect(run.output == status + "\n")
        #expect(run.exitCode == 0)
    }

    @Test(arguments: [("status-good", Int32(0)), ("status-new", 1), ("status-trouble", 2)])
    func `ends with what the status page concludes`(name: String, code: Int32) async throws {
        let run = try await withDaemon(answering: ["status": try fixture(name)]) {
            await CapturedRun(["status", "--control", $0])
        }
        #expect(run.exitCode == code)
        #expect(run.output.contains("upt-contoh-utara (WITA)"))
    }

    @Test func `lists the terminals one a line`() async throws {
        let run = try await withDaemon(answering: ["status": try fixture("status-good")]) {
            await CapturedRun(["terminals", "--json", "--control", $0])
        }
        #expect(run.lines.count == 2)
        #expect(run.lines[1].contains(#""name":"gudang""#))
    }

    @Test(arguments: [
        ["journal", "export"], ["tail", "--no-follow", "--json"], ["punches", "--json"],
    ])
    func `passes the journal's lines on byte for byte`(command: [String]) async throws {
        let run = try await withDaemon(
            answering: ["tail": Self.entries, "punches": Self.entries, "journal-status": "{}"]
        ) { await CapturedRun(command + ["--control", $0]) }
        #expect(run.lines == [Self.first, Self.second])
        #expect(run.exitCode == 0)
    }

    @Test func `says that the chain is whole`() async throws {
        let run = try await withDaemon(
            answering: ["journal-verify": #"{"whole":true,"entries":5530,"purged":0}"#]
        ) { await CapturedRun(["journal", "verify", "--control", $0]) }
        #expect(run.output == "● The chain is whole: 5,530 entries checked.\n")
        #expect(run.exitCode == 0)
    }

    @Test func `ends with a fault where the chain is broken`() async throws {
        let answer = #"{"whole":false,"entries":5530,"purged":0,"first_bad":17}"#
        let run = try await withDaemon(answering: ["journal-verify": answer]) {
            await CapturedRun(["journal", "verify", "--control", $0])
        }
        #expect(run.output.contains("at entry 17"))
        #expect(run.exitCode == 2)
    }

    @Test func `asks for a repair also where only the chain is broken, and claims nothing`()
        async throws
    {
        let answers = [
            "journal-check": #"{"whole":true}"#,
            "journal-verify": #"{"whole":false,"entries":5530,"purged":0,"first_bad":17}"#,
            "journal-repair": "{}",
        ]
        let plan = try await withDaemon(answering: answers) {
            await CapturedRun(["journal", "repair", "--control", $0])
        }
        #expect(plan.output.contains("at entry 17") && plan.exitCode == 2)
        let run = try await withDaemon(answering: answers) {
            await CapturedRun(["journal", "repair", "--yes", "--control", $0])
        }
        #expect(run.output.hasPrefix("▲ titiand was asked to repair the journal"))
        #expect(run.exitCode == 0)
    }

    @Test func `tells of the last call and the next`() async throws {
        let answer =
            #"{"state":"waiting","centre":"https://bkd.example.go.id","#
            + #""next_call_at":"2026-11-25T00:11:00.000Z","#
            + #""last_problem":{"code":"sync.timeout","id":"Waktu habis.","en":"Timed out."}}"#
        let run = try await withDaemon(answering: ["sync-status": answer, "sync-now": answer]) {
            await CapturedRun(["sync", "now", "--control", $0], language: .indonesian)
        }
        #expect(run.output.contains("TIDAK TERSAMBUNG  https://bkd.example.go.id"))
        #expect(run.output.contains("Waktu habis."))
        #expect(run.exitCode == 1)
    }

    @Test func `passes the daemon's own error on`() async throws {
        let error = #"{"error":{"code":"store.full","id":"Disk penuh.","en":"The disk is full."}}"#
        let run = try await withDaemon(answering: ["journal-check": error]) {
            await CapturedRun(["journal", "check", "--control", $0])
        }
        #expect(run.errors.hasPrefix("titian: The disk is full."))
        #expect(run.output.isEmpty)
        #expect(run.exitCode == 2)
    }

    @Test func `does not take nonsense for an answer`() async throws {
        let run = try await withDaemon(answering: ["status": "{}"]) {
            await CapturedRun(["status", "--control", $0])
        }
        #expect(run.errors.contains("gave no answer"))
        #expect(run.exitCode == 2)
    }
}
