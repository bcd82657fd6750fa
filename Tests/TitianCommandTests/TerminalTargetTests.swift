import Attendance
import Bridge
import Simulator
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import titian

@Suite struct `A talk of a command` {
    /// Keeps what is said over the line.
    private final class Overheard: TerminalDriver {
        let inner: any TerminalDriver
        private let lines = Mutex<[String]>([])
        var make: String { inner.make }

        init(_ inner: any TerminalDriver) { self.inner = inner }

        func open(_ link: any Link) async throws -> any TerminalSession {
            try await inner.open(
                RecordingLink(link) { line in self.lines.withLock { $0.append(line) } })
        }

        func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {}

        /// Commands of the frames that went to the terminal.
        var said: [UInt16] {
            lines.withLock(\.self).filter { $0.hasPrefix("> ") }.compactMap { line in
                guard let bytes = [UInt8](hex: line.dropFirst(2).filter(\.isHexDigit)),
                    bytes.count > 9
                else { return nil }
                return UInt16(bytes[8]) | UInt16(bytes[9]) << 8
            }
        }
    }

    private struct Trouble: Error {}

    @Test func `ends with a good-bye also where something goes wrong`() async throws {
        let host = "127.\(UInt8.random(in: 20...199)).\(UInt8.random(in: 1...254)).7"
        let simulation = try Simulation(
            make: "zkteco", settings: SimulatorSettings(serialNumber: "BWXP20126001"),
            listen: [ListenAddress("tcp:\(host):4370")], control: nil)
        defer { simulation.end() }
        let driver = Overheard(try #require(KnownDrivers.driver(named: "zkteco", options: .init())))
        let target = TerminalTarget(
            address: try Address("tcp://\(host):4370"), driver: driver, options: .init())
        await #expect(throws: (any Error).self) {
            try await target.talk { session in
                _ = try await session.readClock()
                throw Trouble()
            }
        }
        #expect(driver.said.first == 1_000 && driver.said.last == 1_001, "\(driver.said)")
    }
}
