import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Anviz

/// What terminals were seen or said to do, one test each; where it is from stands in
/// docs/reference/protocols/anviz.md.
@Suite struct `An Anviz terminal's quirk` {
    private func expectAll(
        _ terminal: ModelTerminal, _ count: Int, confirm: ConfirmPolicy = .never
    ) async throws {
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf, confirm: confirm)
        #expect(log.isComplete)
        #expect(shelf.records.compactMap(rowBytes) == (0..<count).map { ModelTerminal.row($0) })
    }

    // MARK: Codes

    @Test func `RET 0E after idling is asked again`() async throws {
        let terminal = ModelTerminal(rows: 40)
        await terminal.change {
            $0.faults[0] = .fail(AnswerCode.idle)
            $0.faults[1] = .fail(AnswerCode.idle)
        }
        try await expectAll(terminal, 40)
    }

    @Test func `RET 0E that stays ends the talk, so that the bridge connects anew`() async throws {
        let terminal = ModelTerminal(rows: 40)
        let session = try await AnvizDriver().open(terminal)
        await terminal.change { for number in 0..<9 { $0.faults[number] = .fail(AnswerCode.idle) } }
        await #expect(throws: DriverError.refused(question: "clock", code: 0x0E)) {
            _ = try await session.readClock()
        }
        #expect(
            await terminal.commands() == [Command.counters] + [UInt8](repeating: 0x38, count: 3))
    }

    @Test func `RET 0E in the middle of a download loses no block`() async throws {
        let terminal = ModelTerminal(rows: 130)
        await terminal.change { $0.faults[5] = .fail(AnswerCode.idle) }
        try await expectAll(terminal, 130)
    }

    @Test func `RET 0F, somebody at the stick, is waited for a little and then told`() async throws
    {
        let terminal = ModelTerminal(rows: 10)
        await terminal.change { $0.faults[0] = .fail(AnswerCode.locked) }
        try await expectAll(terminal, 10)
        await terminal.change { for number in 0..<99 { $0.faults[number] = .fail(0x0F) } }
        await #expect(throws: DriverError.refused(question: "counters", code: 0x0F)) {
            _ = try await AnvizDriver().open(terminal)
        }
    }

    // MARK: Numbers

    @Test func `of answering number 0 with its own tells its number`() async throws {
        let terminal = ModelTerminal()
        await terminal.change { $0.device = 7 }
        let session = try await AnvizDriver().open(terminal)
        let identity = try await session.identify()
        #expect(identity.station == 7)
        #expect(await terminal.requests.map(\.device).prefix(2) == [0, 7])
    }

    @Test func `of a number beyond 255 is no trouble`() async throws {
        let terminal = ModelTerminal(rows: 3)
        await terminal.change { $0.device = 0x0102_0304 }
        try await expectAll(terminal, 3)
        #expect(await terminal.requests.last?.device == 0x0102_0304)
    }

    @Test func `of ids of 40 bits keeps every digit`() throws {
        let row = Records.encode(user: 1_099_511_627_775, time: WallTime(seconds: 1_795_000_000))
        guard case .punch(let punch) = Records.decode(row[...]) else {
            Issue.record("no punch")
            return
        }
        #expect(punch.pin.text == "1099511627775")
    }

    @Test(arguments: [18, 34])
    func `of counters longer than they are makes no difference`(length: Int) async throws {
        let terminal = ModelTerminal(rows: 12)
        await terminal.change { $0.counterLength = length }
        try await expectAll(terminal, 12)
    }

    // MARK: Rows

    @Test func `of verify 80h keeps the number and the punch`() throws {
        let row = Records.encode(
            user: 17, time: WallTime(seconds: 1_795_000_000), backup: 0x80)
        guard case .punch(let punch) = Records.decode(row[...]) else {
            Issue.record("no punch")
            return
        }
        #expect(punch.verify == .other)
        #expect(punch.verifyNumber == 0x80)
    }

    @Test func `of a factory clock keeps the rows of 2005`() async throws {
        let factory = try #require(WallTime("2005-01-01T00:00:00"))
        let old = (0..<3).map { Records.encode(user: UInt64($0), time: factory) }
        let terminal = ModelTerminal(rows: 4)
        await terminal.change { $0.log = old + $0.log }
        let shelf = Shelf()
        try await read(terminal, onto: shelf)
        #expect(shelf.records.compactMap(rowBytes).prefix(3) == old[...])
    }

    @Test func `of 8 rows at a time loses none`() async throws {
        let terminal = ModelTerminal(rows: 130)
        await terminal.change { $0.largestBlock = 8 }
        try await expectAll(terminal, 130)
    }

    // MARK: The place in the log

    @Test func `of a block without rows before the end ends no read in silence`() async throws {
        let terminal = ModelTerminal(rows: 130)
        await terminal.change { $0.faults[5] = .emptyBlock }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(!log.isComplete)
        #expect(shelf.position == nil)
        #expect(await terminal.requests.count < 20)
    }

    @Test func `of a damaged block is met with "again", never with "next"`() async throws {
        let terminal = ModelTerminal(rows: 60)
        await terminal.change { $0.faults[4] = .damageAnswer }
        try await expectAll(terminal, 60)
        #expect(await terminal.requests[4].data.first == Download.next)
        #expect(await terminal.requests[5].data.first == Download.again)
    }

    @Test func `of RET 01 to "next" begins the download anew`() async throws {
        let terminal = ModelTerminal(rows: 60)
        await terminal.change { $0.faults[4] = .fail(AnswerCode.failure) }
        try await expectAll(terminal, 60)
        #expect(
            await terminal.downloads().prefix(3) == [Download.all, Download.next, Download.all])
    }

    @Test(arguments: 4...7)
    func `of one place for all clients never makes a short list complete`(
        request: Int
    ) async throws {
        for fault in [ModelTerminal.Fault.steal, .rewind] {
            let terminal = ModelTerminal(rows: 130)
            await terminal.change { $0.faults[request] = fault }
            let shelf = Shelf()
            let log = try await read(terminal, onto: shelf)
            let whole = Set((0..<130).map { ModelTerminal.row($0) })
            #expect(log.isComplete == (shelf.rows == whole))
            if shelf.rows != whole { #expect(shelf.position == nil) }
            // The next read has all of it.
            let again = try await read(terminal, onto: shelf)
            #expect(again.isComplete)
            #expect(shelf.rows == whole)
        }
    }

    @Test(arguments: [1, 2, 3])
    func `of flags that another program clears loses no row`(cleared: Int) async throws {
        let terminal = ModelTerminal(rows: 100)
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: .flags)
        await terminal.change {
            for row in 100..<103 { $0.add(ModelTerminal.row(row)) }
            $0.confirmed += cleared
        }
        let log = try await read(terminal, onto: shelf, confirm: .flags)
        #expect(log.isComplete)
        #expect(shelf.rows == Set((0..<103).map { ModelTerminal.row($0) }))
    }

    @Test func `of flags cleared while they are read loses no row`() async throws {
        let terminal = ModelTerminal(rows: 100)
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: .flags)
        await terminal.change {
            for row in 100..<160 { $0.add(ModelTerminal.row(row)) }
            $0.forgetRequests()
            // Opening, capacity, counters, beginning: then the new rows are asked for.
            $0.faults[4] = .clearFlags(40)
        }
        _ = try await read(terminal, onto: shelf, confirm: .flags)
        let again = try await read(terminal, onto: shelf, confirm: .flags)
        #expect(again.isComplete)
        #expect(shelf.rows == Set((0..<160).map { ModelTerminal.row($0) }))
    }

    // MARK: Frames nobody asked for

    @Test func `of pushing before the answer is no answer`() async throws {
        let terminal = ModelTerminal(rows: 3)
        await terminal.change { $0.faults[2] = .pushBefore(ModelTerminal.row(77)) }
        try await expectAll(terminal, 3)
    }

    @Test func `of dialling in and saying 7F is answered, all else is let pass`() async throws {
        let terminal = ModelTerminal(rows: 3)
        let unasked = [
            Packet(request: Command.heartbeat, device: 1),
            Packet(answer: Command.changeAlert, device: 1, data: [UInt8](repeating: 0, count: 16)),
            Packet(answer: Command.status, device: 1, data: [1]),
            Packet(answer: Command.eventLog, device: 1, data: [1, 2, 3]),
        ]
        await terminal.change { $0.faults[2] = .framesBefore(unasked) }
        try await expectAll(terminal, 3)
        #expect(
            await terminal.answersHeard == [Packet(answer: Command.heartbeat, device: 1)])
    }

    // MARK: The connection password

    @Test func `of a connection password is met with comm_key_file`() async throws {
        let terminal = ModelTerminal(rows: 30)
        await terminal.change { $0.password = "4711" }
        var options = DriverOptions()
        options.commKey = 4_711
        let session = try await AnvizDriver(options: options).open(terminal)
        #expect(try await session.counters().records == 30)
        let said = try #require(await terminal.requests.first)
        #expect(said.command == Command.authenticate)
        #expect(
            said.data == Array("admin".utf8) + [0, 0, 0, 0, 0, 0, 0] + Array("4711".utf8)
                + [UInt8](repeating: 0, count: 8))
    }

    @Test(arguments: [nil, UInt32(12)])
    func `of a connection password nobody knows is told, and tried once`(
        key: UInt32?
    ) async throws {
        let terminal = ModelTerminal(rows: 30)
        await terminal.change { $0.password = "4711" }
        var options = DriverOptions()
        options.commKey = key
        await #expect(throws: DriverError.wrongKey) {
            _ = try await AnvizDriver(options: options).open(terminal)
        }
        let asked = await terminal.commands().filter { $0 == Command.authenticate }.count
        #expect(asked == (key == nil ? 0 : 1))
    }
}

@Suite struct `An Anviz line that several share` {
    private func shared() -> DriverOptions {
        var options = DriverOptions()
        options.station = 1
        options.turnaround = .milliseconds(200)
        return options
    }

    @Test func `is talked on only after 200 ms of silence`() async throws {
        let terminal = ModelTerminal(rows: 60)
        let session = try await AnvizDriver(options: shared()).open(terminal)
        _ = try await session.readLog(from: nil) { _ in }
        let sent = await terminal.sentAt
        let heard = await terminal.heardAt
        #expect(sent.count > 5)
        for time in sent {
            let last = heard.filter { $0 < time }.max() ?? 0
            #expect(time - last >= 200)
        }
    }

    @Test func `is not held up by a station that drips a byte a second`() async throws {
        let terminal = ModelTerminal(rows: 60)
        await terminal.change { for number in 0..<9 { $0.faults[number] = .drip } }
        await #expect(throws: (any Error).self) {
            _ = try await AnvizDriver(options: shared()).open(terminal)
        }
        #expect(try #require(await terminal.sentAt.last) < 10_000)
    }

    @Test func `is not searched for other makes when a station is silent`() async throws {
        let terminal = ModelTerminal()
        await terminal.change { $0.device = 2 }
        await #expect(throws: LinkError.silent(after: .seconds(2))) {
            _ = try await AnvizDriver(options: shared()).open(terminal)
        }
        // Nothing reached the station on the line that was not meant.
        #expect(await terminal.requests.isEmpty)
    }

    @Test func `carries noise and our own echo, and neither is an answer`() async throws {
        let terminal = ModelTerminal(rows: 60)
        await terminal.change {
            for number in 0..<40 where number % 2 == 0 { $0.faults[number] = .echo }
            for number in 0..<40 where number % 2 == 1 {
                $0.faults[number] = .noiseBefore([0xA5, 0xFF, 0x00, 0xA5, 0x13])
            }
        }
        let shelf = Shelf()
        let session = try await AnvizDriver(options: shared()).open(terminal)
        let log = try await session.readLog(from: nil) { shelf.keep($0) }
        #expect(log.isComplete)
        #expect(shelf.records.count == 60)
    }

    @Test func `does not take another station's frames for the one that is asked`() async throws {
        let terminal = ModelTerminal(rows: 3)
        let foreign = Counters(
            users: 9, fingerprints: 9, passwords: 9, cards: 9, records: 999, newRecords: 99)
        await terminal.change {
            for number in 0..<9 {
                $0.faults[number] = .framesBefore([
                    Packet(answer: Command.counters, device: 2, data: foreign.data),
                    Packet(answer: Command.live, device: 3, data: ModelTerminal.row(5)),
                ])
            }
        }
        let session = try await AnvizDriver(options: shared()).open(terminal)
        #expect(try await session.counters().records == 3)
        #expect(try await session.nextLive(within: .zero).isEmpty)
    }
}
