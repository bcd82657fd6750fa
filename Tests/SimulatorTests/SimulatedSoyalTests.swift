import Attendance
import Soyal
import TerminalKit
import Testing

@testable import Simulator

@Suite struct `A simulated SOYAL controller` {
    let terminal = soyalTerminal()

    private func ask(
        _ line: inout SimulatedSoyal, _ command: UInt8, _ data: [UInt8] = [], node: UInt8 = 1,
        head: Packet.Head = .short
    ) -> Packet? {
        let question = Packet(head, node: node, command: command, data: data)
        let replies = line.answer(question.bytes).flatMap(\.self)
        return replies.first.flatMap { Packet(wholeFrame: $0.bytes[...]) }
    }

    private func event(_ number: Int) -> EventFrame {
        terminal.with { SimulatedSoyal.event($0.book.log[number], node: 1) }
    }

    @Test(arguments: [UInt8(0), 2, 255])
    func `is silent to another number`(node: UInt8) {
        var line = SimulatedSoyal(terminal)
        #expect(ask(&line, Command.clock, node: node) == nil)
    }

    @Test func `is silent to a wrong checksum`() {
        var line = SimulatedSoyal(terminal)
        var frame = Packet(node: 1, command: Command.clock).bytes
        frame[frame.count - 1] ^= 1
        #expect(line.answer(frame).isEmpty)
    }

    @Test func `answers a large frame with a large one`() {
        var line = SimulatedSoyal(terminal)
        #expect(ask(&line, Command.poll, head: .large(area: 0))?.head == .large(area: 0))
    }

    @Test func `gives its oldest event until that is removed`() {
        var line = SimulatedSoyal(terminal)
        for _ in 0..<3 { #expect(ask(&line, Command.oldest)?.data == event(0).data) }
        #expect(ask(&line, Command.removeOldest)?.command == AnswerCode.acknowledged)
        #expect(ask(&line, Command.oldest)?.data == event(1).data)
        #expect(ask(&line, Command.oldest)?.command == event(1).code)
    }

    @Test func `answers 04 with eleven bytes when it holds nothing`() {
        var line = SimulatedSoyal(soyalTerminal { $0.records = 0 })
        let answer = ask(&line, Command.oldest)
        #expect(answer?.command == AnswerCode.acknowledged)
        #expect(answer?.data.count == 11)
        #expect(ask(&line, Command.removeOldest)?.data.count == 11)
    }

    @Test func `says nothing to a question about people that comes first`() {
        var line = SimulatedSoyal(terminal)
        #expect(ask(&line, 0x87, [0, 1, 1]) == nil)
        _ = ask(&line, Command.clock)
        #expect(ask(&line, 0x87, [0, 1, 1])?.data.count == 25)
    }

    @Test func `never speaks unasked`() {
        let line = SimulatedSoyal(terminal)
        #expect(line.announce(terminal.with { $0.book.log[0] }) == nil)
    }

    @Test func `counts what no reader must do`() {
        var line = SimulatedSoyal(terminal)
        _ = ask(&line, 0x2D)
        _ = ask(&line, 0x23, [5, 4, 3, 1, 2, 1, 26])
        _ = ask(&line, 0x8F, [0x21])
        #expect(terminal.with { [$0.cleared, $0.clockSet, $0.templateRequests] } == [1, 1, 1])
        #expect(ask(&line, Command.oldest)?.data.count == 11)
        #expect(terminal.with { $0.commands["command-8Fh"] } == 1)
    }

    @Test func `removes and does not say so, or does not hear, on request`() {
        var line = SimulatedSoyal(terminal)
        terminal.with { $0.injector.apply(once(.lostAnswer)) }
        #expect(ask(&line, Command.removeOldest) == nil)
        #expect(terminal.with { $0.confirmed } == 1)
        terminal.with { $0.injector.apply(once(.lostRequest)) }
        #expect(ask(&line, Command.removeOldest) == nil)
        #expect(terminal.with { $0.confirmed } == 1)
        #expect(ask(&line, Command.removeOldest) != nil)
        #expect(terminal.with { $0.confirmed } == 2)
    }

    @Test func `sends back what it hears first, on request`() {
        var line = SimulatedSoyal(terminal)
        terminal.with { $0.injector.apply(Fault(.echo)) }
        let question = Packet(node: 1, command: Command.poll).bytes
        #expect(line.answer(question).first?.first?.bytes == question)
    }

    @Test func `makes no event of a finger, on request`() {
        terminal.with { $0.injector.apply(Fault(.noEvents)) }
        terminal.add(5)
        #expect(terminal.with { $0.book.log.count } == 20)
    }

    @Test func `begins in 2010 where its clock was never set, until it is`() {
        let terminal = soyalTerminal { $0.faults = [Fault(.unsetClock)] }
        #expect(terminal.with { terminal.clock($0) }.description == "2010-11-09T00:00:00")
        terminal.with { $0.injector.apply(Fault(.none)) }
        #expect(terminal.with { terminal.clock($0) }.description == "2026-11-20T17:45:00")
    }

    @Test func `has one master at a time`() {
        #expect(terminal.admitsMaster())
        #expect(!terminal.admitsMaster())
        terminal.masterLeft()
        #expect(terminal.admitsMaster())
    }

    @Test func `writes down any function code`() {
        let terminal = soyalTerminal { $0.records = 0 }
        terminal.add(1, code: 24)
        var line = SimulatedSoyal(terminal)
        #expect(ask(&line, Command.oldest)?.command == 24)
    }

    private func once(_ name: Fault.Name) -> Fault {
        var fault = Fault(name)
        fault.count = 1
        return fault
    }
}

private func soyalTerminal(
    _ change: (inout SimulatorSettings) -> Void = { _ in }
) -> SimulatedTerminal {
    terminal("soyal", change)
}
