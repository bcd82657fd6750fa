import Attendance
import TerminalKit
import Testing

@testable import ZKTeco

// One test for each quirk of docs/reference/protocols/zkteco-quirks.md that no other test is
// named after; the page names them all.

@Suite struct `Connecting, the quirks of ZKTeco terminals` {
    @Test func `a unit that has only UDP is read over datagrams`() async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        setup.records = Samples.log(120)
        let result = try await ModelTerminal(setup).readLog()
        #expect(result.punches.map(\.time) == expectedTimes(0..<120))
        #expect(result.read.isComplete)
    }

    @Test func `a unit that has only TCP is read over a stream`() async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(120)
        let result = try await ModelTerminal(setup).readLog()
        #expect(result.punches.map(\.time) == expectedTimes(0..<120))
        #expect(result.read.isComplete)
    }

    @Test func `a unit with one place for clients hears a good-bye after an error too`()
        async throws
    {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(300)
        setup.announced = 1 << 30
        let terminal = ModelTerminal(setup)
        let session = try await terminal.session()
        await #expect(throws: DriverError.self) {
            _ = try await session.readLog(from: nil) { _ in }
        }
        await session.close()
        #expect(await terminal.questions.last == Command.exit)
    }

    @Test func `a second CONNECT on one stream is never sent`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { _, _ in [] }
        await #expect(throws: LinkError.self) { _ = try await terminal.session() }
        #expect(await terminal.questions == [Command.connect, Command.exit])
    }

    @Test func `a key that nobody told us is an error and no empty log`() async throws {
        var setup = ModelTerminal.Setup()
        setup.key = 45
        setup.records = Samples.log(5)
        await #expect(throws: DriverError.wrongKey) {
            _ = try await ModelTerminal(setup).readLog()
        }
    }

    @Test func `a log asked for without permission is an error and no empty log`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { _, packet in
            guard packet.command != Command.ackOK || packet.data.count > 3 else { return nil }
            return [
                Packet(
                    command: packet.reply == 0 ? Command.ackOK : Command.ackUnauthorised,
                    session: packet.session, reply: packet.reply
                ).frame
            ]
        }
        await #expect(throws: DriverError.self) { _ = try await terminal.readLog() }
    }

    @Test func `newer firmware that wants its own handshake is named`() async throws {
        var setup = ModelTerminal.Setup()
        setup.connectAnswer = Command.vendorHandshake
        do {
            _ = try await ModelTerminal(setup).session()
            Issue.record("a handshake nobody has published was accepted")
        } catch let error as DriverError {
            #expect(error == .unsupported(what: "vendor handshake", code: 6_001))
            #expect(error.problem.line(.english).contains("6001"))
        }
    }

    @Test func `firmware that does not answer at all is silent and nothing else`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { _, _ in [] }
        await #expect(throws: LinkError.silent(after: Patience.answer)) {
            _ = try await terminal.session()
        }
    }

    @Test func `a prefix of 8 bytes that arrives alone begins a packet`() async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(200)
        let terminal = ModelTerminal(setup) { _, packet in
            let frame = packet.frame
            return [Array(frame.prefix(Packet.prefixLength))]
                + [Array(frame.dropFirst(Packet.prefixLength))]
        }
        #expect(try await terminal.readLog().punches.count == 200)
    }

    @Test func `a terminal that hangs in the middle is given up, not waited for`() async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(3_000)
        setup.chunk = 1_008
        let terminal = ModelTerminal(setup) { number, _ in number > 20 ? [] : nil }
        await #expect(throws: LinkError.self) { _ = try await terminal.readLog() }
    }

    @Test func `a terminal whose address has changed is the same terminal`() async throws {
        let first = try await ModelTerminal(ModelTerminal.Setup()).session().identify()
        var elsewhere = ModelTerminal.Setup()
        elsewhere.isDatagram = true
        let second = try await ModelTerminal(elsewhere).session().identify()
        #expect(first == second)
    }
}

@Suite struct `Content, the quirks of ZKTeco terminals` {
    private func record(_ change: (inout [UInt8]) -> Void, number: Int = 0) -> [UInt8] {
        var bytes = Samples.record(number)
        change(&bytes)
        return bytes
    }

    private func read(_ records: [[UInt8]]) async throws -> ReadResult {
        var setup = ModelTerminal.Setup()
        setup.records = records
        return try await ModelTerminal(setup).readLog()
    }

    @Test func `a state of 255 is no choice and no error`() async throws {
        let punch = try #require(try await read([record { $0[31] = 255 }]).punches.first)
        #expect(punch.state == .none)
        #expect(punch.stateNumber == 255)
    }

    @Test func `a verify code of 4 is claimed to be nothing`() async throws {
        let punch = try #require(try await read([record { $0[26] = 4 }]).punches.first)
        #expect(punch.verify == .other)
        #expect(punch.verifyNumber == 4)
    }

    @Test func `rows of the same second are all handed on`() async throws {
        let row = Samples.record(3)
        let result = try await read([row, row, Samples.record(4), row])
        #expect(result.punches.count == 4)
        #expect(result.read.total == 4)
        #expect(result.read.isComplete)
    }

    @Test func `rows out of order are read in the terminal's order, and read on from`()
        async throws
    {
        let backwards = Samples.log(200).reversed() + Samples.log(100, from: 500)
        var setup = ModelTerminal.Setup()
        setup.records = Array(backwards.prefix(150))
        let terminal = ModelTerminal(setup)
        let first = try await terminal.readLog()
        let all = Array(backwards)
        await terminal.change { $0.records = all }
        let second = try await terminal.readLog(from: first.position)
        let numbers = Array((0..<200).reversed()) + Array(500..<600)
        #expect((first.punches + second.punches).map(\.time) == numbers.map(Samples.time))
        #expect(second.read.received == 150)
    }

    @Test func `a slot of 65535 is not -1`() throws {
        var bytes = Samples.record(1, size: 8)
        bytes[0] = 0xFF
        bytes[1] = 0xFF
        var decoder = RecordDecoder(try #require(RecordLayout.chosen(size: 8)))
        guard case .punch(let punch) = decoder.decode(bytes, at: 0) else {
            Issue.record("a slot of 65535 is a slot")
            return
        }
        #expect(punch.pin == Pin(slot: 65_535))
    }

    @Test func `a row of a person the terminal does not know any more is kept`() async throws {
        let orphan = record {
            $0[0] = 0
            $0[1] = 0
        }
        #expect(try await read([orphan, Samples.record(1)]).punches.count == 2)
    }

    @Test func `a date of 2000 among good ones is one punch, and spoils none`() async throws {
        let lost = record { for index in 27..<31 { $0[index] = 0 } }
        let result = try await read([Samples.record(1), lost, Samples.record(2)])
        #expect(result.punches.count == 3)
        #expect(result.punches[1].time.description == "2000-01-01T00:00:00")
        #expect(result.oddities.isEmpty)
    }

    @Test func `an impossible day of the month is kept aside and stops nothing`() async throws {
        let packed: UInt32 = ((26 * 12 + 1) * 31 + 29) * 86_400  // 2026-02-30
        let bad = record { bytes in
            for index in 0..<4 {
                bytes[27 + index] = UInt8(truncatingIfNeeded: packed >> (8 * index))
            }
        }
        let result = try await read([Samples.record(1), bad, Samples.record(2)])
        #expect(result.punches.count == 2)
        #expect(result.oddities.map(\.raw) == [bad])
    }

    @Test func `a terminal's time has no zone and is kept as it is`() async throws {
        let punch = try #require(try await read([Samples.record(0)]).punches.first)
        #expect(punch.time == Samples.time(0))
        #expect(punch.time.description == "2026-03-02T07:30:00")
    }
}

@Suite struct `Reading, the quirks of ZKTeco terminals` {
    @Test func `a big log may take a minute to be prepared`() async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(2_000)
        let link = PatientLink(ModelTerminal(setup))
        let session = try await ZKTecoDriver().open(link)
        _ = try await session.readLog(from: nil) { _ in }
        #expect(await link.longestWait == .seconds(60))
    }

    @Test(arguments: [80, 92, 112])
    func `counters in a longer answer are found at their places`(length: Int) async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(10)
        setup.freeSizes =
            ModelTerminal.sizes(records: 10) + [UInt8](repeating: 0, count: length - 80)
        let counters = try await ModelTerminal(setup).session().counters()
        #expect(counters.records == 10)
        #expect(counters.recordCapacity == 100_000)
    }

    @Test(arguments: [1, 2, 25, 26, 103, 1_636, 1_637])
    func `the last record is never missing`(count: Int) async throws {
        for chunk in [nil, 1_008] {
            var setup = ModelTerminal.Setup()
            setup.records = Samples.log(count)
            setup.chunk = chunk
            let result = try await ModelTerminal(setup).readLog()
            #expect(result.punches.last?.time == Samples.time(count - 1))
            #expect(result.punches.count == count)
        }
    }

    @Test func `the log is never cleared, also where it is nearly full`() async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(95)
        setup.freeSizes = ModelTerminal.sizes(records: 95, capacity: 100)
        let terminal = ModelTerminal(setup)
        _ = try await terminal.readLog()
        let questions = Set(await terminal.questions)
        #expect(questions.isSubset(of: Set(Question.all.map(\.command))))
        #expect(questions.isDisjoint(with: [14, 15, 20, 33, 1_003, 1_004, 1_005]))
    }

    @Test func `a few new records cost a few bytes, whatever the log holds`() async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(20_000)
        let terminal = ModelTerminal(setup)
        let first = try await terminal.readLog()
        await terminal.change { $0.records += Samples.log(50, from: 20_000) }
        let link = PatientLink(terminal)
        let session = try await ZKTecoDriver().open(link)
        let read = try await session.readLog(from: first.position) { _ in }
        #expect(read.received == 50)
        #expect(await link.bytes < 20_000 * 40 / 50)  // 2 %
    }
}

@Suite struct `Listening, the quirks of ZKTeco terminals` {
    @Test func `a terminal that was restarted is noticed by asking for its clock`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup()) { number, _ in number > 3 ? [] : nil }
        let session = try await terminal.session()
        _ = try await session.readClock()
        #expect(try await session.nextLive(within: .seconds(60)).isEmpty)
        await #expect(throws: LinkError.self) { _ = try await session.readClock() }
    }

    @Test func `each event is acknowledged under its own number in the real session`()
        async throws
    {
        let terminal = ModelTerminal(ModelTerminal.Setup())
        let session = try await terminal.session()
        #expect(try await session.nextLive(within: .seconds(1)).isEmpty)
        await terminal.emitGlued([
            Samples.event(pin: "17", at: Samples.monday, reply: 7),
            Samples.event(pin: "18", at: Samples.monday, reply: 8, tail: 5),
        ])
        #expect(
            try await session.nextLive(within: .seconds(1)).map(\.pin.description) == ["17", "18"])
        let thanks = await terminal.received.filter { $0.command == Command.ackOK }
        #expect(thanks.map(\.reply) == [7, 8])
        #expect(thanks.allSatisfy { $0.session == ModelTerminal.session })
    }

    @Test func `people are not interrupted to be listened to`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup())
        let session = try await terminal.session()
        _ = try await session.nextLive(within: .seconds(1))
        await session.close()
        // 60 and 62 end a verification in progress; 1003 locks the terminal.
        #expect(Set(await terminal.questions).isDisjoint(with: [60, 62, 1_002, 1_003]))
    }
}

/// Counts what passes, and remembers the longest time that was allowed for anything.
private actor PatientLink: Link {
    nonisolated let isDatagram: Bool
    private let inner: ModelTerminal
    private(set) var longestWait = Duration.zero
    private(set) var bytes = 0

    init(_ inner: ModelTerminal) {
        self.inner = inner
        isDatagram = inner.isDatagram
    }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        self.bytes += bytes.count
        try await inner.send(bytes)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        longestWait = max(longestWait, limit)
        let received = try await inner.receive(within: limit)
        bytes += received.count
        return received
    }

    func close() async {}
}
