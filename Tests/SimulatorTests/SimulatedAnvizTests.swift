import Anviz
import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Simulator

@Suite struct `A simulated Anviz terminal` {
    let terminal = anvizTerminal()

    private func ask(
        _ conversation: inout SimulatedAnviz, _ command: UInt8, _ data: [UInt8] = [],
        device: UInt32 = 1
    ) -> Packet? {
        let question = Packet(request: command, device: device, data: data)
        let replies = conversation.answer(question.bytes).flatMap(\.self)
        return replies.first.flatMap { Packet(wholeFrame: $0.bytes[...]) }
    }

    private func rows(_ packet: Packet?) -> Int { Int(packet?.data.first ?? 0xFF) }

    // MARK: Whom it answers

    @Test func `is silent to another number, and answers 0 with its own`() {
        var line = SimulatedAnviz(terminal)
        #expect(ask(&line, Command.counters, device: 2) == nil)
        #expect(ask(&line, Command.counters, device: 0)?.device == 1)
    }

    @Test func `is silent to a wrong checksum`() {
        var line = SimulatedAnviz(terminal)
        var frame = Packet(request: Command.counters, device: 1).bytes
        frame[frame.count - 1] ^= 1
        #expect(line.answer(frame).isEmpty)
    }

    @Test func `refuses what it does not know`() {
        var line = SimulatedAnviz(terminal)
        #expect(ask(&line, 0x5E)?.result == AnswerCode.failure)
    }

    // MARK: The log

    @Test func `has one place in its log, which all clients move`() {
        var one = SimulatedAnviz(terminal)
        var other = SimulatedAnviz(terminal)
        #expect(rows(ask(&one, Command.download, [Download.all, 8])) == 8)
        #expect(rows(ask(&other, Command.download, [Download.next, 8])) == 8)
        #expect(rows(ask(&one, Command.download, [Download.next, 8])) == 4)
        #expect(rows(ask(&one, Command.download, [Download.next, 8])) == 0)
    }

    @Test func `gives the last block once more`() {
        var line = SimulatedAnviz(terminal)
        let block = ask(&line, Command.download, [Download.all, 25])
        #expect(ask(&line, Command.download, [Download.again, 25])?.data == block?.data)
    }

    @Test func `has nothing to go on with before a download has begun`() {
        var line = SimulatedAnviz(terminal)
        #expect(ask(&line, Command.download, [Download.next, 25])?.result == AnswerCode.failure)
    }

    @Test func `gives no more than 25 rows a block`() {
        let terminal = anvizTerminal { $0.records = 60 }
        var line = SimulatedAnviz(terminal)
        #expect(rows(ask(&line, Command.download, [Download.all, 200])) == 25)
    }

    @Test func `clears the flags of the oldest new rows, and gives the others`() {
        var line = SimulatedAnviz(terminal)
        #expect(ask(&line, Command.clear, [Clear.oldestFlags, 0, 0, 15])?.data == [0, 0, 15])
        #expect(rows(ask(&line, Command.download, [Download.new, 25])) == 5)
        #expect(Counters(ask(&line, Command.counters)?.data ?? [])?.newRecords == 5)
        #expect(terminal.with { $0.cleared } == 0)
    }

    @Test(arguments: [(UInt8(0), 0), (1, 20)])
    func `counts what erases rows or all flags`(type: UInt8, left: Int) {
        var line = SimulatedAnviz(terminal)
        _ = ask(&line, Command.clear, [type, 0, 0, 0])
        let counters = Counters(ask(&line, Command.counters)?.data ?? [])
        #expect(counters?.records == left)
        #expect(counters?.newRecords == 0)
        #expect(terminal.with { $0.cleared } == 1)
    }

    @Test func `overwrites its oldest row when it is full`() {
        let terminal = anvizTerminal { $0.records = SimulatedAnviz.capacity }
        var line = SimulatedAnviz(terminal)
        _ = ask(&line, Command.clear, [Clear.oldestFlags, 0, 0xC3, 0x4F])
        let second = terminal.with { $0.book.log[1] }
        terminal.add(2)
        let counters = Counters(ask(&line, Command.counters)?.data ?? [])
        #expect(counters?.records == SimulatedAnviz.capacity)
        #expect(counters?.newRecords == 3)
        #expect(terminal.with { $0.book.log[0] } != second)
    }

    @Test func `forgets every place in a log that was erased at its keys`() {
        var line = SimulatedAnviz(terminal)
        _ = ask(&line, Command.download, [Download.all, 8])
        terminal.with { $0.clearLog() }
        #expect(ask(&line, Command.download, [Download.next, 8])?.result == AnswerCode.failure)
        #expect(rows(ask(&line, Command.download, [Download.new, 8])) == 0)
    }

    // MARK: Pushes and the clock

    @Test func `pushes punches until it is told not to`() {
        var line = SimulatedAnviz(terminal)
        let punch = terminal.with { $0.book.log[0] }
        #expect(line.announce(punch) != nil)
        var settings = [UInt8](repeating: 0xFF, count: 15)
        settings[4] = 0
        _ = ask(&line, 0x33, settings)
        #expect(line.announce(punch) == nil)
    }

    @Test func `is set, and counts it`() {
        var line = SimulatedAnviz(terminal)
        #expect(ask(&line, 0x39, [26, 1, 2, 3, 4, 5])?.result == AnswerCode.success)
        #expect(ask(&line, Command.clock)?.data == [26, 1, 2, 3, 4, 5])
        #expect(terminal.with { $0.clockSet } == 1)
    }
}

/// The published frames are the witness: no other client of this make can be had.
@Suite(.enabled(if: Fixtures.areExpected))
struct `A simulated Anviz terminal beside published frames` {
    /// Says the recorded questions and gives what a terminal answers to them.
    private func replay(
        _ name: String, _ terminal: SimulatedTerminal
    ) throws -> (answered: [UInt8], recorded: [UInt8]) {
        let talk = try Talk(parsing: Fixtures.text("anviz/\(name).hex"))
        var line = SimulatedAnviz(terminal)
        var answered: [UInt8] = []
        for case .toTerminal(let bytes) in talk.steps {
            answered += line.answer(bytes).flatMap(\.self).flatMap(\.bytes)
        }
        return (answered, talk.received)
    }

    @Test func `shows the clock byte for byte`() throws {
        let shown = try #require(WallTime("2014-07-15T12:16:28"))
        let terminal = anvizTerminal(at: shown.secondsSince1970(in: .wita))
        let (answered, recorded) = try replay("anviz-time-get", terminal)
        #expect(answered == recorded)
    }

    @Test func `gives the one new row byte for byte`() throws {
        let terminal = anvizTerminal { $0.records = 0 }
        terminal.add(1, pin: 1, at: WallTime("2026-09-03T09:07:28"))
        let (answered, recorded) = try replay("anviz-download-new-one-record", terminal)
        #expect(answered == recorded)
    }

    @Test func `refuses to go on without a start, byte for byte`() throws {
        let (answered, recorded) = try replay(
            "anviz-download-continue-without-start", anvizTerminal())
        #expect(answered == recorded)
    }

    @Test func `shows its settings byte for byte`() throws {
        let (answered, recorded) = try replay("anviz-config2-get", anvizTerminal())
        #expect(answered == recorded)
    }

    @Test func `pushes the punch byte for byte`() throws {
        let terminal = anvizTerminal {
            $0.records = 0
            $0.deviceNumber = 0x14
        }
        let line = SimulatedAnviz(terminal)
        terminal.add(1, pin: 430, at: WallTime("2026-09-08T11:07:49"))
        let pushed = line.announce(terminal.with { $0.book.log[0] })?.bytes ?? []
        let (answered, recorded) = try replay("anviz-push-before-answer", terminal)
        #expect(recorded.starts(with: pushed))
        // The counters that follow are another terminal's: here only their form is compared.
        #expect(pushed.count + answered.count == recorded.count)
    }

    @Test func `counts a full ring in the same form`() throws {
        let terminal = anvizTerminal {
            $0.records = 50_000
            $0.users = 189
        }
        terminal.with { $0.confirmed = 49_949 }
        let (answered, recorded) = try replay("anviz-counters-full-ring", terminal)
        let ours = try #require(Packet(wholeFrame: answered[...]))
        let theirs = try #require(Packet(wholeFrame: recorded[...]))
        var expected = try #require(Counters(theirs.data))
        expected.fingerprints = 378
        expected.passwords = 0
        expected.cards = 0
        #expect(Counters(ours.data) == expected)
    }

    @Test func `clears 51 flags as the vendor's page says`() throws {
        let terminal = anvizTerminal { $0.records = 60 }
        let (answered, _) = try replay("anviz-clear-new-flags-51", terminal)
        #expect(answered.hex == "a500000001ce000003000033" + "22fa")
        #expect(terminal.with { $0.confirmed } == 51)
    }

    @Test func `says who it is in as many bytes`() throws {
        let terminal = anvizTerminal { $0.deviceNumber = 2 }
        let (answered, recorded) = try replay("anviz-info1-fw05.18.A1", terminal)
        #expect(answered.count == recorded.count)
        #expect(answered[9..<17] == recorded[9..<17])
    }

    @Test func `is silent to the number of another terminal, and opens no door`() throws {
        let (silence, _) = try replay(
            "anviz-counters-request-wide-id", anvizTerminal())
        #expect(silence.isEmpty)
        let (answered, _) = try replay("anviz-open-door-request", anvizTerminal())
        #expect(Packet(wholeFrame: answered[...])?.result == AnswerCode.failure)
    }
}

private func anvizTerminal(
    at now: Int64 = someTime, _ change: (inout SimulatorSettings) -> Void = { _ in }
) -> SimulatedTerminal {
    terminal("anviz", at: now, change)
}
