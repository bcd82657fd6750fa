import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import ZKTeco

@Suite struct `Greeting a ZKTeco terminal` {
    @Test(arguments: [false, true])
    func `needs no key where none is set`(isDatagram: Bool) async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = isDatagram
        let terminal = ModelTerminal(setup)
        await (try terminal.session()).close()
        #expect(await terminal.questions == [Command.connect, Command.exit])
    }

    @Test(arguments: [UInt32(45), 999_999, 131_071])
    func `gives the key that is asked for`(key: UInt32) async throws {
        var setup = ModelTerminal.Setup()
        setup.key = key
        var options = DriverOptions()
        options.commKey = key
        let session = try await ModelTerminal(setup).session(options)
        #expect(try await session.readClock() == setup.time)
    }

    @Test func `gives the key 0 where a key is asked for although none is set`() async throws {
        var setup = ModelTerminal.Setup()
        setup.key = 0
        let session = try await ModelTerminal(setup).session()
        #expect(try await session.readClock() == setup.time)
    }

    @Test func `tries a wrong key once and never again`() async throws {
        var setup = ModelTerminal.Setup()
        setup.key = 999
        let terminal = ModelTerminal(setup)
        await #expect(throws: DriverError.wrongKey) { _ = try await terminal.session() }
        #expect(await terminal.questions == [Command.connect, Command.auth, Command.exit])
    }

    @Test func `does not send the key again when nothing answers to it`() async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        setup.key = 5
        let terminal = ModelTerminal(setup) { number, _ in number == 2 ? [] : nil }
        await #expect(throws: LinkError.self) { _ = try await terminal.session() }
        #expect(await terminal.questions.filter { $0 == Command.auth }.count == 1)
    }

    @Test(arguments: [
        (Command.authLocked, DriverError.locked),
        (Command.vendorHandshake, .unsupported(what: "vendor handshake", code: 6001)),
        (Command.ackError, .refused(question: "connect", code: 2001)),
    ])
    func `explains other answers`(answer: UInt16, error: DriverError) async throws {
        var setup = ModelTerminal.Setup()
        setup.connectAnswer = answer
        await #expect(throws: error) {
            _ = try await ModelTerminal(setup).session()
        }
    }

    @Test func `gives the talk that was recorded by others`() async throws {
        let talk = try Talk(
            parsing: """
                > 5050827d08000000e80317fc00000000
                < 5050827d08000000d5075bb2cf450000
                > 5050827d0c0000004e044db0cf45010061c9323c
                < 5050827d08000000d0075fb2cf450100
                > 5050827d08000000e90345b6cf450200
                """)
        let link = ScriptedLink(talk)
        var options = DriverOptions()
        options.commKey = 45
        await (try ZKTecoDriver(options: options).open(link)).close()
        #expect(await link.isFinished)
    }

    static let strangers: [(hex: String, name: String)] = [
        ("A5 00 00 00 01 C0 00 1D 02", "Anviz"), ("AA 01 16 00 55", "C3/inBIO access controller"),
        ("48 54 54 50 2F 31 2E 31", "HTTP"), ("15 03 01 00 02 02 16", "TLS"),
        ("53 53 48 2D 32 2E 30", "SSH"), ("00 01 02 03", "unknown"),
    ]

    @Test(arguments: strangers.indices, [false, true])
    func `says who else is on the port`(index: Int, isDatagram: Bool) async throws {
        let stranger = Self.strangers[index]
        let bytes = try #require([UInt8](hex: stranger.hex))
        let hello = Packet(command: Command.connect, session: 0, reply: 0)
        let sent = isDatagram ? hello.datagram : hello.frame
        let steps: [Talk.Step] =
            isDatagram
            ? [.toTerminal(sent), .fromTerminal(bytes), .silence, .toTerminal(sent), .silence]
                + [.toTerminal(sent), .silence]
            : [.toTerminal(sent), .fromTerminal(bytes)]
        let link = ScriptedLink(Talk(steps: steps), isDatagram: isDatagram)
        await #expect(
            throws: DriverError.otherMake(expected: "ZKTeco", seen: stranger.name, bytes: bytes)
        ) { _ = try await ZKTecoDriver().open(link) }
    }

    @Test func `does not take half a packet for another make`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { _, packet in
            [Array(packet.frame.prefix(9))]
        }
        await #expect(throws: LinkError.silent(after: Patience.answer)) {
            _ = try await terminal.session()
        }
    }

    @Test func `looks once whether a stream that says nothing is an Anviz`() async throws {
        let hello = Packet(command: Command.connect, session: 0, reply: 0).frame
        let answer: [UInt8] = [0xA5, 0, 0, 0, 2, 0xB0, 0, 0, 2, 0, 0]
        let link = ScriptedLink(
            Talk(steps: [
                .toTerminal(hello), .silence,
                .toTerminal([0xA5, 0, 0, 0, 0, 0x30, 0, 0, 0x51, 0x10]), .fromTerminal(answer),
            ]))
        await #expect(
            throws: DriverError.otherMake(expected: "ZKTeco", seen: "Anviz", bytes: answer)
        ) { _ = try await ZKTecoDriver().open(link) }
        #expect(await link.isFinished)
    }
}

@Suite struct `Asking a ZKTeco terminal` {
    @Test func `gives who it is`() async throws {
        let identity = try await ModelTerminal(ModelTerminal.Setup()).session().identify()
        #expect(identity.id.description == "zkteco:BWXP20126001")
        #expect(identity.mac == "00:17:61:8a:2b:3c")
        #expect(identity.model == "X100-C")
        #expect(identity.platform == "ZEM560_TFT")
        #expect(identity.firmware == "Ver 6.60 Jul 25 2013")
    }

    @Test(arguments: [Command.ackError, Command.ackUnknown])
    func `does without options that a firmware does not have`(answer: UInt16) async throws {
        var setup = ModelTerminal.Setup()
        setup.options = ["~SerialNumber": "6583160100001"]
        setup.absentOptionAnswer = answer
        let identity = try await ModelTerminal(setup).session().identify()
        #expect(identity.id.description == "zkteco:6583160100001")
        #expect(identity.mac == nil)
        #expect(identity.model == nil)
    }

    @Test func `tells terminals with a dummy serial number apart by their MAC`() async throws {
        var setup = ModelTerminal.Setup()
        setup.options["~SerialNumber"] = "0000000000000"
        let identity = try await ModelTerminal(setup).session().identify()
        #expect(identity.id.description == "zkteco:0000000000000+0017618a2b3c")
    }

    @Test func `refuses a terminal that cannot be told from others`() async throws {
        var setup = ModelTerminal.Setup()
        setup.options = [:]
        let session = try await ModelTerminal(setup).session()
        await #expect(throws: DriverError.self) { try await session.identify() }
    }

    @Test func `believes counters that agree with themselves`() async throws {
        var setup = ModelTerminal.Setup()
        setup.freeSizes = ModelTerminal.sizes(records: 605)
        let counters = try await ModelTerminal(setup).session().counters()
        #expect(counters.records == 605)
        #expect(counters.recordCapacity == 100_000)
        #expect(counters.users == 7)
    }

    @Test(arguments: [
        [0, 0, 0, 0], [UInt8](repeating: 0, count: 80), [UInt8](repeating: 0x5A, count: 92), [],
    ])
    func `takes counters that say nothing or nonsense as unknown`(data: [UInt8]) async throws {
        var setup = ModelTerminal.Setup()
        setup.freeSizes = data
        #expect(try await ModelTerminal(setup).session().counters() == LogCounters())
    }

    @Test func `drops late answers to earlier questions`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { number, packet in
            var stale = packet
            stale.reply = packet.reply &- 1
            stale.data = [0xFF, 0xFF, 0xFF, 0x01]
            return [stale.frame, packet.frame]
        }
        let session = try await terminal.session()
        #expect(try await session.readClock() == ModelTerminal.Setup().time)
    }

    @Test func `drops answers of another session over datagrams`() async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        let terminal = ModelTerminal(setup) { number, packet in
            guard number > 1 else { return nil }
            var other = packet
            other.session = 0x1111
            other.data = [0, 0, 0, 0]
            return [other.datagram, packet.datagram]
        }
        let session = try await terminal.session()
        #expect(try await session.readClock() == setup.time)
    }

    @Test func `asks again under the same number when a datagram is lost`() async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        let terminal = ModelTerminal(setup) { number, _ in number == 2 ? [] : nil }
        let session = try await terminal.session()
        #expect(try await session.readClock() == setup.time)
        let asked = await terminal.received.filter { $0.command == Command.timeRead }
        #expect(asked.map(\.reply) == [1, 1])
    }

    @Test func `asks again when a datagram comes damaged`() async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        let terminal = ModelTerminal(setup) { number, packet in
            guard number == 2 else { return nil }
            var bad = packet.datagram
            bad[9] ^= 0x10
            return [bad]
        }
        let session = try await terminal.session()
        #expect(try await session.readClock() == setup.time)
    }

    @Test func `gives up a datagram talk after six tries`() async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        let terminal = ModelTerminal(setup) { number, _ in number > 1 ? [] : nil }
        let session = try await terminal.session()
        await #expect(throws: LinkError.silent(after: Patience.answerOverDatagrams)) {
            try await session.readClock()
        }
        #expect(await terminal.questions.filter { $0 == Command.timeRead }.count == 6)
    }

    @Test func `leaves a stream whose checksum is wrong`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { number, packet in
            guard number == 2 else { return nil }
            var bad = packet.frame
            bad[17] ^= 0x10
            return [bad]
        }
        let session = try await terminal.session()
        let error = await #expect(throws: DriverError.self) { try await session.readClock() }
        #expect(error?.problem.code == "terminal.garbled")
    }

    @Test func `asks again when the terminal says later`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { number, packet in
            guard number == 2 else { return nil }
            return [Packet(command: Command.ackRetry, session: 1, reply: packet.reply).frame]
        }
        let session = try await terminal.session()
        #expect(try await session.readClock() == ModelTerminal.Setup().time)
    }

    @Test func `says nothing but questions, whatever is done`() async throws {
        var setup = ModelTerminal.Setup()
        setup.key = 0
        setup.records = Samples.log(2_000)
        let terminal = ModelTerminal(setup)
        let session = try await terminal.session()
        _ = try await session.identify()
        _ = try await session.readClock()
        _ = try await session.counters()
        _ = try await session.readLog(from: nil) { _ in }
        await terminal.emit(Samples.event(pin: "17", at: Samples.monday))
        _ = try await session.nextLive(within: .seconds(1))
        await terminal.change { $0.prepareAnswer = Command.ackUnknown }
        _ = try await session.readLog(from: nil) { _ in }
        await session.close()
        let allowed = Set(Question.all.map(\.command))
        let writing: Set<UInt16> = [14, 15, 18, 19, 20, 31, 202, 1_002, 1_003, 1_004, 1_005]
        #expect(Set(await terminal.questions).isSubset(of: allowed))
        #expect(allowed.isDisjoint(with: writing))
        #expect(await terminal.questions.last == Command.exit)
    }
}
