import Synchronization
import TestSupport
import Testing

@testable import TerminalKit

@Suite struct `Invented numbers for people` {
    @Test func `are as long as the real ones and the same for the same person`() {
        var pins = InventedPins()
        let real = ["17", "0017", "107", "131", "9", "199001012020121001", "NB2401004", "17"]
        for pin in real { pins.note(pin) }
        let other = real.map { pins.invent($0) }
        #expect(zip(real, other).allSatisfy { $0.0.utf8.count == $0.1.utf8.count })
        #expect(other[0] == other[7])
        #expect(other[1] == "00" + other[0], "zeros in front mean nothing")
        #expect(Set(other).count == Set(real).count)
        #expect(!zip(real, other).contains { $0.0 == $0.1 })
    }

    @Test func `are never somebody else's real one while others are free`() {
        var pins = InventedPins()
        let real = (100...400).map { "\($0)" }
        for pin in real { pins.note(pin) }
        let other = real.map { pins.invent($0) }
        #expect(Set(other).isDisjoint(with: real))
        #expect(Set(other).count == real.count)
    }

    @Test func `run out only where there are no others`() {
        var pins = InventedPins()
        let real = (1...9).map { "\($0)" }
        for pin in real { pins.note(pin) }
        #expect(Set(real.map { pins.invent($0) }).count == 9)
    }

    @Test(arguments: ["", "0", "000", "00000000000000000000001"])
    func `bear whatever a terminal sends`(pin: String) {
        var pins = InventedPins()
        #expect(pins.invent(pin).utf8.count >= pin.utf8.count)
    }
}

@Suite struct `A talk as a file` {
    @Test func `is read as it was written`() throws {
        let talk = Talk(steps: [.toTerminal([0xA5, 1]), .silence, .fromTerminal([2, 3])])
        let file = TalkFile(
            header: [("Make", "anviz"), ("Recorded", "2026-11-25T10:00:00Z by titian")], talk: talk)
        #expect(
            file.text == """
                # Make: anviz
                # Recorded: 2026-11-25T10:00:00Z by titian
                > A5 01
                ~
                < 02 03

                """)
        let again = try TalkFile(parsing: file.text)
        #expect(again == file)
        #expect(again["Recorded"] == "2026-11-25T10:00:00Z by titian")
        #expect(again["Station"] == nil)
    }

    @Test func `does not let a terminal's words become steps`() throws {
        let file = TalkFile(header: [("Model", "X\n> A5")], talk: Talk(steps: [.silence]))
        #expect(try TalkFile(parsing: file.text).talk.steps == [.silence])
    }
}

@Suite struct `A replayed talk` {
    private func link(_ text: String) throws -> ReplayLink {
        ReplayLink(try Talk(parsing: text), isDatagram: false)
    }

    @Test func `answers as the terminal did, and silences take no time`() async throws {
        let link = try link("> 01 02\n~\n< 03\n< 04\n> 05")
        try await link.send([1])
        try await link.send([2])
        await #expect(throws: LinkError.silent(after: .seconds(60))) {
            _ = try await link.receive(within: .seconds(60))
        }
        #expect(try await link.receive(within: .zero) == [3])
        #expect(try await link.receive(within: .zero) == [4])
        #expect(!link.hasMoreToHear)
        try await link.send([5])
        #expect(link.isFinished)
        #expect(link.divergence == nil)
        await #expect(throws: LinkError.closed(reason: "end of the talk")) {
            _ = try await link.receive(within: .seconds(1))
        }
    }

    @Test func `ends where the driver asks otherwise, and says how`() async throws {
        let link = try link("> 01\n< 02\n> 03\n< 04")
        try await link.send([1])
        _ = try await link.receive(within: .seconds(1))
        await #expect(throws: LinkError.closed(reason: "not in the talk")) {
            try await link.send([9])
        }
        #expect(link.divergence == .init(step: 2, said: [9], expected: [3]))
        #expect(link.played == 2)
    }

    @Test func `is silent where the driver waits for more than came`() async throws {
        let link = try link("> 01\n> 02")
        try await link.send([1])
        await #expect(throws: LinkError.silent(after: .seconds(2))) {
            _ = try await link.receive(within: .seconds(2))
        }
        try await link.send([2])
    }
}

@Suite struct `The bytes of a talk` {
    @Test func `are changed in place and cut where they were cut`() throws {
        var bytes = TalkBytes(try Talk(parsing: "> 01 02\n< 03\n~\n< 04 05\n> 06"))
        bytes.write([0xAA, 0xBB], at: 0, toTerminal: false)
        bytes.write([0xCC], at: 2, toTerminal: true)
        bytes.write([1, 2, 3, 4, 5, 6, 7], at: 1, toTerminal: true)
        #expect(bytes.talk == (try Talk(parsing: "> 01 02\n< AA\n~\n< BB 05\n> CC")))
    }
}

@Suite struct `A recorded line` {
    @Test func `ends with the line: what is said to nobody is no part of the talk`() async throws {
        let said = Lines()
        let link = RecordingLink(ReplayLink(try Talk(parsing: "> 01\n< 02"), isDatagram: false)) {
            said.add($0)
        }
        try await link.send([1])
        _ = try await link.receive(within: .seconds(1))
        _ = try? await link.receive(within: .seconds(1))
        try? await link.send([9])
        #expect(said.all == ["> 01", "< 02"])
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
