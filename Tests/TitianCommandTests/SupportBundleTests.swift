import Attendance
import Bridge
import Exchange
import Foundation
import Journal
import TestSupport
import Testing

@testable import titian

@Suite struct `A support bundle` {
    /// A dead box whose journal has one punch, and a configuration that nobody can read.
    private func withBox(_ body: (URL, [String]) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let punch = Punch(
                pin: Pin(4_815_162), time: try WallTime(year: 2026, month: 11, day: 21, hour: 8),
                verify: .finger, verifyNumber: 1, state: .checkIn, stateNumber: 0)
            _ = try await OfflineJournal.with(StateFolder(path: folder.path)) { journal in
                try await journal.record(
                    [.punch(try TerminalID("zkteco:BWXP20126001"), punch, via: .log)],
                    at: Moment(at: UTCTime(milliseconds: 1_795_564_800_000), boot: 1, up: 5_000))
            }
            try Data("office = \"upt\ncomm_key = 48151623\n".utf8)
                .write(to: folder.appendingPathComponent("bridge.toml"))
            try await body(
                folder,
                [
                    "support-bundle", "--output", "\(folder.path)/b.tar.gz", "--state", folder.path,
                    "--control", "\(folder.path)/c.sock", "--config", "\(folder.path)/bridge.toml",
                ])
        }
    }

    private func unpacked(_ folder: URL) throws -> [String: String] {
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzf", "\(folder.path)/b.tar.gz", "-C", folder.path]
        try tar.run()
        tar.waitUntilExit()
        let place = folder.appendingPathComponent("titian-bundle")
        var parts: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: place.path) {
            parts[name] = try String(
                contentsOf: place.appendingPathComponent(name), encoding: .utf8)
        }
        return parts
    }

    @Test func `is made of a box whose daemon is dead, without PINs and keys`() async throws {
        try await withBox { folder, command in
            let run = await CapturedRun(command + ["--json"])
            #expect(run.exitCode == 0, "\(run.errors)")
            let parts = try unpacked(folder)
            #expect(
                parts.keys.sorted().filter { $0 != "titiand.log" } == [
                    "box.json", "configuration.toml", "doctor.json", "entries.ndjson",
                    "manifest.json", "status.json",
                ])
            #expect(parts["entries.ndjson"]?.contains("pin-") == true)
            #expect(parts["status.json"]?.contains(#""running":false"#) == true)
            for (name, text) in parts {
                #expect(!text.contains("4815162"), "\(name)")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/b.tar.gz")
            #expect(mode[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `is made of a damaged journal too, and says so`() async throws {
        try await withBox { folder, command in
            let path = "\(folder.path)/journal.db"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes.replaceSubrange(0..<200, with: [UInt8](repeating: 0x55, count: 200))
            try bytes.write(to: URL(fileURLWithPath: path))
            let run = await CapturedRun(command, language: .english)
            #expect(run.exitCode == 0, "\(run.errors)")
            let parts = try unpacked(folder)
            #expect(parts["manifest.json"]?.contains("salvaged") == true)
            #expect(parts["entries.ndjson"]?.contains("zkteco:BWXP20126001") == true)
            #expect(!parts.values.contains { $0.contains("4815162") })
            #expect(run.output.contains("Without names, keys and PINs"))
        }
    }

    @Test func `has PINs where somebody asks for them`() async throws {
        try await withBox { folder, command in
            _ = await CapturedRun(command + ["--with-pins"])
            let parts = try unpacked(folder)
            #expect(parts["entries.ndjson"]?.contains(#""pin":"4815162""#) == true)
        }
    }

    @Test func `has a log without what people have written`() {
        let log = """
            2026-11-27T08:00:00+0800 kotak titiand[7]: notice titiand: file=/media/stik/Rapat "A" [rahasia]/1_attlog.dat \
            new=3 [Bridge] stick file taken in
            2026-11-27T08:00:01+0800 kotak titiand[7]: bridge.toml:7: 'proxy' cannot be "sandi-contoh"
            2026-11-27T08:00:02+0800 kotak titiand[7]: notice titiand: terminal=lobi [Bridge] online

            """
        let text = String(decoding: BlankedLog.text(of: Array(log.utf8)), as: UTF8.self)
        #expect(!text.contains("Rapat") && !text.contains("rahasia") && !text.contains("sandi"))
        #expect(text.contains("file=(blanked) [Bridge] stick file taken in"))
        #expect(text.contains("'proxy' cannot be \"…\""))
        #expect(text.contains("terminal=lobi [Bridge] online\n"))
    }

    @Test func `is never written over another file`() async throws {
        try await withBox { folder, command in
            try Data("x".utf8).write(to: folder.appendingPathComponent("b.tar.gz"))
            let run = await CapturedRun(command, language: .english)
            #expect(run.exitCode == 73)
            #expect(try String(contentsOfFile: "\(folder.path)/b.tar.gz", encoding: .utf8) == "x")
        }
    }

    @Test func `has a name that says whose it is and when`() throws {
        let now = try #require(UTCTime("2026-11-25T00:12:03.000Z"))
        #expect(
            SupportBundleCommand.name(office: "upt-contoh-utara", at: now)
                == "titian-upt-contoh-utara-20261125-001203.tar.gz")
    }
}
