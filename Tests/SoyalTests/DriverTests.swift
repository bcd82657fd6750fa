import Attendance
import TerminalKit
import Testing

@testable import Simulator
@testable import Soyal

@Suite struct `The SOYAL driver` {
    @Test func `knows its make and the port of the factory`() {
        #expect(SoyalDriver().make == "soyal")
        #expect(SoyalDriver.defaultPort == 1621)
    }

    @Test func `is told who the controller is, and hears model and firmware`() async throws {
        let session = try await SoyalDriver(options: options()).open(Bus(controller()))
        let identity = try await session.identify()
        #expect(identity.id.description == "soyal:821EF0001")
        #expect(identity.model == "AR-821EFv5")
        #expect(identity.firmware == "4V6")
    }

    @Test func `asks the parameters where the clock tells no type`() async throws {
        let bus = Bus(controller(faults: [.noType]))
        let session = try await SoyalDriver(options: options()).open(bus)
        #expect(try await session.identify().model == "AR-821EFv5")
        #expect(await bus.commands == [Command.clock, Command.parameters])
    }

    @Test(arguments: [nil, "", "a b"] as [String?])
    func `invents no identity`(serial: String?) async throws {
        let session = try await SoyalDriver(options: options(serial: serial)).open(
            Bus(controller()))
        await #expect(throws: DriverError.serialMissing(seen: "AR-821EFv5 4V6")) {
            _ = try await session.identify()
        }
    }

    @Test func `shows the clock as it is, also one that was never set`() async throws {
        let right = try await SoyalDriver(options: options()).open(Bus(controller()))
        #expect(try await right.readClock().description == "2026-11-20T17:45:00")
        let unset = controller(faults: [.unsetClock])
        let wrong = try await SoyalDriver(options: options()).open(Bus(unset))
        #expect(try await wrong.readClock().description == "2010-11-09T00:00:00")
    }

    @Test func `says that a clock shows no time, and reads the log all the same`() async throws {
        let bus = Timeless()
        let session = try await SoyalDriver(options: options()).open(bus)
        await #expect(throws: DriverError.self) { _ = try await session.readClock() }
        let read = try await session.readLog(from: nil) { _ in }
        #expect(read.total == 0)
    }

    @Test func `reads the oldest event once, and says that it never claims more`() async throws {
        let terminal = controller(records: 3)
        let shelf = Shelf()
        try await visit(Bus(terminal), shelf, options())
        let pages = await shelf.pages
        let again = try await visit(Bus(terminal), shelf, options())
        #expect(await shelf.pages == pages)
        #expect(
            again
                == LogRead(
                    extent: .oldest, received: 0, total: 1, isComplete: false, lostPosition: false))
    }

    @Test func `never claims that an empty log was whole while it removes nothing`() async throws {
        let read = try await visit(Bus(controller(records: 0)), Shelf(), options())
        #expect(read.total == 0)
        #expect(!read.isComplete)
    }

    @Test func `counts on while it removes, so that the log's beginning is not forgotten`()
        async throws
    {
        let terminal = controller(records: 2)
        let shelf = Shelf()
        try await visit(Bus(terminal), shelf, options(.deleteOldest))
        terminal.add(1, pin: 7)
        try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(await shelf.position?.count == 3)
    }

    @Test func `hears of no event that a finger does not make`() async throws {
        let terminal = controller(records: 0, faults: [.noEvents])
        terminal.add(3)
        let read = try await visit(Bus(terminal), Shelf(), options(.deleteOldest))
        #expect(read.received == 0)
        #expect(read.isComplete)
    }

    // MARK: Do no harm

    /// Everything that can make the driver say something.
    private func provoke(_ terminal: SimulatedTerminal, _ confirm: ConfirmPolicy) async throws
        -> Set<UInt8>
    {
        var commands: Set<UInt8> = []
        for faults in [[], [Command.clock], [Command.oldest], [Command.clock, Command.oldest]] {
            let bus = Bus(terminal)
            let session = try await SoyalDriver(options: options(confirm)).open(bus)
            _ = try await session.identify()
            for command in faults {
                for _ in 0..<2 { await bus.fault(.loseAnswer, of: command) }
            }
            _ = try await session.counters()
            _ = try? await session.readClock()
            _ = try? await session.readLog(from: nil) { _ in }
            _ = try await session.nextLive(within: .zero)
            await session.close()
            commands.formUnion(await bus.commands)
        }
        return commands
    }

    @Test func `sends nothing but questions unless it is told to remove`() async throws {
        let terminal = controller(records: 3, faults: [.noType])
        let commands = try await provoke(terminal, .never)
        #expect(commands == [Command.clock, Command.parameters, Command.poll, Command.oldest])
        let counts = terminal.with { $0.commands }
        #expect(Set(counts.keys) == ["clock", "parameters", "poll", "oldest"])
        #expect(terminal.waiting == 3)
    }

    @Test func `sends one order more where it is told to remove`() async throws {
        let terminal = controller(records: 3, faults: [.noType])
        let commands = try await provoke(terminal, .deleteOldest)
        let allowed = [
            Command.clock, Command.parameters, Command.poll, Command.oldest, Command.removeOldest,
        ]
        #expect(commands.isSubset(of: allowed))
        let harm = terminal.with { [$0.cleared, $0.clockSet, $0.templateRequests, $0.disabled] }
        #expect(harm == [0, 0, 0, 0])
        #expect(terminal.waiting == 0)
    }
}

/// A controller whose clock shows 30 February and whose log is empty.
private actor Timeless: Link {
    nonisolated let isDatagram = false
    private var answers: [[UInt8]] = []

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        let isClock = Packet(wholeFrame: bytes[...])?.command == Command.clock
        let clock: [UInt8] = [1, 0, 0, 8, 6, 30, 2, 26, 0x46, 1, 2, 0, 0xC3, 0, 4, 1]
        answers.append(Packet(node: 0, command: isClock ? 3 : 4, data: isClock ? clock : []).bytes)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard !answers.isEmpty else { throw .silent(after: limit) }
        return answers.removeFirst()
    }

    func close() async {}
}
