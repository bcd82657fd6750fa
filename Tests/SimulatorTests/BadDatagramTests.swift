import Attendance
import Foundation
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports
import ZKTeco

@testable import Simulator

/// A simulated ZKTeco terminal behind a line that loses a fifth of everything.
private struct BadLine {
    let terminal: SimulatedTerminal
    let link: LossyLink
    /// The shortest records hold a person's place, not a PIN.
    var namesSlots: Bool { terminal.settings.recordSize == 8 }

    init(seed: UInt64, records: Int = 600, size: Int = 40, fault: Fault.Name = .none) {
        let simulated = SimulatorTests.terminal("zkteco") { settings in
            settings.records = records
            settings.recordSize = size
            settings.seed = seed
        }
        simulated.with { $0.injector.apply(Fault(fault)) }
        let talk = Talk(SimulatedZKTeco(simulated, isDatagram: true))
        terminal = simulated
        link = LossyLink(seed: seed) { talk.answer($0) }
    }

    private final class Talk: Sendable {
        private let conversation: Mutex<SimulatedZKTeco>

        init(_ conversation: SimulatedZKTeco) {
            self.conversation = Mutex(conversation)
        }

        func answer(_ datagram: [UInt8]) -> [[UInt8]] {
            conversation.withLock { $0.answer(datagram).flatMap { $0.map(\.bytes) } }
        }
    }

    var truth: [String] {
        terminal.with {
            $0.book.log.map { "\(namesSlots ? "#\($0.slot)" : "\($0.pin)") \($0.time) \($0.state)" }
        }
    }

    /// Opens and reads as a bridge does, which tries again when a talk fails.
    ///
    /// - Returns: The rows of the first read that calls itself complete, and how many did not.
    func read() async throws -> (rows: [String], failures: Int) {
        for failures in 0..<5 {
            var rows: [String] = []
            do {
                let session = try await ZKTecoDriver().open(link)
                let read = try await session.readLog(from: nil) { page in
                    rows += page.records.map(Self.row)
                }
                if read.isComplete { return (rows, failures) }
            } catch let error as any Explained {
                #expect(["line.silent", "terminal.incomplete"].contains(error.problem.code))
            }
            // What came before a failure is true all the same, and never out of order.
            #expect(Array(truth.prefix(rows.count)) == rows)
        }
        return ([], 5)
    }

    private static func row(_ record: LogRecord) -> String {
        guard case .punch(let punch) = record else { return "oddity" }
        return "\(punch.pin) \(punch.time) \(punch.stateNumber)"
    }
}

@Suite struct `A fifth of all datagrams lost, some doubled, all in disorder` {
    @Test(arguments: UInt64(1)...40)
    func `leave the log as the terminal has it`(seed: UInt64) async throws {
        let line = BadLine(seed: seed)
        let (rows, _) = try await line.read()
        #expect(rows == line.truth)
        // The line was as bad as it says.
        #expect(await line.link.lost > 2)
        #expect(await line.link.overtaken > 2)
    }

    @Test(arguments: UInt64(101)...120)
    func `leave it so by the older way`(seed: UInt64) async throws {
        let line = BadLine(seed: seed, records: 400, fault: .refuse1503)
        let (rows, _) = try await line.read()
        #expect(rows == line.truth)
    }

    @Test(arguments: [8, 16, 49], UInt64(201)...204)
    func `leave it so for every length of record`(size: Int, seed: UInt64) async throws {
        let line = BadLine(seed: seed, records: 300, size: size)
        let (rows, _) = try await line.read()
        #expect(rows == line.truth)
    }

    @Test func `hardly ever end a talk`() async throws {
        var failures = 0
        for seed in UInt64(301)...330 {
            failures += try await BadLine(seed: seed, records: 300).read().failures
        }
        #expect(failures <= 6)
    }

    /// The control: the same line and the same questions, and somebody who takes DATA as it comes.
    @Test func `are too much for a collector that does not look at the index`() async throws {
        var wrong = 0
        for seed in UInt64(1)...20 {
            let line = BadLine(seed: seed, records: 300)
            let table = try await NaiveCollector(link: line.link).readLog()
            let truth = line.terminal.with { state in
                state.book.log.reduce(into: [UInt8]()) {
                    ZKTecoTables.append($1, size: 40, to: &$0)
                }
            }
            if table.dropFirst(4) != truth[...] { wrong += 1 }
        }
        #expect(wrong >= 19)
    }

    @Test func `do the same to real sockets`() async throws {
        var settings = SimulatorSettings(serialNumber: "BWXP20126001")
        settings.records = 700
        settings.faults = [Fault(.loseDatagram), Fault(.duplicateDatagram), Fault(.swapDatagrams)]
        for index in settings.faults.indices { settings.faults[index].every = 9 }
        settings.faults[0].count = 2
        let simulation = try Simulation(
            make: "zkteco", settings: settings, listen: [ListenAddress("udp:127.0.0.1:0")],
            control: nil)
        let address = try #require(simulation.links.first)
        let link = try await Address(address).open(within: .seconds(5))
        let session = try await ZKTecoDriver().open(link)
        var count = 0
        let read = try await session.readLog(from: nil) { count += $0.records.count }
        await link.close()
        #expect(read.isComplete)
        #expect(count == 700)
    }
}

/// Asks as the driver does, and joins DATA in the order in which it comes.
private struct NaiveCollector {
    let link: LossyLink

    func readLog() async throws -> [UInt8] {
        let connected = try await ask(Packet(command: Command.connect, session: 0, reply: 0))
        guard let session = connected.first?.session else { return [] }
        let prepared = try await ask(
            Packet(
                command: Command.prepareBuffer, session: session, reply: 1, data: Table.log))
        var reader = ByteReader(prepared.first?.data ?? [])
        guard reader.u8() != nil, let size = reader.u32LE() else { return [] }
        let table = try await ask(
            Packet(
                command: Command.readBuffer, session: session, reply: 2,
                data: words(0, Int(size))), until: Command.ackOK)
        return table.table
    }

    private func ask(_ question: Packet, until end: UInt16? = nil) async throws -> [Packet] {
        for _ in 0..<20 {
            try await link.send(question.datagram)
            var packets: [Packet] = []
            while let bytes = try? await link.receive(within: .seconds(4)) {
                guard let packet = Packet(datagram: bytes), packet.reply == question.reply else {
                    continue
                }
                packets.append(packet)
                if end == nil || packet.command == end { return packets }
            }
        }
        return []
    }
}
