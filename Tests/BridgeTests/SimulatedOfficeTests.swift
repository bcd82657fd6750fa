import Attendance
import Exchange
import Foundation
import Journal
import Simulator
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

    @Test func `has every punch of a ZKTeco terminal on disk, and knows whose they are`()
        async throws
    {
        try await withTemporaryFolder { folder in
            var settings = SimulatorSettings(serialNumber: "BWXP20126001")
            settings.records = 700
            settings.commKey = 4_711
            let simulation = try Simulation(
                make: "zkteco", settings: settings, listen: [ListenAddress("tcp:127.0.0.1:0")],
                control: nil)
            let ready = try Ready(simulation)
            let keyFile = folder.appendingPathComponent("lobi.key")
            try Data("4711\n".utf8).write(to: keyFile)
            let lobi = Configuration.Terminal(
                name: "lobi", driver: "zkteco",
                address: try Address(try #require(ready.listen.first)),
                poll: .milliseconds(50), commKeyFile: keyFile.path)
            let (journal, board) = try await collect(700, from: [lobi], in: folder)
            #expect(journal.punches == 700)
            #expect(journal.oddities == 0)
            let status = try #require(board.first)
            #expect(status.state == .online)
            #expect(status.terminal == ready.terminal)
            #expect(status.records == 700)
            #expect(status.coverage != nil)
            #expect(abs(try #require(status.offsetMilliseconds)) < 5_000)
        }
    }
}
