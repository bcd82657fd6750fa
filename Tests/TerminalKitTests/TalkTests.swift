import Attendance
import TerminalKit
import TestSupport
import Testing

@Suite struct `A recorded talk` {
    @Test func `is read with its directions, silences and comments`() throws {
        let talk = try Talk(
            parsing: """
                # Terminal: invented

                > A5 00 01     # a question
                ~
                <a500
                \tB0 C0
                """)
        #expect(
            talk.steps == [
                .toTerminal([0xA5, 0, 1]), .silence, .fromTerminal([0xA5, 0]),
                .fromTerminal([0xB0, 0xC0]),
            ])
        #expect(talk.received == [0xA5, 0, 0xB0, 0xC0])
    }

    @Test(arguments: ["> A5 0", "> hello", "> A5 > 00 0", "<", ">> zz"])
    func `names the line that is none`(line: String) {
        let error = #expect(throws: InvalidValue.self) {
            try Talk(parsing: "> A5 00\n\(line)\n")
        }
        #expect(error?.text == line)
    }

    @Test func `may be empty`() throws {
        #expect(try Talk(parsing: "\n# nothing\n").steps.isEmpty)
    }
}

@Suite struct `A recording link` {
    @Test func `writes what a test can play back`() async throws {
        let talk = Talk(steps: [
            .toTerminal([0xA5, 0x01]), .silence, .toTerminal([0xA5, 0x01]),
            .fromTerminal([0xA5, 0xFF, 0x00]),
        ])
        let (lines, writer) = AsyncStream.makeStream(of: String.self)
        let link = RecordingLink(ScriptedLink(talk)) { writer.yield($0) }
        try await link.send([0xA5, 0x01])
        await #expect(throws: LinkError.silent(after: .seconds(1))) {
            try await link.receive(within: .seconds(1))
        }
        try await link.send([0xA5, 0x01])
        #expect(try await link.receive(within: .seconds(1)) == [0xA5, 0xFF, 0x00])
        await link.close()
        writer.finish()
        var text = ""
        for await line in lines { text += line + "\n" }
        #expect(text == "> A5 01\n~\n> A5 01\n< A5 FF 00\n")
        #expect(try Talk(parsing: text) == talk)
    }

    @Test func `is a datagram line over a datagram line`() {
        let quiet = Talk(steps: [])
        #expect(RecordingLink(ScriptedLink(quiet, isDatagram: true)) { _ in }.isDatagram)
        #expect(!RecordingLink(ScriptedLink(quiet)) { _ in }.isDatagram)
    }
}
