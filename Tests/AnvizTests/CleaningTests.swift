import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Anviz

@Suite struct `A cleaned talk of an Anviz terminal` {
    private func clean(_ talk: Talk, _ change: (inout Redaction) -> Void = { _ in }) throws -> Talk
    {
        var redaction = Redaction()
        change(&redaction)
        return try #require(AnvizDriver().clean(talk, redaction))
    }

    private func packets(_ talk: Talk) -> [Packet] {
        talk.steps.compactMap {
            switch $0 {
            case .toTerminal(let bytes), .fromTerminal(let bytes): Packet(wholeFrame: bytes[...])
            case .silence: nil
            }
        }
    }

    @Test func `does not give the line's password away`() throws {
        let login = Packet(
            request: Command.authenticate, device: 1,
            data: Order.authenticate(password: "48151623").data)
        let configuration = Packet(
            answer: Command.configuration1, device: 1,
            data: Array("05.18.A1".utf8) + [0x12, 0xD6, 0x87] + [0, 3, 1, 0, 0, 0, 1])
        let talk = Talk(steps: [.toTerminal(login.bytes), .fromTerminal(configuration.bytes)])
        let cleaned = packets(try clean(talk))
        #expect(cleaned.count == 2)
        #expect(cleaned[0].data == Order.authenticate(password: "1").data)
        #expect(
            cleaned[1].data == Array("05.18.A1".utf8) + [0, 0, 0] + [0, 3, 1, 0, 0, 0, 1])
    }

    @Test func `shows nothing of what is not understood, users first of all`() throws {
        let users = Packet(answer: 0x42, device: 1, data: [1] + Array("00017 rahasia Siti".utf8))
        let written = Packet(request: 0x43, device: 1, data: Array("Siti".utf8))
        let talk = Talk(steps: [.toTerminal(written.bytes), .fromTerminal(users.bytes)])
        let cleaned = packets(try clean(talk))
        #expect(cleaned.count == 2)
        #expect(cleaned.allSatisfy { packet in packet.data.allSatisfy { $0 == 0 } }, "\(cleaned)")
    }

    @Test func `has invented numbers in the log and in live punches alike, when asked`() throws {
        let time = WallTime(seconds: 1_795_167_900)
        let rows = [17, 198_765, 17].map { Records.encode(user: UInt64($0), time: time) }
        let block = Packet(answer: Command.download, device: 1, data: Records.block(rows))
        let live = Packet(answer: Command.live, device: 1, data: rows[1])
        let talk = Talk(steps: [
            .fromTerminal(block.bytes + live.bytes.prefix(9)),
            .fromTerminal(Array(live.bytes.dropFirst(9))),
        ])
        let kept = AnvizDriver().decode(try clean(talk))
        #expect(pins(kept) == ["17", "198765", "17", "198765"])
        let invented = pins(AnvizDriver().decode(try clean(talk) { $0.inventsPins = true }))
        #expect(invented.count == 4)
        #expect(invented[0] == invented[2] && invented[1] == invented[3])
        #expect(Set(invented).isDisjoint(with: ["17", "198765"]))
    }

    @Test func `hides serial number and addresses when asked`() throws {
        let serial = Packet(
            answer: Command.serialNumber, device: 1, data: Array("3005000012345678".utf8))
        let network = Packet(
            answer: Command.network, device: 1,
            data: [192, 168, 1, 77, 255, 255, 255, 0, 0, 0x22, 0xCA, 0xDE, 0xAD, 0xBE]
                + [192, 168, 1, 1, 10, 9, 8, 7, 0, 0x13, 0x92, 0, 0])
        let talk = Talk(steps: [.fromTerminal(serial.bytes), .fromTerminal(network.bytes)])
        #expect(try clean(talk) == talk)
        let cleaned = packets(try clean(talk) { $0.inventsSerials = true })
        #expect(cleaned[0].data.count == 16)
        #expect(cleaned[0].data != serial.data)
        #expect(NetworkFields.macAddress(in: cleaned[1].data) == "00:22:ca:73:15:02")
        #expect(cleaned[1].data.firstRange(of: [192, 168]) == nil)
        #expect(cleaned[1].data.firstRange(of: [10, 9, 8, 7]) == nil)
    }

    @Test func `keeps noise where it was`() throws {
        let clock = Packet(request: Command.clock, device: 1)
        let talk = Talk(steps: [
            .fromTerminal([0xA5, 1, 2] + clock.bytes + [0xFF]), .silence, .fromTerminal([0xA5]),
        ])
        #expect(try clean(talk) == talk)
    }

    private func pins(_ items: [DecodedItem]) -> [String] {
        items.compactMap {
            if case .record(.punch(let punch), _) = $0 { punch.pin.text } else { nil }
        }
    }
}
