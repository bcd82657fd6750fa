import Foundation
import TestSupport
import Testing

@testable import titian

/// A recording dropped into `Tests/Fixtures/talks`, with a `.json` beside it that says what has
/// to come out, is a test: a technician's capture needs no code.
struct ExpectedTalk: CustomStringConvertible, Sendable {
    struct Expectation: Decodable, Sendable {
        var driver: String?
        /// `make:serial`.
        var terminal: String?
        var punches: Int?
        var oddities: Int?
        var live: Int?
        var complete: Bool?
        /// The problem the talk ends with.
        var code: String?
    }

    let path: String
    let expectation: Expectation
    var description: String { String(path.split(separator: "/").last ?? "") }

    static func all() throws -> [ExpectedTalk] {
        let folder = try projectFixture("talks")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            let sidecar = folder.appendingPathComponent(name)
            let talk = sidecar.deletingPathExtension().appendingPathExtension("talk")
            return ExpectedTalk(
                path: talk.path,
                expectation: try JSONDecoder().decode(
                    Expectation.self, from: try Data(contentsOf: sidecar)))
        }
    }
}

/// The last line of a replay.
private struct ReplayEnd: Decodable {
    var punches: Int
    var oddities: Int
    var live: Int
    var complete: Bool?
    var steps: Int
    var played: Int
    var code: String?
    var diverged_at: Int?
}

@Suite struct `A technician's capture` {
    @Test func `is there of each make that can be recorded`() throws {
        let makes = Set(try ExpectedTalk.all().map(\.expectation.driver))
        #expect(makes.isSuperset(of: ["zkteco", "anviz", "soyal"]))
    }

    @Test(arguments: try ExpectedTalk.all())
    func `yields what its page says`(_ talk: ExpectedTalk) async throws {
        let expected = talk.expectation
        let driver = expected.driver.map { ["--driver", $0] } ?? []
        let run = await CapturedRun(["trace", "replay", talk.path, "--json"] + driver)
        let last = try #require(run.lines.last)
        let end = try JSONDecoder().decode(ReplayEnd.self, from: Data(last.utf8))
        #expect(end.diverged_at == nil, "the driver asks otherwise: record the talk again")
        #expect(end.code == expected.code)
        if let punches = expected.punches { #expect(end.punches == punches) }
        if let oddities = expected.oddities { #expect(end.oddities == oddities) }
        if let live = expected.live { #expect(end.live == live) }
        if let complete = expected.complete { #expect(end.complete == complete) }
        if let terminal = expected.terminal {
            #expect(run.lines.first?.contains("\"terminal\":\"\(terminal)\"") == true)
        }
        #expect(run.exitCode == (end.code != nil ? 2 : end.oddities > 0 ? 1 : 0))
        if end.code == nil { #expect(end.played == end.steps) }
    }

    /// The line is cut after so many bytes from the terminal: what was read by then is in the whole
    /// talk too, so that reading it again adds nothing false. `make soak` cuts at every byte.
    @Test(arguments: try ExpectedTalk.all())
    func `invents nothing wherever its line is cut`(_ talk: ExpectedTalk) async throws {
        let isSoak = ProcessInfo.processInfo.environment["TITIAN_SOAK"] == "1"
        let text = try String(contentsOfFile: talk.path, encoding: .utf8)
        let driver = talk.expectation.driver.map { ["--driver", $0] } ?? []
        let whole = await CapturedRun(["trace", "replay", talk.path, "--json"] + driver)
        let truth = Set(whole.lines.filter { $0.contains("\"pin\"") })
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("cut.talk").path
            for offset in stride(from: 1, to: bytesReceived(text), by: isSoak ? 1 : 61) {
                try cut(text, after: offset).write(toFile: path, atomically: true, encoding: .utf8)
                let run = await CapturedRun(["trace", "replay", path, "--json"] + driver)
                let seen = Set(run.lines.filter { $0.contains("\"pin\"") })
                #expect(seen.isSubset(of: truth), "cut after byte \(offset)")
            }
        }
    }

    private func bytesReceived(_ text: String) -> Int {
        text.split(separator: "\n").filter { $0.hasPrefix("<") }
            .reduce(0) { $0 + $1.split(separator: " ").count - 1 }
    }

    /// The talk until so many bytes have come from the terminal; the last piece may be a part.
    private func cut(_ text: String, after limit: Int) -> String {
        var left = limit
        var lines: [Substring] = []
        for line in text.split(separator: "\n") {
            guard line.hasPrefix("<") else {
                lines.append(line)
                continue
            }
            let words = line.split(separator: " ")
            lines.append(Substring(words.prefix(left + 1).joined(separator: " ")))
            left -= words.count - 1
            if left <= 0 { break }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test(arguments: try ExpectedTalk.all())
    func `can be decoded without naming its make`(_ talk: ExpectedTalk) async {
        let run = await CapturedRun(["trace", "decode", talk.path, "--json"])
        #expect(run.lines.count > 2)
        #expect(run.exitCode <= 1)
    }
}

@Suite struct `Tracing` {
    private static let talk = """
        # Make: zkteco
        # Line: tcp
        # Asked: clock
        > 50 50 82 7D 08 00 00 00 E8 03 17 FC 00 00 00 00
        < 50 50 82 7D 08 00 00 00 D0 07 FC DA 33 1D 00 00

        """

    private func run(_ arguments: [String], _ text: String) async throws -> CapturedRun {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.talk").path
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return await CapturedRun(arguments.map { $0 == "FILE" ? path : $0 })
        }
    }

    @Test func `says where the driver asks otherwise than when it was recorded`() async throws {
        let more = "> 50 50 82 7D 08 00 00 00 FF 03 00 00 33 1D 01 00\n"
        let run = try await run(["trace", "replay", "FILE", "--json"], Self.talk + more)
        #expect(run.lines.last?.contains(#""diverged_at":2"#) == true)
        #expect(run.exitCode == 2)
        let told = try await self.run(["trace", "replay", "FILE"], Self.talk + more)
        #expect(told.output.contains("The driver asks otherwise at step 2"))
    }

    @Test func `of a file that is no talk says so`() async throws {
        let run = try await run(["trace", "replay", "FILE", "--driver", "anviz"], "Dear all,\n")
        #expect(run.exitCode == 65)
    }

    @Test func `needs a make that the file or the line names`() async throws {
        let unnamed = try await run(["trace", "replay", "FILE"], "> 01\n")
        #expect(unnamed.errors.contains("--driver"))
        let unknown = try await run(["trace", "replay", "FILE", "--driver", "x"], "> 01\n")
        #expect(unknown.errors.contains("\"x\""))
    }

    @Test func `never writes over a file`() async throws {
        let run = try await run(
            ["trace", "record", "tcp://127.201.9.9:1", "--driver", "zkteco", "-o", "FILE"],
            "precious\n")
        // Said before anybody is spoken with: a long talk is not lost to it.
        #expect(run.exitCode == 73)
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("b.talk").path
            try OutputFile.write(Array("a\n".utf8), to: path)
            #expect(throws: CommandError.self) { try OutputFile.write(Array("b\n".utf8), to: path) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "a\n")
        }
    }

    @Test(arguments: [
        (Duration.milliseconds(7), "# +0.007 s\n< A5 01\n"),
        (.milliseconds(61_512), "# +61.512 s\n< A5 01\n"),
    ])
    func `of whoever is there notes the time of each piece`(time: Duration, text: String) {
        #expect(ListenedLine.text([0xA5, 1], after: time) == text)
    }
}
