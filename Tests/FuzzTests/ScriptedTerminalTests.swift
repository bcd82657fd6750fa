import TerminalKit
import Testing

@testable import Anviz
@testable import FuzzTargets
@testable import ZKTeco

/// What must never be said: each would be found if a driver said it.
@Suite struct `A scripted terminal` {
    @Test(arguments: [Command.disableDevice, Command.timeWrite, Command.userWrite, 14, 15, 88])
    func `objects to orders for a ZKTeco terminal`(command: UInt16) {
        var terminal = ZKTecoTerminal(setup: [], isDatagram: true)
        let order = ZKTeco.Packet(command: command, session: 1, reply: 1)
        #expect(terminal.objection(to: order.datagram, kept: 0) != nil)
        let question = ZKTeco.Packet(command: Command.freeSizes, session: 1, reply: 1)
        #expect(terminal.objection(to: question.datagram, kept: 0) == nil)
    }

    @Test func `objects to the table of users`() {
        var terminal = ZKTecoTerminal(setup: [], isDatagram: false)
        let users = ZKTeco.Packet(
            command: Command.prepareBuffer, session: 1, reply: 1,
            data: [1, 9, 0, 5, 0, 0, 0, 0, 0, 0, 0])
        #expect(terminal.objection(to: users.frame, kept: 0) != nil)
    }

    @Test func `objects to more flags cleared than rows are kept`() {
        var terminal = AnvizTerminal(setup: [1, 0, 0], isDatagram: false)
        func clear(_ type: UInt8, _ rows: UInt8) -> [UInt8] {
            Anviz.Packet(request: 0x4E, device: 1, data: [type, 0, 0, rows]).bytes
        }
        #expect(terminal.objection(to: clear(2, 3), kept: 5) == nil)
        #expect(terminal.objection(to: clear(2, 3), kept: 5) != nil)
        #expect(terminal.objection(to: clear(0, 1), kept: 50) != nil)
        var strict = AnvizTerminal(setup: [0, 0, 0], isDatagram: false)
        #expect(strict.objection(to: clear(2, 1), kept: 5) != nil)
    }

    @Test(arguments: [0x39, 0x43, 0x44, 0x49, 0x5E] as [UInt8])
    func `objects to orders for an Anviz terminal`(command: UInt8) {
        var terminal = AnvizTerminal(setup: [1, 0, 0], isDatagram: false)
        let order = Anviz.Packet(request: command, device: 1).bytes
        #expect(terminal.objection(to: order, kept: 9) != nil)
    }

    @Test func `that answers well lets a whole log be read`() {
        for (isDatagram, kind) in [(false, 0), (true, 0), (false, 1), (true, 3)] {
            let outcome = Talking<ZKTecoTerminal>.run([1, 0, UInt8(kind), 12], isDatagram)
            #expect(outcome.isOver && outcome.objection == nil)
            #expect(outcome.kept == 13, "twelve, and one that was punched meanwhile")
        }
        let anviz = Talking<AnvizTerminal>.run([1, 0, 0, 12], false)
        #expect(anviz.isOver && anviz.objection == nil && anviz.kept == 13)
    }

    @Test func `that is asked without end is noticed`() async {
        let link = ScriptedLink<ZKTecoTerminal>([0, 0, 0, 0], isDatagram: true)
        let question = ZKTeco.Packet(command: Command.freeSizes, session: 1, reply: 1).datagram
        for _ in 0..<3_000 where link.objection == nil { try? await link.send(question) }
        #expect(link.objection == "asks without end")
    }

    @Test func `cannot hold up a task for ever`() {
        let waiting = InlineExecutor.run { () -> Int in
            let (stream, _) = AsyncStream.makeStream(of: Int.self)
            for await number in stream { return number }
            return await withUnsafeContinuation { (_: UnsafeContinuation<Int, Never>) in }
        }
        #expect(waiting == nil)
        #expect(InlineExecutor.run { 17 } == 17)
    }
}
