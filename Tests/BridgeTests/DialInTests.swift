import Anviz
import Attendance
import Exchange
import Foundation
import Journal
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge
@testable import Simulator

/// Terminals that dial in at a real port, and the bridge's own tasks.
private struct DialIn {
    let folder: URL
    let port: Int
    let log = LogBook()

    init(in folder: URL) async throws {
        self.folder = folder
        // A port that was free a moment ago.
        let probe = try await Transports.Listener.open(host: "127.0.0.1", port: 0)
        port = probe.port
        probe.close()
    }

    func configured(
        _ name: String, serial: String? = nil, station: UInt32? = nil
    ) throws -> Configuration.Terminal {
        Configuration.Terminal(
            name: name, driver: "anviz", address: try Address("listen://127.0.0.1:\(port)"),
            poll: .milliseconds(50), live: false, serialNumber: serial, station: station)
    }

    func dial(_ number: UInt32, records: Int, heartbeat: Int = 300) throws -> Simulation {
        var settings = SimulatorSettings(serialNumber: "300500001234567\(number)")
        settings.records = records
        settings.deviceNumber = number
        settings.seed = UInt64(number)
        settings.heartbeat = heartbeat
        return try Simulation(
            make: "anviz", settings: settings, listen: [ListenAddress("dial:127.0.0.1:\(port)")],
            control: nil)
    }

    /// A connection of somebody, as soon as the port is open.
    func knock() async throws -> any Link {
        let address = try Address("tcp://127.0.0.1:\(port)")
        var link: (any Link)?
        while link == nil {
            try Task.checkCancellation()
            link = try? await address.open(within: .seconds(60))
        }
        return try #require(link)
    }

    /// Runs the bridge until `isDone`, asked whenever something has changed.
    func collect(
        _ terminals: [Configuration.Terminal], pace: Pace = .real,
        meanwhile: @escaping @Sendable () async throws -> Void = {},
        until isDone: @escaping @Sendable (StatusBoard, Journal) async throws -> Bool
    ) async throws -> (punches: [String: Int], refused: [RefusedCaller]) {
        let state = StateFolder(path: folder.path)
        var random = SystemRandomNumberGenerator()
        let journal = try Journal(
            folder: folder.path, publicKey: state.signingKey().verifying, using: &random)
        let (news, signal) = AsyncStream<Void>.makeStream()
        let board = StatusBoard(terminals, now: Host.system.now) { signal.yield() }
        var place = CollectingPlace(
            zone: .wita, journal: journal, host: .system, boot: 1, board: board, state: state,
            pace: pace, logger: log.logger, written: { signal.yield() })
        let configuration = Configuration(
            office: try OfficeID("upt-contoh-utara"), zone: .wita, terminals: terminals)
        let ports = ListenTask.all(of: configuration, at: &place)
        let lines = LineTask.all(of: configuration, at: place)
        #expect(ports.count == 1)
        #expect(lines.count == terminals.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in ports { group.addTask { await task.run() } }
            for task in lines { group.addTask { await task.run() } }
            group.addTask { try await meanwhile() }
            for await _ in news where try await isDone(board, journal) { break }
            group.cancelAll()
        }
        var punches: [String: Int] = [:]
        for line in try await journal.lines(from: 1, limit: 100_000) {
            guard let fields = EntryFields(line: line.line), fields.kind == "punch" else {
                continue
            }
            punches[fields.terminal ?? "", default: 0] += 1
        }
        let refused = await board.refused
        await journal.close()
        return (punches, refused)
    }
}

@Suite struct `Terminals that dial in` {
    @Test func `at one port are told apart, and a stranger is refused and shown`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try await DialIn(in: folder)
            let simulations = try (1...4).map { try rig.dial($0, records: Int($0) * 40) }
            defer { for simulation in simulations { simulation.end() } }
            let (punches, refused) = try await rig.collect([
                rig.configured("a", station: 1), rig.configured("b", station: 2),
                rig.configured("c", serial: "3005000012345673"),
            ]) { board, journal in
                let isRefused = await !board.refused.isEmpty
                let punches = try await journal.status().punches
                return isRefused && punches == 240
            }
            #expect(
                punches == [
                    "anviz:3005000012345671": 40, "anviz:3005000012345672": 80,
                    "anviz:3005000012345673": 120,
                ])
            #expect(refused.map(\.terminal) == ["anviz:3005000012345674"])
            #expect(refused.first?.station == 4)
            #expect(refused.first?.problem.code == "terminal.unknown-caller")
            #expect(rig.log.lines.filter { $0 == "caller refused" }.count == 1)
            // Never read: it was only asked who it is.
            let asked = simulations[3].terminals[0].with { Set($0.commands.keys) }
            #expect(
                asked.isSubset(of: [
                    "counters", "serial-number", "network", "model", "configuration-1",
                ]))
        }
    }

    @Test func `are let go and counted where they are none`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try await DialIn(in: folder)
            let (punches, refused) = try await rig.collect(
                [rig.configured("a")],
                meanwhile: {
                    for _ in 1...3 {
                        let link = try await rig.knock()
                        try await link.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
                        await link.close()
                    }
                }
            ) { board, _ in await board.refused.first?.count == 3 }
            #expect(punches.isEmpty)
            #expect(refused.map(\.problem.code) == ["terminal.other-make"])
            #expect(refused.first?.peer == "127.0.0.1")
            #expect(rig.log.lines.filter { $0 == "caller refused" }.count == 1)
        }
    }

    @Test func `wait until the port can be had`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try await DialIn(in: folder)
            let blocker = try await Transports.Listener.open(host: "127.0.0.1", port: rig.port)
            let simulation = try rig.dial(1, records: 30)
            defer { simulation.end() }
            var pace = Pace.real
            pace.sleep = { time in
                guard time == ListenTask.pause else { return try await Pace.real.sleep(time) }
                blocker.close()
            }
            let (punches, _) = try await rig.collect([rig.configured("a")], pace: pace) {
                try await $1.status().punches == 30
            }
            #expect(punches == ["anviz:3005000012345671": 30])
            #expect(rig.log.lines.contains("terminals cannot dial in"))
        }
    }
}

@Suite struct `The reception of terminals that dial in` {
    private func configured(
        _ name: String, serial: String? = nil, station: UInt32? = nil
    ) throws -> Configuration.Terminal {
        var terminal = try FakeOffice.configured(name, "listen://0.0.0.0:5010")
        terminal.driver = "anviz"
        terminal.live = false
        (terminal.serialNumber, terminal.station) = (serial, station)
        return terminal
    }

    private func caller(_ serial: String, station: UInt32? = nil) throws -> TerminalIdentity {
        TerminalIdentity(
            id: try TerminalID(make: "anviz", serial: serial), serial: serial, station: station)
    }

    private func link() -> CallerLink { CallerLink(FakeLink()) }

    @Test func `takes the first where nobody is named, and another when that one is gone`()
        async throws
    {
        let reception = Reception(at: "listen://0.0.0.0:5010", for: [try configured("a")])
        let first = link()
        #expect(reception.seat(try caller("A1"), on: first) == "a")
        #expect(reception.seat(try caller("B2"), on: link()) == nil)
        #expect(!first.isOver)
        await first.close()
        #expect(reception.seat(try caller("B2"), on: link()) == "a")
    }

    @Test func `knows terminals by serial number and by station`() async throws {
        let reception = Reception(
            at: "listen://0.0.0.0:5010",
            for: [
                try configured("a", serial: "A1"), try configured("b", station: 2),
                try configured("c", serial: "C3", station: 3),
            ])
        #expect(reception.seat(try caller("A1", station: 9), on: link()) == "a")
        #expect(reception.seat(try caller("B2", station: 2), on: link()) == "b")
        #expect(reception.seat(try caller("C3", station: 4), on: link()) == nil)
        #expect(reception.seat(try caller("C3", station: 3), on: link()) == "c")
        // Another terminal that was given the same number.
        #expect(reception.seat(try caller("X9", station: 2), on: link()) == nil)
    }

    @Test func `ends the half-open line of a terminal that dials in anew`() async throws {
        try await withTemporaryFolder { folder in
            let configured = try configured("lobi")
            let office = try FakeOffice(in: folder, [configured]) { _ in nil }
            let host = office.host
            let terminal = SimulatedTerminal(
                make: "anviz", settings: SimulatorSettings(serialNumber: "3005000012345678")
            ) { host.now.milliseconds / 1_000 }
            let name = configured.address.lineName
            let reception = Reception(at: name, for: [configured])
            var place = office.place
            place.receptions[name] = reception
            place.driver = { AnvizDriver(options: try $0.driverOptions()) }
            let line = Line([configured], at: place)
            let identity = try await AnvizDriver().open(MemoryLink(terminal)).identify()
            let old = CallerLink(MemoryLink(terminal))
            #expect(reception.seat(identity, on: old) == "lobi")
            await line.step()
            #expect(try await office.punches() == 100)
            terminal.add(3)
            #expect(reception.seat(identity, on: CallerLink(MemoryLink(terminal))) == "lobi")
            await #expect(throws: LinkError.self) { try await old.send([1]) }
            for _ in 0..<6 { await line.step() }
            #expect(try await office.punches() == 103)
            #expect(office.log.lines.isEmpty)
            #expect(await office.board.terminals.map(\.state) == [.online])
            await line.close()
        }
    }

    @Test func `says so when nobody dials in`() async throws {
        try await withTemporaryFolder { folder in
            let configured = try configured("lobi")
            let office = try FakeOffice(in: folder, [configured]) { _ in nil }
            var place = office.place
            place.receptions[configured.address.lineName] = Reception(
                at: configured.address.lineName, for: [configured])
            place.driver = { AnvizDriver(options: try $0.driverOptions()) }
            let line = Line([configured], at: place)
            for _ in 0..<4 { await line.step() }
            let status = try #require(await office.board.terminals.first)
            #expect(status.state == .lost)
            #expect(status.problem?.code == "line.not-called")
            await line.close()
        }
    }

    @Test(arguments: [
        ("link = \"listen://0.0.0.0:5010\"", "config.duplicate"),
        ("link = \"listen://0.0.0.0:5010?station=2\"", "config.invalid"),
        ("link = \"listen://0.0.0.0:5010\"\nserial_number = \"A1\"", "config.invalid"),
        ("link = \"listen://0.0.0.0:5011\"", nil),
    ])
    func `wants everybody named where several are expected`(
        second: String, code: String?
    ) throws {
        let text = """
            office = "upt-contoh-utara"
            timezone = "Asia/Makassar"
            [[terminal]]
            name = "a"
            driver = "anviz"
            link = "listen://0.0.0.0:5010"
            [[terminal]]
            name = "b"
            driver = "anviz"

            """
        var codes: [String] = []
        do {
            _ = try Configuration(parsing: text + second + "\n", path: "bridge.toml")
        } catch {
            codes = error.errors.map(\.problem.code)
        }
        #expect(codes == [code].compactMap(\.self))
    }

    @Test(arguments: ["zkteco", "soyal"])
    func `takes no make that never dials in`(make: String) throws {
        let text = """
            office = "upt-contoh-utara"
            timezone = "Asia/Makassar"
            [[terminal]]
            name = "a"
            driver = "\(make)"
            link = "listen://0.0.0.0:5010"
            serial_number = "A1"
            station = 1
            """
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration(parsing: text, path: "bridge.toml")
        }
        let problems = try #require(error).errors.map(\.problem)
        #expect(problems.map(\.code) == ["line.never-dials"])
        #expect(problems.first?.remedy.english.contains("tcp://") == true)
    }
}
