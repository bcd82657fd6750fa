import Attendance
import Foundation
import TerminalKit
import TestSupport
import Testing
import ZKTeco

@testable import Simulator

/// Talks between pyzk and the simulated terminal, recorded by `Tests/Rigs/pyzk/record_talks.py`.
struct RecordedTalk: CustomStringConvertible {
    let name: String
    let talk: Talk
    let options: [String]
    var description: String { name }
    var isDatagram: Bool { name.contains("udp") }

    static func all() throws -> [RecordedTalk] {
        let folder = try projectFixture("talks")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try files.filter { $0.hasPrefix("pyzk") && $0.hasSuffix(".talk") }.sorted().map {
            name in
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            let head = text.split(separator: "\n").first ?? ""
            return RecordedTalk(
                name: name, talk: try Talk(parsing: text),
                options: head.split(separator: " ").map(String.init))
        }
    }

    /// The terminal as the first line of the file describes it.
    var terminal: SimulatedTerminal {
        func option(_ name: String) -> Int? {
            options.firstIndex(of: name).flatMap { Int(options[$0 + 1]) }
        }
        return zkTerminal { settings in
            settings.records = option("--records") ?? settings.records
            settings.users = option("--users") ?? settings.users
            settings.seed = UInt64(option("--seed") ?? 1)
            settings.commKey = UInt32(option("--comm-key") ?? 0)
            settings.recordSize = option("--record-size") ?? settings.recordSize
        }
    }
}

@Suite struct `A talk with an independent client` {
    @Test func `is there to be held to`() throws {
        #expect(try RecordedTalk.all().count >= 4)
    }

    @Test(arguments: try RecordedTalk.all())
    func `is what the simulated terminal still answers`(_ recorded: RecordedTalk) {
        var conversation = SimulatedZKTeco(recorded.terminal, isDatagram: recorded.isDatagram)
        var answered: [UInt8] = []
        for case .toTerminal(let bytes) in recorded.talk.steps {
            answered += conversation.answer(bytes).flatMap(\.self).flatMap(\.bytes)
        }
        #expect(answered == recorded.talk.received)
    }

    @Test(arguments: try RecordedTalk.all())
    func `has packets that decode, both ways`(_ recorded: RecordedTalk) {
        for step in recorded.talk.steps {
            guard case .toTerminal(let bytes) = step else {
                if case .fromTerminal(let bytes) = step { expectPackets(bytes, recorded) }
                continue
            }
            expectPackets(bytes, recorded)
        }
    }

    private func expectPackets(_ bytes: [UInt8], _ recorded: RecordedTalk) {
        if recorded.isDatagram {
            #expect(Packet(datagram: bytes)?.datagram == bytes)
            return
        }
        var decoder = PacketDecoder()
        decoder.feed(bytes)
        var again: [UInt8] = []
        while case .packet(let packet) = decoder.next() { again += packet.frame }
        #expect(again == bytes)
    }
}

private func zkTerminal(_ change: (inout SimulatorSettings) -> Void) -> SimulatedTerminal {
    terminal("zkteco", change)
}
