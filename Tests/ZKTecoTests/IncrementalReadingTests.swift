import Attendance
import TerminalKit
import Testing

@testable import ZKTeco

@Suite struct `Reading on in a ZKTeco log` {
    func terminal(_ records: [[UInt8]], isDatagram: Bool = false) -> ModelTerminal {
        var setup = ModelTerminal.Setup()
        setup.isDatagram = isDatagram
        setup.records = records
        return ModelTerminal(setup)
    }

    @Test(arguments: [8, 16, 22, 40, 49], [false, true])
    func `brings only what is new`(size: Int, isDatagram: Bool) async throws {
        let terminal = terminal(Samples.log(3_000, size: size), isDatagram: isDatagram)
        let first = try await terminal.readLog()
        let asked = await terminal.received.count
        await terminal.change { $0.records += Samples.log(7, size: size, from: 3_000) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.punches.map(\.time) == expectedTimes(3_000..<3_007))
        #expect(second.read.extent == .tail)
        #expect(second.read.received == 7)
        #expect(second.read.total == 3_007)
        #expect(second.read.isComplete)
        #expect(!second.read.lostPosition)
        #expect(second.position?.count == 3_007)
        let pieces = await terminal.received.dropFirst(asked).filter {
            $0.command == Command.readBuffer
        }
        #expect(pieces.count == 2)
    }

    @Test func `goes on from any of its positions`() async throws {
        let terminal = terminal(Samples.log(50))
        var position: LogPosition?
        for count in [50, 51, 52, 200, 263, 264, 5_264] {
            await terminal.change { setup in
                let known = setup.records.count
                setup.records += Samples.log(count - known, from: known)
            }
            let result = try await terminal.readLog(from: position)
            #expect(result.punches.map(\.time) == expectedTimes((position?.count ?? 0)..<count))
            #expect(result.read.isComplete)
            #expect(!result.read.lostPosition)
            position = result.position ?? position
            #expect(position?.count == count)
            #expect(position?.proof.count == min(count, LogPosition.proofLength))
        }
    }

    @Test func `looks at the tail although the count has not moved`() async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.extent == .unchanged)
        #expect(second.records.isEmpty)
        #expect(second.read.isComplete)
        #expect(second.pages.isEmpty)
    }

    @Test func `notices a log that was cleared and filled to the same count`() async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(3_000, from: 10_000) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.extent == .full)
        #expect(second.read.lostPosition)
        #expect(second.punches.map(\.time) == expectedTimes(10_000..<13_000))
    }

    @Test(arguments: [1, 64, 500, 1_900])
    func `finds its place in a ring that has moved on`(moved: Int) async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(3_000, from: moved) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.extent == .tail)
        #expect(!second.read.lostPosition)
        #expect(second.punches.map(\.time) == expectedTimes(3_000..<(3_000 + moved)))
        #expect(second.read.isComplete)
    }

    @Test func `misses nothing in a ring that has moved on further than it looks back`()
        async throws
    {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(3_000, from: 2_500) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.extent == .full)
        #expect(!second.read.lostPosition)
        #expect(second.punches.map(\.time) == expectedTimes(2_500..<5_500))
    }

    @Test func `reads everything in a ring that has gone round`() async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(3_000, from: 2_990) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.lostPosition)
        #expect(second.punches.map(\.time) == expectedTimes(2_990..<5_990))
    }

    @Test(arguments: [(63, 434), (10, 63), (1, 0), (0, nil)] as [(Int, Int64?)])
    func `says what is left of the known records in a full ring`(left: Int, seconds: Int64?)
        async throws
    {
        let terminal = terminal(Samples.log(3_000))
        await terminal.change {
            $0.freeSizes = ModelTerminal.sizes(records: 3_000, capacity: 3_000)
        }
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(3_000, from: 3_000 - left) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.lostPosition)
        #expect(second.read.remnantSeconds == seconds)
        #expect(second.read.isComplete)
        #expect(second.punches.map(\.time) == expectedTimes((3_000 - left)..<(6_000 - left)))
    }

    @Test func `says nothing of records that are left in a log that is not full`() async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(2_999, from: 2_990) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.lostPosition)
        #expect(second.read.remnantSeconds == nil)
    }

    @Test func `finds its place where the oldest records were deleted`() async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(2_010, from: 1_000) }
        let second = try await terminal.readLog(from: first.position)
        #expect(!second.read.lostPosition)
        #expect(second.punches.map(\.time) == expectedTimes(3_000..<3_010))
    }

    @Test func `begins anew in a log that was cleared`() async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = [] }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.lostPosition)
        #expect(second.read.isComplete)
        #expect(second.position?.count == 0)
        let third = try await terminal.readLog(from: second.position)
        #expect(third.read.extent == .unchanged)
        #expect(!third.read.lostPosition)
        #expect(third.pages.isEmpty)
        await terminal.change { $0.records = Samples.log(3, from: 9_000) }
        let fourth = try await terminal.readLog(from: third.position ?? second.position)
        #expect(fourth.punches.map(\.time) == expectedTimes(9_000..<9_003))
        #expect(!fourth.read.lostPosition)
    }

    /// A full record and short ones after it, as old logs store them.
    private func shortLog(_ count: Int, from first: Int = 0) -> [[UInt8]] {
        (first..<(first + count)).map { number in
            guard number % 3 != 0 else { return Samples.record(number, size: 8) }
            return [UInt8(1 + number % 40), 0, 0x08, UInt8(number % 3 * 7)]
        }
    }

    @Test(arguments: [0, 1, 40])
    func `goes on in a log of the short form`(new: Int) async throws {
        let terminal = terminal(shortLog(90))
        let first = try await terminal.readLog()
        #expect(first.punches.map(\.time) == expectedTimes(0..<90))
        #expect(first.position?.count == 90)
        let grown = shortLog(90 + new)
        await terminal.change { $0.records = grown }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.punches.map(\.time) == expectedTimes(90..<(90 + new)))
        #expect(second.read.isComplete)
        #expect(!second.read.lostPosition)
        #expect(second.read.extent == (new == 0 ? .unchanged : .tail))
    }

    @Test func `notices that a log of the short form was cleared and filled`() async throws {
        let terminal = terminal(shortLog(90))
        let first = try await terminal.readLog()
        let filled = shortLog(90, from: 9_000)
        await terminal.change { $0.records = filled }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.lostPosition)
        #expect(second.punches.map(\.time) == expectedTimes(9_000..<9_090))
        let third = try await terminal.readLog(from: second.position)
        #expect(!third.read.lostPosition)
    }

    /// One record alone is a full one, and the log of the usual form.
    @Test(arguments: [1, 2, 3])
    func `goes on where the short form begins behind full records`(new: Int) async throws {
        let terminal = terminal(shortLog(1))
        let first = try await terminal.readLog()
        let grown = shortLog(1 + new)
        await terminal.change { $0.records = grown }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.punches.map(\.time) == expectedTimes(1..<(1 + new)))
        #expect(second.oddities.isEmpty)
        #expect(second.read.isComplete)
        #expect(!second.read.lostPosition)
    }

    @Test func `reads everything where records have another length now`() async throws {
        let terminal = terminal(Samples.log(300))
        let first = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(300, size: 49) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.lostPosition)
        #expect(second.punches.count == 300)
        #expect(second.position?.recordSize == 49)
    }

    /// The ring has moved on by half of it: its old place lies behind the page after which the line breaks.
    @Test(arguments: [6_000, 50_000])
    func `goes on looking for its old place where the read was cut off`(first: Int) async throws {
        struct DiskFull: Error {}
        let terminal = terminal(Samples.log(12_000))
        let before = try await terminal.readLog()
        await terminal.change { $0.records = Samples.log(12_000, from: first) }
        var position = before.position
        let session = try await terminal.session()
        await #expect(throws: DiskFull.self) {
            try await session.readLog(from: before.position) { page in
                guard position == before.position else { throw DiskFull() }
                position = page.position
            }
        }
        #expect(position?.count == 1_000)
        #expect(position?.sought == before.position?.proof)
        let rest = try await terminal.readLog(from: position)
        #expect(rest.read.extent == .tail)
        #expect(rest.punches.map(\.time) == expectedTimes((first + 1_000)..<(first + 12_000)))
        #expect(rest.read.lostPosition == (first == 50_000))
        let again = try await terminal.readLog(from: rest.position?.settled)
        #expect(again.read.extent == .unchanged)
        #expect(!again.read.lostPosition)
    }

    @Test func `goes on where a keeper stopped in the middle`() async throws {
        struct DiskFull: Error {}
        let terminal = terminal(Samples.log(12_000))
        var position: LogPosition?
        let session = try await terminal.session()
        await #expect(throws: DiskFull.self) {
            try await session.readLog(from: nil) { page in
                guard position == nil else { throw DiskFull() }
                position = page.position
            }
        }
        let rest = try await terminal.readLog(from: position)
        #expect(rest.read.extent == .tail)
        #expect(rest.punches.map(\.time) == expectedTimes(1_000..<12_000))
    }

    @Test func `wants a second look where nobody counts`() async throws {
        let terminal = terminal(Samples.log(3_000))
        let first = try await terminal.readLog()
        await terminal.change {
            $0.records += Samples.log(5, from: 3_000)
            $0.freeSizes = [0, 0, 0, 0]
        }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.extent == .tail)
        #expect(second.punches.count == 5)
        #expect(second.read.isComplete)
    }

    @Test func `works by the older way, which sends everything again`() async throws {
        let terminal = terminal(Samples.log(300, size: 16))
        await terminal.change { $0.prepareAnswer = Command.ackError }
        let first = try await terminal.readLog()
        await terminal.change { $0.records += Samples.log(5, size: 16, from: 300) }
        let second = try await terminal.readLog(from: first.position)
        #expect(second.read.extent == .tail)
        #expect(second.punches.map(\.time) == expectedTimes(300..<305))
    }
}

@Suite struct `Live ZKTeco punches` {
    func event(_ hex: String) throws -> Packet {
        let data = try #require([UInt8](hex: hex))
        return Packet(command: Command.event, session: 1, reply: 0, data: data)
    }

    @Test(arguments: [
        "11270000 01 00 1A0302071D3A",
        "3130303031 00000000000000000000000000000000000000 01 00 1A0302071D3A",
        "3130303031 00000000000000000000000000000000000000 01 00 1A0302071D3A 00000000",
        "3130303031 00000000000000000000000000000000000000 01 00 1A0302071D3A 0000000000",
        "3130303031 00000000000000000000000000000000000000 01 00 1A0302071D3A"
            + "0000000000000000000000000000000000000000",
        "3130303031 00000000000000000000000000000000000000 01 00 1A0302071D3A"
            + "000000000000000000000000000000000000000000000000000000000000000000",
    ])
    func `are understood in every length`(hex: String) async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup())
        let session = try await terminal.session()
        await terminal.emit(try event(hex))
        let punches = try await session.nextLive(within: .seconds(1))
        #expect(punches.map(\.pin.text) == ["10001"])
        #expect(punches.map(\.time.description) == ["2026-03-02T07:29:58"])
        #expect(punches.first?.verify == .finger)
        #expect(punches.first?.state == .checkIn)
    }

    @Test(arguments: ["0500 01 31 1A0302071D3A", "0500 01 31 1A0302071D3A 00000000"])
    func `that name a slot are punches where the log names slots too`(hex: String) async throws {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(10, size: 8)
        let terminal = ModelTerminal(setup)
        let session = try await terminal.session()
        _ = try await session.readLog(from: nil) { _ in }
        await terminal.emit(try event(hex))
        let punches = try await session.nextLive(within: .seconds(1))
        #expect(punches.map(\.pin.text) == ["#5"])
        #expect(punches.map(\.stateNumber) == [1])
    }

    @Test func `that name a slot are none where the log names PINs: they would count twice`()
        async throws
    {
        var setup = ModelTerminal.Setup()
        setup.records = Samples.log(10)
        let terminal = ModelTerminal(setup)
        let session = try await terminal.session()
        _ = try await session.readLog(from: nil) { _ in }
        await terminal.emit(try event("0500 01 00 1A0302071D3A"))
        #expect(try await session.nextLive(within: .seconds(1)).isEmpty)
    }

    @Test func `come all, when several are in one piece`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup())
        let session = try await terminal.session()
        _ = try await session.nextLive(within: .seconds(1))
        await terminal.emitGlued([
            Samples.event(pin: "17", at: Samples.time(1), reply: 0),
            Samples.event(pin: "17", at: Samples.time(2), reply: 1),
        ])
        let punches = try await session.nextLive(within: .seconds(1))
        #expect(punches.map(\.time) == expectedTimes(1..<3))
        let acknowledged = await terminal.received.filter { $0.command == Command.ackOK }
        #expect(acknowledged.map(\.reply) == [0, 1])
    }

    @Test func `are asked for once, with the mask of punches alone`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup())
        let session = try await terminal.session()
        for _ in 1...3 { #expect(try await session.nextLive(within: .seconds(1)).isEmpty) }
        let asked = await terminal.received.filter { $0.command == Command.event }
        #expect(asked.map(\.data) == [[1, 0, 0, 0]])
    }

    @Test func `leave other events aside, acknowledged`() async throws {
        let terminal = ModelTerminal(ModelTerminal.Setup())
        let session = try await terminal.session()
        _ = try await session.nextLive(within: .seconds(1))
        await terminal.emit(Packet(command: Command.event, session: 256, reply: 0, data: [100]))
        #expect(try await session.nextLive(within: .seconds(1)).isEmpty)
        #expect(await terminal.questions.last == Command.ackOK)
    }

    @Test(arguments: 0...60)
    func `are never made of an event that cannot be one`(count: Int) throws {
        for filler in [UInt8(0), 0x20, 0x5A, 0xFF] {
            #expect(LiveEvent(data: [UInt8](repeating: filler, count: count)) == nil)
        }
    }
}
