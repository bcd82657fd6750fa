import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Anviz

@Suite struct `An Anviz line with trouble` {
    private static let faults: [ModelTerminal.Fault] = [
        .loseRequest, .loseAnswer, .lateAnswer, .damageAnswer, .doubleAnswer, .delayAnswer, .echo,
        .pushBefore(ModelTerminal.row(7)),
    ]

    /// Requests 0 to 9: opening, capacity, counters, six blocks' steps, the beginning, counters.
    @Test(arguments: 0..<12, 0..<8)
    func `neither loses nor doubles a row`(request: Int, fault: Int) async throws {
        let terminal = ModelTerminal(rows: 130)
        await terminal.change { $0.faults[request] = Self.faults[fault] }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(log.isComplete)
        #expect(shelf.records.compactMap(rowBytes) == (0..<130).map { ModelTerminal.row($0) })
    }

    @Test func `may lose every seventh answer`() async throws {
        let terminal = ModelTerminal(rows: 1_000)
        await terminal.change {
            for number in stride(from: 3, to: 400, by: 7) { $0.faults[number] = .loseAnswer }
        }
        let shelf = Shelf()
        let log = try await read(terminal, onto: shelf)
        #expect(log.isComplete)
        #expect(shelf.records.compactMap(rowBytes) == (0..<1_000).map { ModelTerminal.row($0) })
    }

    @Test func `does not take a late answer for that of the next question`() async throws {
        let terminal = ModelTerminal()
        await terminal.change { $0.faultOfCommand[Command.clock] = .lateAnswer }
        let session = try await AnvizDriver().open(terminal)
        #expect(try await session.readClock() == WallTime("2026-11-21T08:02:11"))
    }

    @Test func `asks three times at most`() async throws {
        let terminal = ModelTerminal()
        await terminal.change { for number in 0..<9 { $0.faults[number] = .loseRequest } }
        await #expect(throws: LinkError.silent(after: .seconds(2))) {
            _ = try await AnvizDriver().open(terminal)
        }
        #expect(
            await terminal.commands() == [Command.counters, Command.counters, Command.counters])
    }

    @Test func `says so when the rows have another length`() async throws {
        let data = [UInt8](repeating: 1, count: 29)
        let answer = Packet(answer: Command.download, device: 1, data: data)
        let start = Packet(request: Command.download, device: 1, data: [Download.all, 25])
        let counters = Counters(
            users: 1, fingerprints: 1, passwords: 0, cards: 0, records: 1, newRecords: 1)
        let ask: [Talk.Step] = [
            .toTerminal(Packet(request: Command.counters, device: 1).bytes),
            .fromTerminal(Packet(answer: Command.counters, device: 1, data: counters.data).bytes),
        ]
        let refuse: [Talk.Step] = [
            .toTerminal(Packet(request: Command.capacity, device: 1).bytes),
            .fromTerminal(Packet(answer: Command.capacity, device: 1, result: 1).bytes),
        ]
        let blocks = (1...3).flatMap { _ -> [Talk.Step] in
            [.toTerminal(start.bytes), .fromTerminal(answer.bytes)]
        }
        let link = ScriptedLink(Talk(steps: ask + refuse + ask + blocks))
        var options = DriverOptions()
        options.station = 1
        let session = try await AnvizDriver(options: options).open(link)
        let error = await #expect(throws: DriverError.self) {
            _ = try await session.readLog(from: nil) { _ in }
        }
        #expect(error?.problem.code == "terminal.garbled")
        #expect(error?.problem.summary.english.contains("29 bytes") == true)
    }

    @Test(arguments: [
        ("5050827d080000 00d007", "ZKTeco"), ("485454502f312e3120343030", "HTTP"),
        ("7e210018", "SOYAL"), ("1603010200", "TLS"), ("00ff13", "unknown"),
    ])
    func `is recognised as another make's`(hex: String, name: String) async throws {
        let bytes = try #require([UInt8](hex: hex))
        let ask = Talk.Step.toTerminal(Packet(request: Command.counters, device: 0).bytes)
        let link = ScriptedLink(Talk(steps: [ask, .fromTerminal(bytes), ask, ask]))
        let error = await #expect(throws: DriverError.self) {
            _ = try await AnvizDriver().open(link)
        }
        #expect(error == .otherMake(expected: "Anviz", seen: name, bytes: bytes))
    }

    @Test func `is asked once whether a silent line is a ZKTeco's`() async throws {
        let ask = Talk.Step.toTerminal(Packet(request: Command.counters, device: 0).bytes)
        let hello = try #require([UInt8](hex: "5050827d08000000e80317fc00000000"))
        let answer = try #require([UInt8](hex: "5050827d08000000d0073d2cf1020000"))
        let link = ScriptedLink(
            Talk(steps: [ask, ask, ask, .toTerminal(hello), .fromTerminal(answer)]))
        let error = await #expect(throws: DriverError.self) {
            _ = try await AnvizDriver().open(link)
        }
        #expect(error == .otherMake(expected: "Anviz", seen: "ZKTeco", bytes: answer))
        #expect(await link.isFinished)
    }
}
