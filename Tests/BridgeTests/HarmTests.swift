import Attendance
import TerminalKit
import Testing

@testable import Anviz
@testable import Bridge
@testable import Simulator
@testable import Soyal
@testable import ZKTeco

/// Every command a driver can send is sent to a simulated terminal that counts them: none of them
/// disables it, clears its log, restarts it, sets its clock or asks for a fingerprint.
@Suite struct `A terminal that is read` {
    /// Does all that a session can do, twice, with a talk that begins where the last one ended.
    private func useUp(
        _ make: String, _ options: DriverOptions = DriverOptions(), isDatagram: Bool = false,
        _ change: (inout SimulatorSettings) -> Void = { _ in }
    ) async throws -> SimulatedTerminal {
        var settings = SimulatorSettings(serialNumber: "BWXP20126001")
        settings.records = 60
        change(&settings)
        let terminal = SimulatedTerminal(make: make, settings: settings) { 1_795_167_900 }
        let driver = try #require(KnownDrivers.driver(named: make, options: options))
        var position: LogPosition?
        for _ in 0..<2 {
            let link = MemoryLink(terminal, isDatagram: isDatagram)
            let session = try await driver.open(link)
            _ = try await session.identify()
            _ = try await session.readClock()
            _ = try await session.counters()
            _ = try await session.readLog(from: position) { position = $0.position ?? position }
            _ = try await session.nextLive(within: .seconds(1))
            terminal.add(2)
            _ = try await session.nextLive(within: .seconds(1))
            _ = try await session.readLog(from: position) { position = $0.position ?? position }
            await session.close()
            await link.close()
        }
        return terminal
    }

    private func expectUnharmed(_ terminal: SimulatedTerminal) {
        terminal.with { state in
            #expect(state.disabled == 0)
            #expect(state.cleared == 0)
            #expect(state.clockSet == 0)
            #expect(state.templateRequests == 0)
            #expect(state.clockOffset == 0)
        }
    }

    private func commands(_ terminal: SimulatedTerminal) -> Set<String> {
        terminal.with { Set($0.commands.filter { $0.value > 0 }.keys) }
    }

    @Test func `hears every question a ZKTeco driver has, and is unharmed`() async throws {
        var withKey = DriverOptions()
        withKey.commKey = 4_711
        let terminals = [
            try await useUp("zkteco"),
            try await useUp("zkteco", withKey) { $0.commKey = 4_711 },
            try await useUp("zkteco", isDatagram: true),
            try await useUp("zkteco") { $0.recordSize = 8 },
            try await useUp("zkteco") { $0.faults = [Fault(.refuse1503)] },
            try await useUp("zkteco") { $0.faults = [Fault(.countersZero)] },
        ]
        terminals.forEach(expectUnharmed)
        // Our OK to an event is no question; the simulated terminal does not count it.
        let all = ZKTeco.Question.all.subtracting([.acknowledge])
        #expect(terminals.map(commands).reduce([]) { $0.union($1) } == Set(all.map(\.name)))
    }

    @Test func `hears every question an Anviz driver has, and is unharmed`() async throws {
        var clearing = DriverOptions()
        clearing.confirm = .flags
        let reading = try await useUp("anviz")
        let confirmed = try await useUp("anviz", clearing)
        expectUnharmed(reading)
        expectUnharmed(confirmed)
        let questions: [Anviz.Question] = [
            .clock, .counters, .capacity, .serialNumber, .model, .firmware, .network,
            .firstBlock(ofNew: true, rows: 25), .blockAgain(rows: 25),
        ]
        #expect(commands(reading).isSubset(of: questions.map(\.name)))
        #expect(commands(confirmed).subtracting(questions.map(\.name)) == ["clear"])
        #expect(confirmed.with { $0.book.log.count } == 60 + 4)
    }

    @Test func `hears every question a SOYAL driver has, and is unharmed`() async throws {
        var never = DriverOptions()
        (never.station, never.serialNumber) = (1, "BWXP20126001")
        var removing = never
        removing.confirm = .deleteOldest
        let reading = try await useUp("soyal", never) { $0.faults = [Fault(.noType)] }
        let confirmed = try await useUp("soyal", removing)
        expectUnharmed(reading)
        expectUnharmed(confirmed)
        #expect(commands(reading) == ["clock", "parameters", "oldest"])
        #expect(reading.with { $0.confirmed } == 0)
        #expect(commands(confirmed) == ["clock", "oldest", "remove-oldest"])
        #expect(confirmed.with { $0.commands["remove-oldest"] } == 60 + 4)
        #expect(confirmed.with { $0.confirmed } == 60 + 4)
    }

    @Test(arguments: [
        (UInt16(14), "clear"), (15, "clear"), (1_003, "disable"), (9, "template"), (88, "template"),
        (202, "clock"),
    ])
    func `would show what is done to it`(command: UInt16, harm: String) throws {
        var settings = SimulatorSettings(serialNumber: "BWXP20126001")
        settings.records = 5
        let terminal = SimulatedTerminal(make: "zkteco", settings: settings) { 1_795_167_900 }
        var conversation = SimulatedZKTeco(terminal, isDatagram: true)
        let hello = ZKTeco.Packet(command: 1_000, session: 0, reply: 0).datagram
        let answer = conversation.answer(hello).first?.first?.bytes ?? []
        let first = ZKTeco.Packet(datagram: answer)
        let session = try #require(first).session
        _ = conversation.answer(
            ZKTeco.Packet(command: command, session: session, reply: 1, data: [1, 0, 0, 0])
                .datagram)
        let counts = terminal.with {
            [
                "clear": $0.cleared, "disable": $0.disabled, "template": $0.templateRequests,
                "clock": $0.clockSet,
            ]
        }
        #expect(counts[harm] == 1)
    }
}
