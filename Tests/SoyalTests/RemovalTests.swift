import Attendance
import TerminalKit
import Testing

@testable import Simulator
@testable import Soyal

private struct DiskFull: Error {}

@Suite struct `Removing SOYAL events` {
    let terminal = controller(records: 5)
    let shelf = Shelf()

    private var removals: Int { terminal.with { $0.commands["remove-oldest"] ?? 0 } }

    @Test func `is never done by default`() async throws {
        let read = try await visit(Bus(terminal), shelf, options())
        #expect(removals == 0)
        #expect(terminal.waiting == 5)
        #expect(await shelf.records == Set(terminal.truth.filter { $0 == terminal.first }))
        #expect(read.extent == .oldest)
        #expect(!read.isComplete)
    }

    @Test func `gives the next event, until the log is empty`() async throws {
        let read = try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(terminal.waiting == 0)
        #expect(removals == 5)
        #expect(await shelf.records == terminal.truth)
        #expect(
            read
                == LogRead(
                    extent: .full, received: 5, total: 0, isComplete: true, lostPosition: false,
                    isDrained: true))
        let again = try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(again.extent == .unchanged)
        #expect(removals == 5)
    }

    @Test func `is not done before the page is kept`() async throws {
        let session = try await SoyalDriver(options: options(.deleteOldest)).open(Bus(terminal))
        let terminal = terminal
        _ = try await session.readLog(from: nil) { page in
            #expect(terminal.with { $0.commands["remove-oldest"] ?? 0 } == terminal.removed.count)
            let isKept = terminal.removed.contains(page.records[0])
            #expect(!isKept)
        }
    }

    @Test func `is not done for a page that could not be kept`() async throws {
        let session = try await SoyalDriver(options: options(.deleteOldest)).open(Bus(terminal))
        await #expect(throws: DiskFull.self) {
            _ = try await session.readLog(from: nil) { _ in throw DiskFull() }
        }
        #expect(removals == 0)
        #expect(terminal.waiting == 5)
    }

    // MARK: A lost answer

    @Test func `is followed by reading when its answer was lost`() async throws {
        let bus = Bus(terminal)
        await bus.fault(.loseAnswer, of: Command.removeOldest)
        try await visit(bus, shelf, options(.deleteOldest))
        #expect(removals == 5)
        #expect(await shelf.records == terminal.truth)
        #expect(await bus.hasReadBeforeEachRemoval)
    }

    @Test func `is said once more when the order itself was lost`() async throws {
        let bus = Bus(terminal)
        await bus.fault(.loseRequest, of: Command.removeOldest)
        try await visit(bus, shelf, options(.deleteOldest))
        #expect(removals == 5)
        #expect(await bus.commands.filter { $0 == Command.removeOldest }.count == 6)
        #expect(await shelf.records == terminal.truth)
        #expect(await bus.hasReadBeforeEachRemoval)
    }

    @Test func `ends the read when the same event is not answered for twice`() async throws {
        let bus = Bus(terminal)
        for _ in 0..<2 { await bus.fault(.loseRequest, of: Command.removeOldest) }
        await #expect(throws: LinkError.self) {
            try await visit(bus, shelf, options(.deleteOldest))
        }
        #expect(await bus.commands.filter { $0 == Command.removeOldest }.count == 2)
        #expect(terminal.waiting == 5)
        try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(await shelf.records == terminal.truth)
    }

    @Test(arguments: [300, 1_990, 2_010, 2_250, 2_310, 4_000])
    func `takes no late answer for a new one`(milliseconds: Int) async throws {
        for command in [Command.removeOldest, Command.oldest] {
            let terminal = controller(records: 6)
            let shelf = Shelf()
            let bus = Bus(terminal)
            for _ in 0..<3 { await bus.fault(.lateAnswer(milliseconds), of: command) }
            _ = try? await visit(bus, shelf, options(.deleteOldest))
            #expect(Set(terminal.removed).isSubset(of: await shelf.records))
            try await visit(Bus(terminal), shelf, options(.deleteOldest))
            #expect(await shelf.records == terminal.truth)
            #expect(await bus.hasReadBeforeEachRemoval)
        }
    }

    @Test func `does not trust an old event that comes late after an unanswered order`()
        async throws
    {
        // The second reading is answered so late that it arrives behind the unanswered order.
        let bus = Bus(terminal)
        await bus.fault(.lateAnswer(2_100), at: 4)
        await bus.fault(.loseAnswer, of: Command.removeOldest)
        _ = try? await visit(bus, shelf, options(.deleteOldest))
        #expect(Set(terminal.removed).isSubset(of: await shelf.records))
        try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(await shelf.records == terminal.truth)
    }

    /// Every pattern of answers that are in time, late, and very late, over the first questions.
    @Test(arguments: 0..<4)
    func `loses nothing on a line whose answers come late, one behind the other`(
        part: Int
    ) async throws {
        let lateness = [20, 2_030, 2_400, 4_100]
        for pattern in stride(from: part, to: 1_024, by: 4) {
            let terminal = controller(records: 4)
            let shelf = Shelf()
            let bus = Bus(terminal)
            let session = try await SoyalDriver(options: options(.deleteOldest)).open(bus)
            await bus.delay((0..<5).map { lateness[pattern >> ($0 * 2) & 3] } + [20])
            let read = try? await session.readLog(from: nil) { await shelf.keep($0) }
            #expect(Set(terminal.removed).isSubset(of: await shelf.records), "\(pattern)")
            if read?.isComplete == true { #expect(terminal.waiting == 0, "\(pattern)") }
        }
    }

    // MARK: Twins

    @Test(arguments: [2, 3, 5])
    func `of events with the same bytes neither loses one nor takes another for it`(
        twins: Int
    ) async throws {
        let terminal = controller(records: 0)
        terminal.come(0, times: twins)
        terminal.come(1)
        try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(terminal.waiting == 0)
        #expect(removals(of: terminal) == twins + 1)
        #expect(await shelf.records == terminal.truth)
        #expect(await shelf.records.count == 2)
    }

    @Test(arguments: [Bus.Fault.loseAnswer, .loseRequest])
    func `of twins loses no third event when an answer is lost`(fault: Bus.Fault) async throws {
        let terminal = controller(records: 0)
        terminal.come(0, times: 2)
        terminal.come(1)
        terminal.come(2)
        let bus = Bus(terminal)
        await bus.fault(fault, of: Command.removeOldest)
        try await visit(bus, shelf, options(.deleteOldest))
        #expect(terminal.waiting == 0)
        #expect(await shelf.records == terminal.truth)
    }

    @Test func `ends when the controller says yes and removes nothing`() async throws {
        let bus = Deaf()
        var session = try await SoyalDriver(options: options(.deleteOldest)).open(bus)
        await #expect(throws: DriverError.self) {
            _ = try await session.readLog(from: nil) { _ in }
        }
        session = try await SoyalDriver(options: options()).open(bus)
        _ = try await session.readLog(from: nil) { _ in }
    }

    // MARK: Weak checksums

    @Test func `is not done for an event that came changed with right checksums`() async throws {
        let bus = Bus(terminal)
        await bus.fault(.changeAnswer, of: Command.oldest)
        await bus.fault(.changeAnswer, at: 9)
        try await visit(bus, shelf, options(.deleteOldest))
        #expect(await shelf.records == terminal.truth)
    }

    private func removals(of terminal: SimulatedTerminal) -> Int {
        terminal.with { $0.commands["remove-oldest"] ?? 0 }
    }
}

/// A controller that always has the same event.
private actor Deaf: Link {
    nonisolated let isDatagram = false
    private var answers: [[UInt8]] = []

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        guard let packet = Packet(wholeFrame: bytes[...]) else { return }
        let data: [UInt8] =
            switch packet.command {
            case Command.clock: [1, 0, 0, 8, 6, 20, 11, 26, 0x46, 1, 2, 0, 0xC3, 0, 4, 1]
            case Command.removeOldest: []
            default: [1, 0, 0, 8, 6, 20, 11, 26, 17] + [UInt8](repeating: 1, count: 20)
            }
        let code: UInt8 = packet.command == Command.clock ? 3 : 4
        answers.append(Packet(node: 0, command: code, data: data).bytes)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard !answers.isEmpty else { throw .silent(after: limit) }
        return answers.removeFirst()
    }

    func close() async {}
}

extension Bus {
    /// Between any two removals, and before the first, the log was read.
    var hasReadBeforeEachRemoval: Bool {
        var hasRead = false
        for command in commands {
            if command == Command.oldest { hasRead = true }
            if command == Command.removeOldest {
                guard hasRead else { return false }
                hasRead = false
            }
        }
        return true
    }
}

extension SimulatedTerminal {
    /// The oldest event that ever happened here.
    var first: LogRecord? {
        with { state in
            state.book.log.first.map { Records.decode(SimulatedSoyal.event($0, node: 1)) }
        }
    }
}
