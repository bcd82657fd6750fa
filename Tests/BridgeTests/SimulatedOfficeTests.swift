import Attendance
import Exchange
import Foundation
import Journal
import Simulator
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge

/// What a simulated terminal says of itself when it is ready.
private struct Ready: Decodable {
    var terminal: String
    var listen: [String]

    init(_ simulation: Simulation) throws {
        let json = simulation.readyLine.dropFirst("ready ".count)
        self = try JSONDecoder().decode(Ready.self, from: Data(json.utf8))
    }
}

@Suite struct `An office with simulated terminals` {
    /// Runs lines over real sockets until so many punches are on disk.
    private func collect(
        _ expected: Int, from terminals: [Configuration.Terminal], in folder: URL
    ) async throws -> (JournalStatus, [TerminalStatus]) {
        let state = StateFolder(path: folder.path)
        var random = SystemRandomNumberGenerator()
        let journal = try Journal(
            folder: folder.path, publicKey: state.signingKey().verifying, using: &random)
        let host = Host.system
        let (news, signal) = AsyncStream<Void>.makeStream()
        let board = StatusBoard(terminals, now: host.now) { signal.yield() }
        let place = CollectingPlace(
            zone: .wita, journal: journal, host: host, boot: 1, board: board, state: state,
            pace: .real, logger: LogBook().logger, written: { signal.yield() })
        let configuration = Configuration(
            office: try OfficeID("upt-contoh-utara"), zone: .wita, terminals: terminals)
        await withTaskGroup(of: Void.self) { group in
            for task in LineTask.all(of: configuration, at: place) {
                group.addTask { await task.run() }
            }
            for await _ in news {
                let punches = try? await journal.status().punches
                let areRead = await board.terminals.allSatisfy { $0.state == .online }
                if punches == expected, areRead { break }
            }
            group.cancelAll()
        }
        let status = try await (journal.status(), board.terminals)
        await journal.close()
        return status
    }

    /// Puts a terminal with `records` punches on a line of its own.
    private func simulate(
        _ make: String, _ serial: String, records: Int, on listen: String, commKey: UInt32 = 0
    ) throws -> (simulation: Simulation, ready: Ready) {
        var settings = SimulatorSettings(serialNumber: serial)
        settings.records = records
        settings.commKey = commKey
        let simulation = try Simulation(
            make: make, settings: settings, listen: [ListenAddress(listen)], control: nil)
        return (simulation, try Ready(simulation))
    }

    @Test func `empties one SOYAL controller, and says of the other that it cannot be read whole`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let pty = folder.appendingPathComponent("ttySOYAL").path
            let gate = try simulate("soyal", "821EF0001", records: 40, on: "pty:\(pty)")
            defer { gate.simulation.end() }
            let fence = try simulate("soyal", "821EF0002", records: 10, on: "tcp:127.0.0.1:0")
            let terminals = try [
                (gate, "gerbang", ConfirmPolicy.deleteOldest), (fence, "pagar", .never),
            ].map { simulated, name, confirm in
                let address = try Address(try #require(simulated.ready.listen.first))
                return Configuration.Terminal(
                    name: name, driver: "soyal", address: address, poll: .milliseconds(50),
                    serialNumber: simulated.ready.terminal.replacing("soyal:", with: ""),
                    confirm: confirm, station: address.station)
            }
            let (journal, board) = try await collect(40 + 1, from: terminals, in: folder)
            #expect(journal.punches == 41)
            #expect(board.map(\.terminal) == ["soyal:821EF0001", "soyal:821EF0002"])
            #expect(board[0].coverage != nil)
            #expect(board[0].problem == nil)
            #expect(board[0].records == 0)
            #expect(board[1].coverage == nil)
            #expect(board[1].problem?.code == "terminal.only-oldest")
        }
    }

    @Test func `has every punch on disk, and knows whose they are`() async throws {
        try await withTemporaryFolder { folder in
            let zk = try simulate(
                "zkteco", "BWXP20126001", records: 700, on: "tcp:127.0.0.1:0", commKey: 4_711)
            let pty = folder.appendingPathComponent("ttyANVIZ").path
            let anviz = try simulate(
                "anviz", "3005000012345678", records: 300, on: "pty:\(pty)")
            defer { anviz.simulation.end() }
            let keyFile = folder.appendingPathComponent("lobi.key")
            try Data("4711\n".utf8).write(to: keyFile)
            let terminals = [
                Configuration.Terminal(
                    name: "lobi", driver: "zkteco",
                    address: try Address(try #require(zk.ready.listen.first)),
                    poll: .milliseconds(50), commKeyFile: keyFile.path),
                Configuration.Terminal(
                    name: "gudang", driver: "anviz",
                    address: try Address(try #require(anviz.ready.listen.first)),
                    poll: .milliseconds(50)),
            ]
            let (journal, board) = try await collect(1_000, from: terminals, in: folder)
            #expect(journal.punches == 1_000)
            #expect(journal.oddities == 0)
            #expect(board.map(\.terminal) == [zk.ready.terminal, anviz.ready.terminal])
            #expect(board.map(\.records) == [700, 300])
            #expect(board.allSatisfy { $0.coverage != nil })
            for status in board {
                #expect(abs(try #require(status.offsetMilliseconds)) < 5_000)
            }
        }
    }
}
