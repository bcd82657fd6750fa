import Attendance
import Bridge
import Exchange
import Foundation
import Journal
import TestSupport
import Testing

@testable import titian

@Suite struct `Without titiand, titian` {
    /// Runs a command on a state folder with a journal of three entries, two of them punches.
    private func run(_ command: [String]) async throws -> CapturedRun {
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.path)
            try await fill(state)
            return await CapturedRun(
                command + [
                    "--state", state.path, "--control", "\(folder.path)/c.sock",
                    "--config", "\(folder.path)/bridge.toml",
                ])
        }
    }

    private func fill(_ state: StateFolder) async throws {
        try await OfflineJournal.with(state) { journal in
            let terminal = try TerminalID("zkteco:BWXP20126001")
            let punches = try (0..<2).map { second in
                EntryBody.punch(
                    terminal,
                    Punch(
                        pin: Pin(17),
                        time: try WallTime(
                            year: 2026, month: 11, day: 21, hour: 8, second: second),
                        verify: .finger, verifyNumber: 1, state: .checkIn, stateNumber: 0),
                    via: .log)
            }
            let moment = Moment(at: UTCTime(milliseconds: 1_795_564_800_000), boot: 1, up: 5_000)
            try await journal.record([.bridge(.start, detail: nil)] + punches, at: moment)
        }
    }

    @Test func `recomputes the chain itself`() async throws {
        let run = try await run(["journal", "verify", "--json"])
        #expect(run.output == #"{"entries":3,"purged":0,"whole":true}"# + "\n")
    }

    @Test func `checks the file itself`() async throws {
        #expect(try await run(["journal", "check"]).output == "● The file is whole.\n")
    }

    @Test func `copies every entry as it stands`() async throws {
        let all = try await run(["journal", "export"])
        #expect(all.lines.count == 3)
        #expect(all.lines[0].hasPrefix(#"{"seq":1,"at":"2026-11-25T00:00:00.000Z","boot":1"#))
        #expect(try await run(["journal", "export", "--from", "3"]).lines == [all.lines[2]])
    }

    @Test func `writes no courier file with nothing in it`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("kantor.courier").path
            let run = try await run(["export", file, "--from", "99"])
            #expect(run.errors.contains("There is nothing to carry"))
            #expect(run.exitCode == 66)
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func `does not call empty what it may not look into`() async throws {
        try await withTemporaryFolder { folder in
            let state = folder.appendingPathComponent("state").path
            try FileManager.default.createSymbolicLink(atPath: state, withDestinationPath: state)
            for command in [["journal", "status"], ["status"], ["journal", "evidence"]] {
                let run = await CapturedRun(
                    command + ["--state", state, "--control", "\(folder.path)/c.sock"])
                #expect(run.errors.contains(state), "\(command)")
                #expect(!run.errors.contains("no journal") && run.exitCode == 2, "\(command)")
            }
        }
    }

    @Test func `sets no clock by a zone that nobody has named`() async throws {
        let run = try await run([
            "clock", "set", "tcp://127.201.9.9:1", "--driver", "zkteco", "--anyway", "--yes",
        ])
        #expect(run.errors.contains("time zone is not known"))
        #expect(run.exitCode == 2)
    }

    @Test func `asks for the server that a code belongs to`() async throws {
        try await withTemporaryFolder { folder in
            let code = folder.appendingPathComponent("code.txt")
            try Data("titian1.abc".utf8).write(to: code)
            let run = try await run(["setup", "--code-file", code.path, "--yes"])
            #expect(run.errors.contains("--server"))
            #expect(run.exitCode != 0)
        }
    }

    @Test func `names a key's file so that titiand finds it from another folder`() {
        let here = FileManager.default.currentDirectoryPath
        #expect(SetupCommand.fromAnywhere("lobi.key") == "\(here)/lobi.key")
        #expect(SetupCommand.fromAnywhere("/a/b") == "/a/b")
    }

    @Test func `shows the newest punches`() async throws {
        let run = try await run(["punches", "-n", "1"])
        #expect(run.lines.count == 1)
        #expect(run.output.contains("2026-11-21 08:00:01"))
    }

    @Test func `counts what waits`() async throws {
        let run = try await run(["journal", "status"])
        #expect(run.output.contains("Queue        3\n"))
    }

    @Test func `makes no journal where there was none`() async throws {
        try await withTemporaryFolder { folder in
            let run = await CapturedRun([
                "journal", "verify", "--state", folder.path, "--control", "\(folder.path)/c.sock",
            ])
            #expect(run.exitCode == 2)
            #expect(run.errors.contains("there is no journal"))
            let made = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(made.isEmpty)
        }
    }
}

@Suite struct `The configuration command` {
    private func run(_ command: String, _ text: String) async throws -> CapturedRun {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("bridge.toml").path
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try "4711\n".write(
                toFile: folder.appendingPathComponent("lobi.key").path, atomically: true,
                encoding: .utf8)
            return await CapturedRun(["config", command, "--config", path, "--json"])
        }
    }

    static let office = "office = \"upt-contoh-utara\"\ntimezone = \"Asia/Makassar\"\n"
    static let terminal =
        "[[terminal]]\nname = \"lobi\"\ndriver = \"zkteco\"\nlink = \"tcp://127.0.0.1:4370\"\n"

    @Test func `shows defaults that nobody wrote`() async throws {
        let run = try await run("show", Self.office + Self.terminal)
        #expect(run.output.contains(#""poll_s":30,"live":true,"confirm":"never""#))
        #expect(
            run.output.contains(#""stick":{"import":true,"watch":["/media","/run/media","/mnt"]}"#))
        #expect(run.exitCode == 0)
    }

    @Test func `names every error for a script`() async throws {
        let run = try await run("check", Self.office + Self.terminal + "pol_s = 5\nlive = 1\n")
        #expect(run.errors.contains(#""code":"config.unknown-key""#))
        #expect(run.errors.contains(#""code":"config.wrong-type""#))
        #expect(run.exitCode == 78)
    }

    @Test func `finds a key file that is not there`() async throws {
        let key = "comm_key_file = \"/nonexistent/lobi.key\"\n"
        let run = try await run("check", Self.office + Self.terminal + key)
        #expect(run.errors.contains("config.comm-key"))
        #expect(run.exitCode == 78)
    }
}
