import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Soyal

@Suite struct `A cleaned talk of a SOYAL controller` {
    private func clean(_ talk: Talk, _ change: (inout Redaction) -> Void = { _ in }) throws -> Talk
    {
        var redaction = Redaction()
        change(&redaction)
        return try #require(SoyalDriver().clean(talk, redaction))
    }

    private func packets(_ talk: Talk) -> [Packet] {
        talk.steps.compactMap {
            switch $0 {
            case .toTerminal(let bytes), .fromTerminal(let bytes): Packet(wholeFrame: bytes[...])
            case .silence: nil
            }
        }
    }

    private func event(code: UInt8, user: UInt8) -> Packet {
        var data = [UInt8](repeating: 0xCC, count: EventFrame.length)
        data.replaceSubrange(0..<11, with: [1, 5, 30, 7, 2, 3, 3, 26, 17, 3, user])
        data[11] = 0
        return Packet(node: 0, command: code, data: data)
    }

    @Test func `has no card and no typed code in it, and the same punches`() throws {
        let question = Packet(node: 1, command: Command.oldest)
        let talk = Talk(steps: [
            .toTerminal(question.bytes),
            .fromTerminal(event(code: EventCode.finger, user: 9).bytes),
            .fromTerminal(event(code: EventCode.unknownCard, user: 9).bytes),
        ])
        let cleaned = packets(try clean(talk))
        #expect(cleaned.count == 3)
        #expect(cleaned[1].data[9...10] == [3, 9])
        #expect(cleaned[2].data[9...10] == [0, 0])
        for index in [15, 16, 19, 20] + Array(21...28) {
            #expect(cleaned[1].data[index] == 0 && cleaned[2].data[index] == 0)
        }
        #expect(cleaned[1].data[17] == 0xCC, "the door stays")
        let punches = SoyalDriver().decode(try clean(talk)).filter {
            if case .record(.punch, _) = $0 { true } else { false }
        }
        #expect(punches.count == 1)
    }

    @Test func `has invented users when asked, the same for the same person`() throws {
        let talk = Talk(
            steps: [9, 10, 9].map {
                .fromTerminal(event(code: EventCode.finger, user: $0).bytes)
            })
        let users = packets(try clean(talk) { $0.inventsPins = true }).map {
            Array($0.data[9...10])
        }
        #expect(users[0] == users[2] && users[0] != users[1])
        #expect(users[0] != [3, 9] && users[1] != [3, 10])
    }

    @Test func `shows nothing of users that another program read or wrote`() throws {
        let question = Packet(node: 1, command: 0x87, data: [0, 1, 1])
        let answer = Packet(
            node: 0, command: AnswerCode.data, data: [1] + [UInt8](repeating: 0x77, count: 24))
        let clock = Packet(node: 1, command: Command.clock)
        let time = Packet(node: 0, command: AnswerCode.data, data: Array(1...32))
        let talk = Talk(steps: [
            .toTerminal(question.bytes), .fromTerminal(answer.bytes), .toTerminal(clock.bytes),
            .fromTerminal(time.bytes),
        ])
        let cleaned = packets(try clean(talk))
        #expect(Set(cleaned[1].data) == [0])
        #expect(cleaned[3] == time)
    }
}
