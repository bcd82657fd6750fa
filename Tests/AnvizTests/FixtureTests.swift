import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Anviz

/// Bytes published by others; each is decoded to what its page says, and however it is cut.
@Suite(.enabled(if: Fixtures.areExpected, "no TITIAN_FIXTURES: the recorded bytes are not here"))
struct `Published Anviz bytes` {
    private static let names = [
        "anviz-clear-new-flags-51", "anviz-config2-get", "anviz-counters-BAD-crc",
        "anviz-counters-full-ring", "anviz-counters-request-wide-id",
        "anviz-download-continue-without-start", "anviz-download-new-one-record",
        "anviz-info1-fw05.18.A1", "anviz-open-door-request", "anviz-push-before-answer",
        "anviz-time-get",
    ]

    @Test(arguments: names)
    func `mean the same however they are cut`(name: String) throws {
        let talk = try talk(name)
        let whole = AnvizDriver().decode(talk)
        let length = talk.steps.map { $0.bytes.count }.max() ?? 1
        for chunk in 1...length {
            #expect(AnvizDriver().decode(talk.cut(into: chunk)) == whole)
        }
    }

    @Test(arguments: names)
    func `give nothing but noise behind a cut`(name: String) throws {
        for step in try talk(name).steps {
            for length in 1..<step.bytes.count {
                let items = AnvizDriver().decode(
                    Talk(steps: [.fromTerminal(Array(step.bytes.prefix(length)))]))
                #expect(
                    items.allSatisfy { if case .noise = $0 { true } else { false } }
                        || items.isRecordsOnly)
            }
        }
    }

    @Test(arguments: names.filter { !$0.contains("BAD") })
    func `are rebuilt by the encoder`(name: String) throws {
        for step in try talk(name).steps {
            var decoder = PacketDecoder()
            decoder.feed(step.bytes)
            guard case .packet(let packet) = decoder.next() else {
                Issue.record("no packet in \(name)")
                continue
            }
            #expect(packet.bytes == step.bytes)
        }
    }

    @Test func `tell what a full ring holds`() throws {
        let answer = try packets("anviz-counters-full-ring")[1]
        let expected = try expectation("anviz-counters-full-ring")
        let counters = try #require(Counters(answer.data))
        #expect(answer.device == 1)
        #expect(counters.users == expected["users"])
        #expect(counters.fingerprints == expected["fingerprints"])
        #expect(counters.passwords == expected["passwords"])
        #expect(counters.cards == expected["cards"])
        #expect(counters.records == expected["records"])
        #expect(counters.newRecords == expected["new_records"])
    }

    @Test func `are rejected when the checksum is wrong`() throws {
        let items = AnvizDriver().decode(try talk("anviz-counters-BAD-crc"))
        let bytes = try talk("anviz-counters-BAD-crc").steps[0].bytes
        #expect(items.count == 1)
        #expect(items.first == .noise(reason: "wrong checksum", bytes: bytes))
    }

    @Test func `hold device numbers beyond a byte`() throws {
        let request = try packets("anviz-counters-request-wide-id")[0]
        let expected = try expectation("anviz-counters-request-wide-id")
        #expect(Int(request.device) == expected["ch"])
        #expect(Int(request.command) == expected["cmd"])
        #expect(!request.isAnswer)
    }

    @Test func `show a refusal to go on without a start`() throws {
        let answer = try packets("anviz-download-continue-without-start")[1]
        #expect(answer == Packet(answer: Command.download, device: 1, result: 1))
    }

    @Test func `show the one new row`() throws {
        let answer = try packets("anviz-download-new-one-record")[1]
        let rows = try Records.rows(in: answer.data, asked: 25)
        #expect(
            rows.map { Records.decode($0[...]) } == [.punch(try punch(1, "2026-09-03T09:07:28"))])
    }

    @Test func `show a live punch before the awaited answer`() throws {
        let packets = try packets("anviz-push-before-answer")
        #expect(packets[1].command == Command.live)
        #expect(
            Records.decode(packets[1].data[...]) == .punch(try punch(430, "2026-09-08T11:07:49")))
        #expect(
            Counters(packets[2].data)
                == Counters(
                    users: 249, fingerprints: 381, passwords: 20, cards: 5, records: 10_204,
                    newRecords: 37))
    }

    @Test func `show a clock`() throws {
        let answer = try packets("anviz-time-get")[1]
        #expect(ClockFields.decode(answer.data) == WallTime("2014-07-15T12:16:28"))
        #expect(ClockFields.encode(try #require(WallTime("2014-07-15T12:16:28"))) == answer.data)
    }

    @Test func `show a firmware, and not the password beside it`() throws {
        let items = AnvizDriver().decode(try talk("anviz-info1-fw05.18.A1"))
        guard case .packet("configuration-1", false, let fields) = items.last else {
            Issue.record("\(items)")
            return
        }
        let expected = try expectation("anviz-info1-fw05.18.A1")
        #expect(fields.contains(DecodedField("firmware", "05.18.A1")))
        #expect(fields.number("device") == expected["ch"])
        for name in ["sleep_min", "volume", "language"] {
            #expect(fields.number(name) == expected[name])
        }
        #expect(fields.number("command_version") == expected["cmd_version"])
        #expect(!fields.contains { $0.name.contains("password") })
    }

    @Test func `show every switch of the second configuration`() throws {
        let items = AnvizDriver().decode(try talk("anviz-config2-get"))
        guard case .packet("configuration-2", false, let fields) = items.last else {
            Issue.record("\(items)")
            return
        }
        let expected = try expectation("anviz-config2-get")
        let names = expected.keys.filter { !["ch", "cmd", "ret"].contains($0) }
        #expect(names.count == 13)
        for name in names { #expect(fields.number(name) == expected[name], "\(name)") }
    }

    @Test func `show which flags another program cleared`() throws {
        let request = try packets("anviz-clear-new-flags-51")[0]
        let order = Order.clearOldestFlags(rows: 51)
        #expect(request == Packet(request: order.command, device: 1, data: order.data))
    }

    @Test func `name a command that this project does not have by its number`() throws {
        let items = AnvizDriver().decode(try talk("anviz-open-door-request"))
        let fields = [DecodedField("device", 1), DecodedField("command", 94)]
        #expect(items == [.packet(name: "command-94", toTerminal: true, fields: fields)])
    }

    // MARK: Reading

    private func talk(_ name: String) throws -> Talk {
        try Talk(parsing: try Fixtures.text("anviz/\(name).hex"))
    }

    private func packets(_ name: String) throws -> [Packet] {
        try talk(name).steps.map { try #require(Packet(wholeFrame: $0.bytes[...])) }
    }

    private func expectation(_ name: String) throws -> [String: Int] {
        let all = try #require(try Fixtures.expectation("anviz/\(name).md") as? [String: Any])
        return all.compactMapValues { $0 as? Int }
    }

    private func punch(_ user: UInt64, _ time: String) throws -> Punch {
        Punch(
            pin: Pin(user), time: try #require(WallTime(time)), verify: .finger, verifyNumber: 1,
            state: .checkIn, stateNumber: 0)
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

extension [DecodedField] {
    func number(_ name: String) -> Int? {
        guard case .number(let value) = first(where: { $0.name == name })?.value else { return nil }
        return Int(value)
    }
}

extension [DecodedItem] {
    var isRecordsOnly: Bool { allSatisfy { if case .record = $0 { true } else { false } } }
}
