import Attendance
import Exchange
import Foundation
import Glibc
import Journal
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge
@testable import Simulator

/// Two adapters that swap their numbers at any moment, as after a power cut or a loose hub: the
/// names `ttyUSB0` and `ttyUSB1` lead to one terminal now and to the other one later.
private final class SwappingPorts: Sendable {
    private let folder: URL
    private let ptys: [String]
    /// Which terminal each name leads to, and how often that has changed.
    private let state: Shared<(order: [Int], swaps: Int)>
    /// Bytes after which the next swap happens, whoever reads them.
    private let left = Shared(0)
    private let dice: Shared<SeededDice>
    static let most = 100

    init(_ folder: URL, ptys: [String], seed: UInt64) throws {
        self.folder = folder
        self.ptys = ptys
        state = Shared((Array(ptys.indices), 0))
        dice = Shared(SeededDice(seed: seed))
        try link()
        left.with { $0 = 700 }
    }

    var swaps: Int { state.with { $0.swaps } }

    func path(_ number: Int) -> String {
        folder.appendingPathComponent("ttyUSB\(number)").path
    }

    /// Counts bytes; swaps when enough have passed.
    ///
    /// - Returns: The number of swaps so far: a line that was opened before the last is cut.
    func pass(_ count: Int) -> Int {
        let isDue = left.with { left in
            left -= count
            return left <= 0
        }
        if isDue, swaps < Self.most { swap() }
        return swaps
    }

    private func swap() {
        state.with { state in
            state.order.swapAt(0, 1)
            state.swaps += 1
        }
        try? link()
        let next = dice.with { Int($0.next() % 1_500) }
        left.with { $0 = 1 + next }
    }

    /// As udev does it: a new link in place of the old one.
    private func link() throws {
        let order = state.with { $0.order }
        for (number, terminal) in order.enumerated() {
            let new = path(number) + ".new"
            unlink(new)
            guard symlink(ptys[terminal], new) == 0, rename(new, path(number)) == 0 else {
                throw CocoaError(.fileWriteUnknown)
            }
        }
    }

    func open(_ address: Address) async throws -> any Link {
        let inner = try await address.open(within: .seconds(5))
        return SwappedLink(inner, self, swaps)
    }
}

/// Hung up by the swap that follows its opening, in the middle of whatever it carries.
private struct SwappedLink: Link {
    let inner: any Link
    let ports: SwappingPorts
    let openedAt: Int
    let isDatagram = false

    init(_ inner: any Link, _ ports: SwappingPorts, _ openedAt: Int) {
        self.inner = inner
        self.ports = ports
        self.openedAt = openedAt
    }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        guard ports.pass(bytes.count) == openedAt else { throw .closed(reason: "hung up") }
        try await inner.send(bytes)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard ports.pass(0) == openedAt else { throw .closed(reason: "hung up") }
        let bytes = try await inner.receive(within: min(limit, .seconds(2)))
        guard ports.pass(bytes.count) == openedAt else { throw .closed(reason: "hung up") }
        return bytes
    }

    func close() async { await inner.close() }
}

/// Nothing of one terminal is ever kept under another's name.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `Ports that swap their numbers` {
    @Test(arguments: ["zkteco", "anviz"])
    func `never mix two terminals`(make: String) async throws {
        try await withTemporaryFolder { folder in
            let host = FakeHost()
            let terminals = ["3005000012345671", "3005000012345672"].enumerated().map {
                number, serial in
                var settings = SimulatorSettings(serialNumber: serial)
                settings.records = 40
                settings.seed = UInt64(number + 7)
                return SimulatedTerminal(make: make, settings: settings) {
                    host.now.milliseconds / 1_000
                }
            }
            let ptys = try terminals.indices.map { number in
                let path = folder.appendingPathComponent("pty\(number)").path
                _ = try Lines.open(ListenAddress("pty:\(path)"), [terminals[number]])
                return path
            }
            let ports = try SwappingPorts(folder, ptys: ptys, seed: 3)
            let configured = try terminals.indices.map { number in
                var terminal = try FakeOffice.configured(
                    "mesin-\(number)", "serial://\(ports.path(number))")
                terminal.driver = make
                return terminal
            }
            let office = try FakeOffice(in: folder, configured) { _ in nil }
            var place = office.place
            place.host = host.host
            place.pace = host.pace
            place.openLine = { try await ports.open($0) }
            place.driver = { _ in
                guard let driver = KnownDrivers.driver(named: make, options: DriverOptions()) else {
                    throw LinkError.closed(reason: "no such make")
                }
                return driver
            }
            let lines = configured.map { Line([$0], at: place) }
            try await work(lines, terminals, ports, office)
            for line in lines { await line.close() }
            let kept = try await punches(office)
            for terminal in terminals {
                let name = "\(make):\(terminal.settings.serialNumber)"
                let truth = Set(terminal.with { $0.book.log.map { "\($0.pin) \($0.time)" } })
                #expect(Set(kept[name, default: []]) == truth, "\(name)")
                #expect(kept[name]?.count == truth.count, "\(name)")
            }
            #expect(kept.count == terminals.count)
            #expect(ports.swaps == SwappingPorts.most)
            #expect(openDescriptors(of: ptys) == 2)  // the simulator's own
            await office.journal.close()
        }
    }

    /// Steps both lines in turn, while people punch, until the swaps are over and all is read.
    private func work(
        _ lines: [Line], _ terminals: [SimulatedTerminal], _ ports: SwappingPorts,
        _ office: FakeOffice
    ) async throws {
        for round in 0..<4_000 {
            for line in lines { await line.step() }
            if ports.swaps < SwappingPorts.most {
                if round % 5 == 0 { terminals[round % 2].add(1) }
                continue
            }
            let total = terminals.reduce(0) { $0 + $1.with { $0.book.log.count } }
            if try await office.punches() == total { return }
        }
    }

    private func punches(_ office: FakeOffice) async throws -> [String: [String]] {
        let lines = try await office.journal.lines(from: 1, limit: 100_000)
        let found = lines.compactMap { EntryFields(line: $0.line) }.filter { $0.kind == "punch" }
        return Dictionary(grouping: found) { $0.terminal ?? "" }
            .mapValues { $0.map { "\($0.pin ?? "") \($0.time ?? "")" } }
    }

    /// How many descriptors of this process are open on the ptys.
    private func openDescriptors(of links: [String]) -> Int {
        let files = FileManager.default
        let names = links.compactMap { try? files.destinationOfSymbolicLink(atPath: $0) }
        let open = (try? files.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return open.count { number in
            let target = try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
            return names.contains(target ?? "")
        }
    }
}
