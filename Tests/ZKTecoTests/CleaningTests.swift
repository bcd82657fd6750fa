import Attendance
import Foundation
import Synchronization
import TerminalKit
import TestSupport
import Testing

@testable import ZKTeco

/// Talks of an independent client with keys, names and people in them.
@Suite struct `A cleaned talk of a ZKTeco terminal` {
    private static let names = ["pyzk-tcp", "pyzk-tcp-key", "pyzk-udp", "pyzk-udp-16"]

    private func talk(_ name: String) throws -> Talk {
        try TalkFile(
            parsing: String(
                contentsOf: try projectFixture("talks/\(name).talk"), encoding: .utf8)
        ).talk
    }

    private func clean(_ talk: Talk, _ change: (inout Redaction) -> Void = { _ in }) throws -> Talk
    {
        var redaction = Redaction()
        change(&redaction)
        return try #require(ZKTecoDriver().clean(talk, redaction))
    }

    private func bytes(_ talk: Talk) -> [UInt8] {
        let bytes = TalkBytes(talk)
        return bytes.toTerminal + bytes.fromTerminal
    }

    private func lengths(_ talk: Talk) -> [Int] {
        talk.steps.map {
            switch $0 {
            case .toTerminal(let bytes), .fromTerminal(let bytes): bytes.count
            case .silence: 0
            }
        }
    }

    private func noise(_ items: [DecodedItem]) -> Int {
        items.count { if case .noise = $0 { true } else { false } }
    }

    private func pins(_ talk: Talk) -> [String] {
        ZKTecoDriver().decode(talk).compactMap {
            if case .record(.punch(let punch), _) = $0 { punch.pin.text } else { nil }
        }
    }

    @Test(arguments: names)
    func `has no name in it, and is read as before`(name: String) throws {
        let talk = try talk(name)
        #expect(bytes(talk).firstRange(of: Array("Pegawai".utf8)) != nil || name == "pyzk-udp-16")
        let cleaned = try clean(talk)
        #expect(bytes(cleaned).firstRange(of: Array("Pegawai".utf8)) == nil)
        #expect(bytes(cleaned).firstRange(of: Array("Pegaw".utf8)) == nil)
        #expect(lengths(cleaned) == lengths(talk))
        let before = ZKTecoDriver().decode(talk)
        let after = ZKTecoDriver().decode(cleaned)
        #expect(noise(after) == noise(before))
        #expect(before.count == after.count)
        #expect(pins(cleaned) == pins(talk))
    }

    @Test func `does not give the key away, nor says that there was none`() throws {
        let talk = try talk("pyzk-tcp-key")
        let real = CommKey.scramble(key: 4_711, session: 0x1D33)
        let invented = CommKey.scramble(key: Redaction.key, session: 0x1D33)
        #expect(bytes(talk).firstRange(of: real) != nil)
        let cleaned = bytes(try clean(talk))
        #expect(cleaned.firstRange(of: real) == nil)
        #expect(cleaned.firstRange(of: invented) != nil)
    }

    @Test(arguments: names)
    func `has only invented numbers, each person's the same everywhere`(name: String) throws {
        let talk = try talk(name)
        let cleaned = try clean(talk) { $0.inventsPins = true }
        let real = pins(talk)
        let other = pins(cleaned)
        #expect(real.count == other.count && !real.isEmpty)
        #expect(Set(other).isDisjoint(with: real))
        #expect(Set(zip(real, other).map { "\($0.0) \($0.1)" }).count == Set(real).count)
        for pin in Set(real) where pin.utf8.count >= 3 {
            let padded = Array(pin.utf8) + [0, 0, 0]
            #expect(bytes(cleaned).firstRange(of: padded) == nil, "\(pin)")
        }
    }

    @Test func `hides serial number and addresses when asked`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup())
        let lines = Lines()
        let link = RecordingLink(terminal) { lines.add($0) }
        let session = try await ZKTecoDriver().open(link)
        let identity = try await session.identify()
        await session.close()
        let talk = try Talk(parsing: lines.text)
        #expect(bytes(talk).firstRange(of: Array(identity.serial.utf8)) != nil)
        let cleaned = try clean(talk) { $0.inventsSerials = true }
        #expect(bytes(cleaned).firstRange(of: Array(identity.serial.utf8)) == nil)
        #expect(bytes(cleaned).firstRange(of: Array("8A:2B:3C".utf8)) == nil)
        let replay = ReplayLink(cleaned, isDatagram: false)
        let again = try await (try await ZKTecoDriver().open(replay)).identify()
        #expect(again.serial.count == identity.serial.count)
        #expect(again.mac?.hasPrefix("00:17:61:") == true)
        #expect(again.model == identity.model)
    }

    @Test func `of events has invented numbers too`() throws {
        let time = Samples.time(0)
        let event = Samples.event(pin: "198765", at: time)
        let talk = Talk(steps: [.fromTerminal(event.frame), .fromTerminal(event.frame)])
        let cleaned = try clean(talk) { $0.inventsPins = true }
        #expect(bytes(cleaned).firstRange(of: Array("198765".utf8)) == nil)
        #expect(pins(cleaned).count == 2)
        #expect(Set(pins(cleaned)).count == 1)
    }

    @Test func `of a user another program wrote has neither name nor password`() throws {
        var record = [UInt8](repeating: 0, count: 72)
        record[0] = 7
        record.replaceSubrange(3..<9, with: Array("rahasi".utf8))
        record.replaceSubrange(11..<15, with: Array("Siti".utf8))
        record.replaceSubrange(48..<50, with: Array("17".utf8))
        let packet = Packet(command: Command.userWrite, session: 1, reply: 2, data: record)
        let cleaned = try clean(Talk(steps: [.toTerminal(packet.frame)]))
        #expect(bytes(cleaned).firstRange(of: Array("Siti".utf8)) == nil)
        #expect(bytes(cleaned).firstRange(of: Array("rahasi".utf8)) == nil)
        #expect(Packet(datagram: bytes(cleaned).dropFirst(8))?.data[48] == UInt8(ascii: "1"))
    }

    @Test func `shows nothing of templates that another program read`() throws {
        let secret = Array("template".utf8)
        let packets = [
            Packet(command: Command.tableRead, session: 1, reply: 3, data: [2]),
            Packet(command: Command.data, session: 1, reply: 3, data: [8, 0, 0, 0] + secret),
            Packet(command: 88, session: 1, reply: 4, data: secret),
            Packet(command: Command.data, session: 1, reply: 4, data: [8, 0, 0, 0] + secret),
            Packet(command: 88, session: 1, reply: 5, data: secret),
            Packet(command: Command.ackOK, session: 1, reply: 5, data: secret),
        ]
        let talk = Talk(
            steps: packets.map {
                [Command.tableRead, 88].contains($0.command)
                    ? .toTerminal($0.frame) : .fromTerminal($0.frame)
            })
        #expect(bytes(talk).firstRange(of: secret) != nil)
        #expect(bytes(try clean(talk)).firstRange(of: secret) == nil)
        #expect(lengths(try clean(talk)) == lengths(talk))
    }

    @Test(arguments: 0..<300)
    func `keeps lengths whatever stands in it`(seed: Int) throws {
        var bytes = self.bytes(try talk(Self.names[seed % 4]))
        bytes[(seed * 7_919) % bytes.count] ^= UInt8(truncatingIfNeeded: 1 << (seed % 8))
        let cut = (seed * 104_729) % bytes.count
        let talk = Talk(steps: [
            .toTerminal(Array(bytes[..<cut])), .fromTerminal(Array(bytes[cut...])),
            .fromTerminal(bytes),
        ])
        let cleaned = try clean(talk) {
            $0.inventsPins = seed.isMultiple(of: 2)
            $0.inventsSerials = true
        }
        #expect(lengths(cleaned) == lengths(talk))
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
