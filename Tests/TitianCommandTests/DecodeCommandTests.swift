import Foundation
import TestSupport
import Testing

@testable import titian

@Suite struct `Decoding a file` {
    private func run(_ content: String, name: String, _ options: [String] = []) async throws
        -> CapturedRun
    {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent(name).path
            try content.write(toFile: path, atomically: true, encoding: .utf8)
            return await CapturedRun(["decode", path, "--json"] + options)
        }
    }

    private let row = "       17\t2026-11-21 08:02:09\t1\t0\t1\t0\n"

    @Test func `of a stick needs no make`() async throws {
        let run = try await run(row + row, name: "1_attlog.dat")
        #expect(run.lines.count == 3)
        #expect(run.lines[0].hasPrefix(#"{"type":"file","format":"attlog","rows":2"#))
        #expect(run.exitCode == 0)
    }

    @Test func `with a damaged row ends with a wish to be looked at`() async throws {
        let run = try await run(row + "       17\t2026-02-30 08:02:09\t1\t0\t1\t0\n", name: "a.dat")
        #expect(run.lines.last?.contains(#""type":"oddity""#) == true)
        #expect(run.exitCode == 1)
    }

    @Test func `of a talk says what each side meant`() async throws {
        let talk = "> 5050827d08000000e80317fc00000000\n< 5050827d08000000d5075bb2cf450000\n"
        let run = try await run(talk, name: "talk.hex", ["--driver", "zkteco"])
        #expect(run.lines.count == 2)
        #expect(run.lines[0].contains(#""name":"connect","direction":"to-terminal""#))
        #expect(run.exitCode == 0)
    }

    @Test func `of a talk without its make asks for the make`() async throws {
        let run = try await run("> 50 50\n", name: "talk.hex")
        #expect(run.errors.contains("cli.driver-missing"))
        #expect(run.exitCode == 64)
    }

    @Test func `that is none of ours says so`() async throws {
        let run = try await run("Dear all,\n", name: "letter.txt", ["--driver", "anviz"])
        #expect(run.errors.contains("cli.unknown-format"))
        #expect(run.exitCode == 65)
    }
}
