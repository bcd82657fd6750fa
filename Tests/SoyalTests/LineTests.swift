import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Simulator
@testable import Soyal

@Suite struct `A talk with a SOYAL controller` {
    @Test func `drops the echo of its own bytes`() async throws {
        let terminal = controller(faults: [.echo])
        let shelf = Shelf()
        try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(await shelf.records == terminal.truth)
    }

    @Test func `asks again for what was lost or came damaged`() async throws {
        for fault in [Bus.Fault.loseRequest, .loseAnswer, .damageAnswer] {
            let terminal = controller()
            let bus = Bus(terminal)
            await bus.fault(fault, of: Command.clock)
            await bus.fault(fault, of: Command.oldest)
            let shelf = Shelf()
            try await visit(bus, shelf, options(.deleteOldest))
            #expect(await shelf.records == terminal.truth)
        }
    }

    @Test func `is not confused by another controller's answer`() async throws {
        let other = EventFrame(code: 39, data: [2, 0, 0, 8, 6, 20, 11, 26, 17])
        let terminal = controller()
        let bus = Bus(terminal)
        let frame = Packet(node: 0, command: other.code, data: other.data).bytes
        await bus.fault(.before(frame), of: Command.oldest)
        for _ in 0..<2 { await bus.fault(.instead(frame), of: Command.oldest) }
        let shelf = Shelf()
        try await visit(bus, shelf, options(.deleteOldest))
        #expect(await shelf.records == terminal.truth)
    }

    @Test func `reads two controllers on one line, each its own`() async throws {
        let (one, two) = (controller(records: 3, node: 1), controller(records: 4, node: 2))
        two.come(0, times: 2)
        let bus = Bus(one, two)
        let (shelf, other) = (Shelf(), Shelf())
        for _ in 0..<2 {
            try await visit(bus, shelf, options(.deleteOldest, node: 1))
            try await visit(bus, other, options(.deleteOldest, node: 2, serial: "821EF0002"))
        }
        #expect(await shelf.records == one.truth)
        #expect(await other.records == two.truth)
        #expect(await bus.requests.allSatisfy { $0.node == 1 || $0.node == 2 })
    }

    @Test func `says that a number on the line is missing`() async {
        for node in [nil, 0, 255, 300] as [UInt32?] {
            var settings = DriverOptions()
            settings.station = node
            await #expect(throws: DriverError.stationMissing) {
                _ = try await SoyalDriver(options: settings).open(Bus(controller()))
            }
        }
    }

    @Test func `is silent where the number is another's`() async {
        let bus = Bus(controller(node: 2))
        await #expect(throws: LinkError.self) {
            _ = try await SoyalDriver(options: options(node: 1)).open(bus)
        }
        #expect(await Set(bus.commands) == [Command.clock])
    }

    @Test(arguments: [
        ("7F0A0102030405060708090A", DriverError.secured),
        ("FF0055AA000801020304050607", .secured),
    ])
    func `refuses the security mode in clear words`(hex: String, error: DriverError) async throws {
        let bytes = try #require([UInt8](hex: hex))
        await #expect(throws: error) { try await greet(answeredBy: bytes) }
        #expect(error.problem.summary.english.contains("security mode"))
    }

    @Test func `names the make that answers instead`() async {
        let bytes: [UInt8] = [0xA5, 0, 0, 0, 1, 0xBC, 0, 0, 0, 0, 0]
        await #expect(throws: DriverError.otherMake(expected: "SOYAL", seen: "Anviz", bytes: bytes))
        {
            try await greet(answeredBy: bytes)
        }
    }

    private func greet(answeredBy bytes: [UInt8]) async throws {
        let question = Talk.Step.toTerminal(Packet(node: 1, command: Command.clock).bytes)
        let link = ScriptedLink(
            Talk(steps: [
                question, .fromTerminal(bytes), .silence, .silence, question, .silence, .silence,
                question, .silence,
            ]))
        _ = try await SoyalDriver(options: options()).open(link)
    }
}
