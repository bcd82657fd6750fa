import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Simulator
@testable import Soyal

/// Bytes published by others; each is decoded to what its page says, and however it is cut.
@Suite(.enabled(if: Fixtures.areExpected, "no TITIAN_FIXTURES: the recorded bytes are not here"))
struct `Published SOYAL bytes` {
    private static let names = [
        "soyal-log-power-on", "soyal-log-remove-oldest", "soyal-log-vendor-sample", "soyal-poll",
        "soyal-rtc-get", "soyal-user-add-get-erase",
    ]

    @Test(arguments: names)
    func `mean the same however they are cut`(name: String) throws {
        let talk = try talk(name)
        let whole = SoyalDriver().decode(talk)
        let length = talk.steps.map { $0.bytes.count }.max() ?? 1
        for chunk in 1...length {
            #expect(SoyalDriver().decode(talk.cut(into: chunk)) == whole)
        }
    }

    @Test(arguments: names)
    func `give nothing but noise behind a cut`(name: String) throws {
        for step in try talk(name).steps {
            for length in 1..<step.bytes.count {
                let items = SoyalDriver().decode(
                    Talk(steps: [.fromTerminal(Array(step.bytes.prefix(length)))]))
                #expect(items.allSatisfy { if case .noise = $0 { true } else { false } })
            }
        }
    }

    @Test(arguments: names)
    func `are rebuilt by the encoder`(name: String) throws {
        for packet in try packets(name) {
            let bytes = packet.bytes
            #expect(Packet(wholeFrame: bytes[...]) == packet)
            #expect(try talk(name).steps.contains { $0.bytes == bytes })
        }
    }

    @Test(arguments: ["soyal-log-power-on", "soyal-log-vendor-sample"])
    func `show an event as its page says`(name: String) throws {
        let page = try expectation(name)
        let packet = try #require(try packets(name).last)
        guard case .event(let event) = Answer(packet, to: Command.oldest) else {
            Issue.record("no event")
            return
        }
        for (key, value) in [
            ("function_code", Int(event.code)), ("source", Int(event.node)),
            ("weekday", Int(event.weekday)), ("port", Int(event.port)),
            ("addr", event.userAddress), ("sub", Int(event.subCode)), ("duty", Int(event.duty)),
            ("level", Int(event.level)), ("door", Int(event.door)),
        ] { #expect(page[key] as? Int == value, "\(key)") }
        #expect(event.time == (page["local"] as? String).flatMap { WallTime($0) })
        let card = [15, 16, 19, 20].map { event.data[$0] }
        #expect(card.hex.uppercased() == page["tag32"] as? String)
        guard case .oddity(let oddity) = Records.decode(event) else {
            Issue.record("an event that is no punch counts")
            return
        }
        let names = ["soyal-log-power-on": "power on", "soyal-log-vendor-sample": "unknown card"]
        #expect(oddity.reason == "no punch: \(names[name] ?? "")")
    }

    /// The card's number stands in the bytes and in no field.
    @Test func `show no card number`() throws {
        let items = SoyalDriver().decode(try talk("soyal-log-vendor-sample"))
        guard case .packet("event", false, let fields) = items.first else {
            Issue.record("\(items)")
            return
        }
        let text = fields.map { "\($0)" }.joined().lowercased()
        for part in ["8ea1", "4afe", "19198", "36513", "2392935166"] {
            #expect(!text.contains(part))
        }
    }

    @Test func `show a clock and who shows it`() throws {
        let page = try expectation("soyal-rtc-get")
        let answer = try packets("soyal-rtc-get")[1]
        let info = try #require(ControllerInfo(answer.data))
        #expect(info.time == (page["local"] as? String).flatMap { WallTime($0) })
        #expect(page["firmware"] as? String == "0x46 = \(info.firmware)")
        #expect(page["type"] as? String == "0xC3 \(info.model ?? "")")
        #expect(page["source"] as? Int == Int(info.data[0]))
        #expect(info.data[4] == 3)
        let items = SoyalDriver().decode(try talk("soyal-rtc-get"))
        guard case .packet("clock", false, let fields) = items.last else {
            Issue.record("\(items)")
            return
        }
        #expect(fields.contains(DecodedField("time", "2010-11-09T00:12:26")))
        #expect(fields.contains(DecodedField("model", "AR-821EFv5")))
    }

    @Test func `show how an event is removed`() throws {
        let packets = try packets("soyal-log-remove-oldest")
        let order = Order.removeOldest
        #expect(packets[0] == Packet(node: 1, command: order.command, data: order.data))
        #expect(Answer(packets[1], to: order.command) == .acknowledged)
        let page = try expectation("soyal-log-remove-oldest")
        #expect(page["source"] as? Int == Int(packets[1].data[0]))
        #expect(page["type"] as? String == "0x\([packets[1].data[1]].hex.uppercased())")
        #expect(page["firmware"] as? String == "0x\([packets[1].data[2]].hex)")
    }

    @Test func `show a poll`() throws {
        let packets = try packets("soyal-poll")
        let page = try expectation("soyal-poll")
        #expect(packets[0] == Packet(node: 1, command: Command.poll))
        #expect(Answer(packets[1], to: Command.poll) == .status([1, 0, 1, 0, 0x10, 0x40]))
        let bytes = packets[1].data.map { [$0].hex.uppercased() }.joined(separator: " ")
        #expect(page["status_bytes"] as? String == bytes)
        #expect(page["node"] as? Int == Int(packets[0].node))
    }

    /// People are none of this project's business: the frames are told from noise, and no more.
    @Test func `about people are named by their number and not read`() throws {
        let items = SoyalDriver().decode(try talk("soyal-user-add-get-erase"))
        let names = items.map { if case .packet(let name, _, _) = $0 { name } else { "-" } }
        #expect(names == ["command-84h", "command-87h", "data", "command-85h"])
        #expect(!"\(items)".lowercased().contains("8ea1"))
        let page = try expectation("soyal-user-add-get-erase")
        let packets = try packets("soyal-user-add-get-erase")
        #expect(page["address"] as? Int == Int(packets[0].data[1]) << 8 | Int(packets[0].data[2]))
        #expect(
            page["uid"] as? String == packets[2].data[1..<9].map { [$0].hex }.joined().uppercased())
        #expect(page["mode"] as? Int == Int(packets[2].data[13]))
        let date = packets[2].data[17..<20].map { Int($0) }
        #expect(page["expires"] as? String == "\(2_000 + date[0])-\(date[1])-\(date[2])")
    }

    // MARK: The simulator beside them

    @Test func `are what the simulator answers`() throws {
        let shown = try #require(WallTime("2010-11-09T00:12:26"))
        let settings = SimulatorSettings(serialNumber: "821EF0001")
        let terminal = SimulatedTerminal(make: "soyal", settings: settings) {
            shown.secondsSince1970(in: .wita)
        }
        for name in ["soyal-rtc-get", "soyal-log-remove-oldest", "soyal-poll"] {
            var line = SimulatedSoyal(terminal)
            let talk = try talk(name)
            let answered = line.answer(talk.steps[0].bytes).flatMap(\.self).flatMap(\.bytes)
            #expect(answered == talk.received, "\(name)")
        }
    }

    // MARK: Reading

    private func talk(_ name: String) throws -> Talk {
        try Talk(parsing: try Fixtures.text("anviz/\(name).hex"))
    }

    private func packets(_ name: String) throws -> [Packet] {
        try talk(name).steps.map { try #require(Packet(wholeFrame: $0.bytes[...])) }
    }

    private func expectation(_ name: String) throws -> [String: Any] {
        try #require(try Fixtures.expectation("anviz/\(name).md") as? [String: Any])
    }
}

extension Talk.Step {
    var bytes: [UInt8] {
        switch self {
        case .toTerminal(let bytes), .fromTerminal(let bytes): bytes
        case .silence: []
        }
    }
}

extension Talk {
    /// The same talk in pieces of `length` bytes.
    func cut(into length: Int) -> Talk {
        Talk(
            steps: steps.flatMap { step in
                stride(from: 0, to: step.bytes.count, by: length).map { start in
                    let piece = Array(step.bytes[start...].prefix(length))
                    if case .toTerminal = step { return .toTerminal(piece) }
                    return .fromTerminal(piece)
                }
            })
    }
}
