import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Anviz

@Suite struct `Confirming Anviz punches` {
    private struct DiskFull: Error {}

    @Test func `is never done by default`() async throws {
        let terminal = ModelTerminal(rows: 60)
        try await read(terminal, onto: Shelf())
        #expect(await !terminal.commands().contains(Command.clear))
        #expect(await terminal.confirmed == 0)
    }

    @Test(arguments: [1, 24, 25, 26, 60])
    func `clears exactly the flags of what is on disk`(count: Int) async throws {
        let terminal = ModelTerminal(rows: count)
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: .flags)
        #expect(shelf.records.count == count)
        #expect(await terminal.requests.last?.data == Order.clearOldestFlags(rows: count).data)
        #expect(await terminal.confirmed == count)
    }

    @Test func `then reads only what is new`() async throws {
        let terminal = ModelTerminal(rows: 500)
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: .flags)
        shelf.forgetRecords()
        await terminal.change { for row in 500..<503 { $0.add(ModelTerminal.row(row)) } }
        let log = try await read(terminal, onto: shelf, confirm: .flags)
        #expect(shelf.records.compactMap(rowBytes) == (500..<503).map { ModelTerminal.row($0) })
        #expect(log.received == 3)
        #expect(log.isComplete)
        #expect(await terminal.confirmed == 503)
    }

    @Test(arguments: [1, 5, 15])
    func `follows a full ring by flags alone`(count: Int) async throws {
        let terminal = ModelTerminal(rows: 200)
        await terminal.change { $0.capacity = 200 }
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: .flags)
        await terminal.change {
            for row in 200..<(200 + count) { $0.add(ModelTerminal.row(row)) }
        }
        let log = try await read(terminal, onto: shelf, confirm: .flags)
        #expect(log.received == count)
        #expect(log.isComplete)
        #expect(!log.lostPosition)
        #expect(shelf.rows == Set((0..<(200 + count)).map { ModelTerminal.row($0) }))
    }

    @Test func `finds a log that was cleared and refilled`() async throws {
        let terminal = ModelTerminal(rows: 100)
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: .flags)
        shelf.forgetRecords()
        let refilled = (0..<103).map { ModelTerminal.row(9_000 + $0) }
        await terminal.change {
            $0.clear()
            $0.log = refilled
            $0.confirmed = 100
        }
        let log = try await read(terminal, onto: shelf, confirm: .flags)
        #expect(log.lostPosition)
        #expect(shelf.rows == Set(refilled))
    }

    @Test func `leaves a finger read meanwhile for the next time`() async throws {
        let terminal = ModelTerminal(rows: 60)
        await terminal.change { $0.faultOfCommand[Command.clear] = .punch(ModelTerminal.row(60)) }
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: .flags)
        #expect(await terminal.confirmed == 60)
        let log = try await read(terminal, onto: shelf, confirm: .flags)
        #expect(log.received == 1)
        #expect(shelf.rows.contains(ModelTerminal.row(60)))
    }

    @Test func `is not done for a page that could not be kept`() async throws {
        let terminal = ModelTerminal(rows: 60)
        var options = DriverOptions()
        options.confirm = .flags
        let session = try await AnvizDriver(options: options).open(terminal)
        await #expect(throws: DiskFull.self) {
            _ = try await session.readLog(from: nil) { _ in throw DiskFull() }
        }
        #expect(await !terminal.commands().contains(Command.clear))
    }

    @Test func `is not done when another program cleared flags meanwhile`() async throws {
        let terminal = ModelTerminal(rows: 60)
        let shelf = Shelf()
        var options = DriverOptions()
        options.confirm = .flags
        let session = try await AnvizDriver(options: options).open(terminal)
        _ = try await session.readLog(from: nil) { page in
            shelf.keep(page)
            await terminal.change { $0.confirmed = 30 }
        }
        #expect(await !terminal.commands().contains(Command.clear))
    }

    @Test func `is not done where more is said to be new than the log holds`() async throws {
        let terminal = ModelTerminal(rows: 1)
        await terminal.change { $0.countsTooManyNew = 3 }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf, confirm: .flags)
        #expect(shelf.records.count == 1)
        #expect(log.isComplete)
        #expect(await !terminal.commands().contains(Command.clear))
    }

    @Test func `is never said twice when the answer is lost`() async throws {
        let terminal = ModelTerminal(rows: 60)
        await terminal.change { $0.faultOfCommand[Command.clear] = .loseAnswer }
        let shelf = Shelf()
        await #expect(throws: LinkError.self) {
            try await read(terminal, onto: shelf, confirm: .flags)
        }
        #expect(await terminal.commands().filter { $0 == Command.clear }.count == 1)
        #expect(shelf.records.count == 60)
    }
}
