import Attendance
import TerminalKit
import Testing

@testable import Anviz

@Suite struct `Reading an Anviz log` {
    @Test(arguments: [0, 1, 15, 16, 17, 24, 25, 26, 50, 1_000])
    func `gives every row, in order`(count: Int) async throws {
        let terminal = ModelTerminal(rows: count)
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(shelf.records.compactMap(rowBytes) == (0..<count).map { ModelTerminal.row($0) })
        #expect(log.isComplete)
        #expect(log.total == count)
        #expect(log.received == count)
        #expect(!log.lostPosition)
        #expect(shelf.position?.count == count)
    }

    @Test(arguments: [1, 3, 8, 24])
    func `does not mind models that send fewer rows at a time`(block: Int) async throws {
        let terminal = ModelTerminal(rows: 100)
        await terminal.change { $0.largestBlock = block }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(shelf.records.count == 100)
        #expect(log.isComplete)
    }

    @Test func `asks for a few rows when nothing has changed`() async throws {
        let (terminal, shelf) = try await readOnce(rows: 1_000)
        let log = try await read(terminal, onto: shelf)
        #expect(log == unchanged(total: 1_000))
        #expect(shelf.records.isEmpty)
        #expect(await terminal.downloads() == [Download.all])
    }

    @Test func `hands on only what is new when everything has to be read`() async throws {
        let (terminal, shelf) = try await readOnce(rows: 1_000)
        await terminal.change { for row in 1_000..<1_003 { $0.add(ModelTerminal.row(row)) } }
        let log = try await read(terminal, onto: shelf)
        #expect(shelf.records.compactMap(rowBytes) == (1_000..<1_003).map { ModelTerminal.row($0) })
        #expect(log.extent == .tail)
        #expect(log.isComplete)
        #expect(!log.lostPosition)
        #expect(try await read(terminal, onto: shelf) == unchanged(total: 1_003))
    }

    @Test func `reads only the new rows where another program clears flags`() async throws {
        let (terminal, shelf) = try await readOnce(rows: 1_000)
        await terminal.change {
            $0.confirmed = 990
            for row in 1_000..<1_003 { $0.add(ModelTerminal.row(row)) }
        }
        let log = try await read(terminal, onto: shelf)
        #expect(shelf.records.compactMap(rowBytes) == (1_000..<1_003).map { ModelTerminal.row($0) })
        #expect(log.extent == .tail)
        #expect(log.received == 13)
        #expect(log.isComplete)
    }

    @Test func `reads everything where another program cleared flags of unread rows`() async throws
    {
        let (terminal, shelf) = try await readOnce(rows: 100)
        await terminal.change {
            for row in 100..<110 { $0.add(ModelTerminal.row(row)) }
            $0.confirmed = 107
        }
        let log = try await read(terminal, onto: shelf)
        #expect(shelf.rows == Set((100..<110).map { ModelTerminal.row($0) }))
        #expect(log.isComplete)
    }

    @Test(arguments: [0, 1, 5, 20, 99, 100, 101, 300])
    func `finds a log that was cleared and refilled`(count: Int) async throws {
        let (terminal, shelf) = try await readOnce(rows: 100)
        let refilled = (0..<count).map { ModelTerminal.row(5_000 + $0, work: 7) }
        await terminal.change {
            $0.clear()
            $0.log = refilled
        }
        let log = try await read(terminal, onto: shelf)
        #expect(shelf.records.compactMap(rowBytes) == refilled)
        #expect(log.lostPosition)
        #expect(log.isComplete)
        #expect(log.total == count)
        #expect(shelf.position?.count == count)
        #expect(try await read(terminal, onto: shelf) == unchanged(total: count))
    }

    @Test(arguments: [1, 10, 15, 16, 60, 200])
    func `follows a ring that drops its oldest rows`(count: Int) async throws {
        let (terminal, shelf) = try await readOnce(rows: 200, capacity: 200)
        await terminal.change {
            for row in 200..<(200 + count) { $0.add(ModelTerminal.row(row)) }
        }
        let log = try await read(terminal, onto: shelf)
        #expect(
            shelf.rows.isSuperset(of: (200..<(200 + count)).map { ModelTerminal.row($0) }))
        #expect(log.isComplete)
        #expect(log.total == 200)
        #expect(log.lostPosition == (count == 200))
        #expect(try await read(terminal, onto: shelf) == unchanged(total: 200))
    }

    @Test(arguments: [(63, 62), (10, 9), (1, 0), (0, nil)] as [(Int, Int64?)])
    func `says what is left of the known rows in a ring`(left: Int, seconds: Int64?) async throws {
        let (terminal, shelf) = try await readOnce(rows: 200, capacity: 200)
        await terminal.change {
            for row in 200..<(400 - left) { $0.add(ModelTerminal.row(row)) }
        }
        let log = try await read(terminal, onto: shelf)
        #expect(log.lostPosition)
        #expect(log.remnantSeconds == seconds)
        #expect(log.isComplete)
        #expect(
            shelf.records.compactMap(rowBytes)
                == ((200 - left)..<(400 - left)).map { ModelTerminal.row($0) })
    }

    @Test(arguments: [true, false])
    func `says nothing of rows that are left where the log may not be full`(tells: Bool)
        async throws
    {
        let (terminal, shelf) = try await readOnce(rows: 200, capacity: tells ? 201 : 200)
        await terminal.change {
            $0.tellsCapacity = tells
            $0.log = (190..<390).map { ModelTerminal.row($0) }
        }
        let log = try await read(terminal, onto: shelf)
        #expect(log.lostPosition)
        #expect(log.remnantSeconds == nil)
    }

    @Test func `follows a ring by its new rows alone`() async throws {
        let (terminal, shelf) = try await readOnce(rows: 200, capacity: 200)
        await terminal.change {
            $0.confirmed = 200
            for row in 200..<205 { $0.add(ModelTerminal.row(row)) }
        }
        let log = try await read(terminal, onto: shelf)
        #expect(shelf.records.compactMap(rowBytes) == (200..<205).map { ModelTerminal.row($0) })
        #expect(log.received == 5)
        #expect(log.isComplete)
    }

    @Test func `is not complete when a ring turned meanwhile`() async throws {
        let terminal = ModelTerminal(rows: 200)
        await terminal.change {
            $0.capacity = 200
            $0.faults[5] = .punch(ModelTerminal.row(200))
        }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(!log.isComplete)
        #expect(shelf.position == nil)
        let again = try await read(terminal, onto: shelf)
        #expect(again.isComplete)
        #expect(shelf.rows.isSuperset(of: (1..<201).map { ModelTerminal.row($0) }))
    }

    @Test func `is complete when a finger is read meanwhile`() async throws {
        let terminal = ModelTerminal(rows: 100)
        await terminal.change { $0.faults[4] = .punch(ModelTerminal.row(100)) }
        let shelf = Shelf()
        #expect(try await read(terminal, onto: shelf).isComplete)
        try await read(terminal, onto: shelf)
        #expect(shelf.rows == Set((0..<101).map { ModelTerminal.row($0) }))
    }

    @Test(arguments: 2...9)
    func `is not complete when the log is cleared meanwhile`(request: Int) async throws {
        let terminal = ModelTerminal(rows: 100)
        await terminal.change { $0.faults[request] = .clear }
        let shelf = Shelf()
        if let log = try? await read(terminal, onto: shelf) {
            #expect(!log.isComplete || log.total == 0)
        }
        #expect(shelf.position?.count ?? 0 == 0)
    }

    @Test(arguments: 3...8)
    func `is not fooled by another program that moves the place`(request: Int) async throws {
        let terminal = ModelTerminal(rows: 150)
        await terminal.change {
            $0.confirmed = 40
            $0.faults[request] = .rewind
        }
        let shelf = Shelf()
        _ = try? await read(terminal, onto: shelf)
        let log = try await read(terminal, onto: shelf)
        #expect(log.isComplete)
        #expect(shelf.rows == Set((0..<150).map { ModelTerminal.row($0) }))
    }

    @Test func `believes a log in which rows truly repeat`() async throws {
        let terminal = ModelTerminal(rows: 50)
        await terminal.change { $0.log += $0.log + $0.log }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(log.isComplete)
        #expect(shelf.records.count == 150)
    }

    @Test func `reads twice where the terminal counts nothing`() async throws {
        let terminal = ModelTerminal(rows: 60)
        await terminal.change { $0.countsNothing = true }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(log.isComplete)
        #expect(shelf.records.count == 60)
        #expect(await terminal.downloads().filter { $0 == Download.all }.count == 2)
    }

    @Test func `keeps rows of a clock that was never set`() async throws {
        let terminal = ModelTerminal()
        let row = Records.encode(user: 9, time: try #require(WallTime("2005-01-01T00:00:00")))
        await terminal.change { $0.add(row) }
        let shelf = Shelf()
        try await read(terminal, onto: shelf)
        #expect(shelf.records.compactMap(rowBytes) == [row])
    }

    // MARK: Set-up

    /// A terminal that has been read once, with nothing in its requests.
    private func readOnce(
        rows: Int, capacity: Int = 50_000
    ) async throws -> (ModelTerminal, Shelf) {
        let terminal = ModelTerminal(rows: rows)
        await terminal.change { $0.capacity = capacity }
        let shelf = Shelf()
        try await read(terminal, onto: shelf)
        shelf.forgetRecords()
        await terminal.change { $0.forgetRequests() }
        return (terminal, shelf)
    }

    private func unchanged(total: Int) -> LogRead {
        LogRead(
            extent: .unchanged, received: 0, total: total, isComplete: true, lostPosition: false)
    }
}
