import Attendance
import TerminalKit
import Testing

@testable import ZKTeco

@Suite struct `Reading a ZKTeco log` {
    func setup(_ count: Int, size: Int = 40, isDatagram: Bool = false) -> ModelTerminal.Setup {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = isDatagram
        setup.records = Samples.log(count, size: size)
        return setup
    }

    func expect(_ result: ReadResult, _ count: Int) {
        #expect(result.punches.map(\.time) == expectedTimes(0..<count))
        #expect(result.oddities.isEmpty)
        #expect(result.read.isComplete)
        #expect(result.read.received == count)
        #expect(result.read.total == count)
    }

    @Test(arguments: [8, 16, 22, 40, 49], [false, true])
    func `knows every length of record`(size: Int, isDatagram: Bool) async throws {
        let terminal = ModelTerminal(setup(500, size: size, isDatagram: isDatagram))
        let result = try await terminal.readLog()
        expect(result, 500)
        #expect(result.read.extent == .full)
        #expect(!result.read.lostPosition)
        #expect(result.position?.recordSize == size)
    }

    @Test(arguments: [8, 16, 22, 40, 49])
    func `finds the length from the records where the counter is silent`(
        size: Int
    ) async throws {
        var setup = setup(200, size: size)
        setup.freeSizes = [0, 0, 0, 0]
        let terminal = ModelTerminal(setup)
        expect(try await terminal.readLog(), 200)
        // Nobody counts, so it was read twice.
        #expect(await terminal.questions.filter { $0 == Command.prepareBuffer }.count == 2)
    }

    @Test(arguments: 1...60)
    func `does not care how the stream is cut and glued`(cut: Int) async throws {
        var setup = setup(30)
        setup.chunk = 100
        setup.cut = cut
        setup.directBelow = 0
        expect(try await ModelTerminal(setup).readLog(), 30)
    }

    @Test(arguments: [0, 1, 5, 25])
    func `takes a small table that comes at once`(count: Int) async throws {
        let terminal = ModelTerminal(setup(count))
        expect(try await terminal.readLog(), count)
        #expect(await !terminal.questions.contains(Command.readBuffer))
    }

    @Test func `asks for the pieces that open clients ask for`() async throws {
        let terminal = ModelTerminal(setup(5_000))
        expect(try await terminal.readLog(), 5_000)
        let pieces = await terminal.received.filter { $0.command == Command.readBuffer }
        let offsets = pieces.map { packet in
            var reader = ByteReader(packet.data)
            return reader.u32LE()
        }
        #expect(offsets == [0, 65_472, 130_944, 196_416])
        #expect(await terminal.questions.contains(Command.freeData))
        #expect(await !terminal.questions.contains(Command.logRead))
    }

    @Test func `hands over pages and never holds the whole log`() async throws {
        let result = try await ModelTerminal(setup(2_500)).readLog()
        #expect(result.pages.map(\.records.count) == [1_000, 1_000, 500])
        #expect(result.pages.map { $0.position?.count } == [1_000, 2_000, 2_500])
    }

    @Test func `passes on what the keeper throws and asks for nothing more`() async throws {
        struct DiskFull: Error {}
        let terminal = ModelTerminal(setup(12_000))
        let session = try await terminal.session()
        await #expect(throws: DiskFull.self) {
            try await session.readLog(from: nil) { _ in throw DiskFull() }
        }
        #expect(await terminal.questions.last == Command.readBuffer)
    }

    @Test(arguments: [Command.ackError, Command.noSuchTable, Command.ackUnknown, 0])
    func `falls back to the older way when the newer one is refused or ignored`(
        answer: UInt16
    ) async throws {
        for isDatagram in [false, true] {
            var setup = setup(300, isDatagram: isDatagram)
            setup.prepareAnswer = answer
            expect(try await ModelTerminal(setup).readLog(), 300)
        }
    }

    @Test func `remembers in one talk that only the older way is open`() async throws {
        var setup = setup(300)
        setup.prepareAnswer = 0
        let terminal = ModelTerminal(setup)
        let session = try await terminal.session()
        for _ in 1...3 { _ = try await session.readLog(from: nil) { _ in } }
        #expect(await terminal.questions.filter { $0 == Command.prepareBuffer }.count == 1)
    }

    @Test func `is empty only if the terminal says so`() async throws {
        var setup = setup(0)
        setup.prepareAnswer = Command.ackError
        let result = try await ModelTerminal(setup).readLog()
        #expect(result.records.isEmpty)
        #expect(result.read.isComplete)
    }

    @Test func `is not empty because a terminal in another mode refuses`() async throws {
        var setup = setup(0)
        setup.prepareAnswer = Command.noSuchTable
        for answer in [Command.noSuchTable, Command.ackError] {
            setup.oldWayAnswer = answer
            await #expect(
                throws: DriverError.refused(question: "attendance log", code: 4989)
            ) { try await ModelTerminal(setup).readLog() }
        }
    }

    @Test func `is not empty because a terminal that counts records refuses`() async throws {
        var setup = setup(300)
        setup.prepareAnswer = Command.ackError
        setup.oldWayAnswer = Command.ackError
        await #expect(throws: DriverError.incomplete(received: 0, expected: 300)) {
            try await ModelTerminal(setup).readLog()
        }
    }

    @Test func `is incomplete when the terminal counts more than came`() async throws {
        var setup = setup(300)
        setup.freeSizes = ModelTerminal.sizes(records: 310)
        let result = try await ModelTerminal(setup).readLog()
        #expect(result.punches.count == 300)
        #expect(!result.read.isComplete)
        #expect(result.read.total == 310)
    }

    @Test func `is complete although people punch while it is read`() async throws {
        let terminal = ModelTerminal(
            setup(2_000),
            meanwhile: { setup in
                setup.records += Samples.log(3, from: 2_000)
                return [Samples.event(pin: "1007", at: Samples.time(2_000))]
            })
        let session = try await terminal.session()
        var records = 0
        let read = try await session.readLog(from: nil) { records += $0.records.count }
        #expect(records == 2_000)
        #expect(read.isComplete)
        #expect(read.total == 2_003)
        // The event in the middle was acknowledged in the real session and waits its turn.
        let acknowledged = await terminal.received.filter { $0.command == Command.ackOK }
        #expect(acknowledged.map(\.session) == [ModelTerminal.session])
        let live = try await session.nextLive(within: .seconds(1))
        #expect(live.map(\.time) == [Samples.time(2_000)])
    }

    @Test func `is incomplete when the log is cleared while it is read`() async throws {
        let terminal = ModelTerminal(
            setup(30),
            meanwhile: { setup in
                setup.freeSizes = ModelTerminal.sizes(records: 0)
                return []
            })
        await terminal.change { $0.directBelow = 0 }
        #expect(try await terminal.readLog().read.isComplete == false)
    }

    @Test func `falls back when the announced size is not what is delivered`() async throws {
        var setup = setup(300)
        setup.announced = 300 * 40 + 4 - 80
        expect(try await ModelTerminal(setup).readLog(), 300)
    }

    @Test func `compares with the older way, once, where the newer one has less than counted`()
        async throws
    {
        var setup = setup(300)
        setup.announced = 290 * 40 + 4
        setup.headerError = -10 * 40
        setup.freeSizes = ModelTerminal.sizes(records: 300)
        let terminal = ModelTerminal(setup)
        let session = try await terminal.session()
        for isFirst in [true, false] {
            var times: Set<WallTime> = []
            let read = try await session.readLog(from: nil) { page in
                for case .punch(let punch) in page.records { times.insert(punch.time) }
            }
            #expect(times == Set(expectedTimes(0..<(isFirst ? 300 : 290))))
            #expect(read.isComplete == isFirst)
        }
        #expect(await terminal.questions.filter { $0 == Command.logRead }.count == 1)
    }

    @Test func `does with a table whose first word is wrong what the counter allows`() async throws
    {
        var setup = setup(300)
        setup.headerError = 12
        expect(try await ModelTerminal(setup).readLog(), 300)
    }

    @Test func `does not forget its place because a table that nobody counts seems empty once`()
        async throws
    {
        var setup = setup(0)
        setup.freeSizes = [0, 0, 0, 0]
        let position = LogPosition(count: 5, recordSize: 40, proof: [1, 2, 3, 4, 5])
        let terminal = ModelTerminal(setup) { _, packet in
            // The second answer holds more than the first.
            guard packet.command == Command.data, packet.reply > 2 else { return nil }
            var full = packet
            full.data = [40, 0, 0, 0] + Samples.record(1)
            return [full.frame]
        }
        let result = try await terminal.readLog(from: position)
        #expect(!result.read.isComplete)
        #expect(!result.read.lostPosition)
        #expect(result.pages.isEmpty)
    }

    @Test func `keeps bytes that are no whole record as an oddity`() async throws {
        var setup = setup(300)
        setup.records.append([1, 2, 3])
        setup.freeSizes = ModelTerminal.sizes(records: 300)
        let result = try await ModelTerminal(setup).readLog()
        #expect(result.punches.count == 300)
        #expect(result.oddities == [Oddity(reason: "cut short", raw: [1, 2, 3])])
        #expect(!result.read.isComplete)
    }

    @Test func `refuses to reserve what no terminal can hold`() async throws {
        var setup = setup(300)
        setup.announced = 0xFFFF_FFF0
        let terminal = ModelTerminal(setup)
        let error = await #expect(throws: DriverError.self) { try await terminal.readLog() }
        #expect(error?.problem.code == "terminal.garbled")
        #expect(await !terminal.questions.contains(Command.readBuffer))
    }

    @Test func `is incomplete where nobody counts and two reads disagree`() async throws {
        var setup = setup(300)
        setup.freeSizes = [0, 0, 0, 0]
        let terminal = ModelTerminal(
            setup,
            meanwhile: { setup in
                setup.records[5] = Samples.record(9_000)
                return []
            })
        let result = try await terminal.readLog()
        #expect(result.punches.count == 300)
        #expect(!result.read.isComplete)
    }

    @Test func `is complete where nobody counts and the second read only has more`() async throws {
        var setup = setup(300)
        setup.freeSizes = [0, 0, 0, 0]
        let terminal = ModelTerminal(
            setup,
            meanwhile: { setup in
                setup.records += Samples.log(2, from: 300)
                return []
            })
        #expect(try await terminal.readLog().read.isComplete)
    }

    @Test func `does not guess at records of an unknown length`() async throws {
        var setup = setup(0)
        setup.records = (0..<100).map { _ in [UInt8](repeating: 0x31, count: 36) }
        await #expect(
            throws: DriverError.unsupported(what: "log records of an unknown length", code: 36)
        ) { try await ModelTerminal(setup).readLog() }
    }

    @Test func `takes the length an operator has set`() async throws {
        var options = DriverOptions()
        options.recordSize = 52
        let result = try await ModelTerminal(setup(100, size: 52)).readLog(options: options)
        #expect(result.punches.count == 100)
        #expect(result.read.isComplete)
    }

    @Test func `keeps damaged records with their bytes, between good ones`() async throws {
        var setup = setup(100)
        setup.records[10] = [UInt8](repeating: 0x5A, count: 40)
        setup.records[20].replaceSubrange(27..<31, with: [0x5A, 0x5A, 0x5A, 0x5A])
        let result = try await ModelTerminal(setup).readLog()
        #expect(result.punches.count == 98)
        #expect(result.oddities.map(\.reason) == ["filler bytes", "impossible date"])
        #expect(result.oddities.map(\.raw) == [setup.records[10], setup.records[20]])
        #expect(result.read.isComplete)
    }

    @Test func `leaves a stream that breaks off with an error`() async throws {
        var setup = setup(3_000)
        setup.chunk = 1_008
        let terminal = ModelTerminal(setup) { number, _ in number > 40 ? [] : nil }
        await #expect(throws: LinkError.self) { try await terminal.readLog() }
    }
}

@Suite struct `Reading a ZKTeco log over datagrams` {
    func terminal(
        _ mangle: @escaping @Sendable (Int, Packet) -> [[UInt8]]?
    ) -> ModelTerminal {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        setup.records = Samples.log(3_000)
        return ModelTerminal(setup, mangle: mangle)
    }

    func expectAll(_ terminal: ModelTerminal) async throws {
        let result = try await terminal.readLog()
        #expect(result.punches.map(\.time) == expectedTimes(0..<3_000))
        #expect(result.read.isComplete)
    }

    @Test(arguments: [7, 17, 31])
    func `repairs what is lost`(every: Int) async throws {
        try await expectAll(terminal { number, _ in number % every == 0 ? [] : nil })
    }

    @Test func `ignores what comes twice`() async throws {
        try await expectAll(
            terminal { number, packet in
                number % 5 == 0 ? [packet.datagram, packet.datagram] : nil
            })
    }

    @Test func `puts in order what was overtaken`() async throws {
        let held = Held()
        try await expectAll(
            terminal { number, packet in
                guard packet.command == Command.data else { return nil }
                return held.swap(packet.datagram, number)
            })
    }

    @Test func `asks again for what comes damaged`() async throws {
        try await expectAll(
            terminal { number, packet in
                guard number % 13 == 0 else { return nil }
                var bad = packet.datagram
                bad[bad.count - 1] ^= 0x01
                return [bad]
            })
    }

    @Test func `never returns a short list when the holes stay`() async throws {
        let deaf = terminal { _, packet in
            packet.command == Command.data && packet.session == 3 ? [] : nil
        }
        await #expect(throws: DriverError.self) { try await deaf.readLog() }
    }

    @Test(arguments: [11, 101])
    func `repairs the older way too`(every: Int) async throws {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = true
        setup.prepareAnswer = Command.ackError
        setup.records = Samples.log(1_000)
        let terminal = ModelTerminal(setup) { number, packet in
            number % every == 0 && packet.command == Command.data ? [] : nil
        }
        let result = try await terminal.readLog()
        #expect(result.punches.map(\.time) == expectedTimes(0..<1_000))
    }

    /// Holds every other packet back until the next has gone out.
    final class Held: @unchecked Sendable {
        // Only ever used inside the one actor that sends.
        private var waiting: [UInt8]?

        func swap(_ bytes: [UInt8], _ number: Int) -> [[UInt8]] {
            if let first = waiting {
                waiting = nil
                return [bytes, first]
            }
            guard number % 3 == 0 else { return [bytes] }
            waiting = bytes
            return []
        }
    }
}
