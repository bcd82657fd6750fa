import Anviz
import Attendance
import Exchange
import Foundation
import Journal
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge
@testable import Simulator

/// An RS485 pair with several simulated terminals. Waiting takes no time, but moves the clock.
private final class BusLink: Link {
    private struct Piece {
        let due: Int64
        let bytes: [UInt8]
    }

    let isDatagram = false
    private let host: FakeHost
    private let outlet: Outlet
    private let pieces: Shared<[Piece]>

    /// - Parameter isDripping: Whether what comes now comes a byte a second.
    init(
        _ terminals: [SimulatedTerminal], _ host: FakeHost,
        isDripping: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) {
        self.host = host
        let pieces = Shared<[Piece]>([])
        self.pieces = pieces
        outlet = Outlet(terminals, isDatagram: false) { bytes in
            let now = host.now.milliseconds
            guard isDripping(bytes) else {
                pieces.with { $0.append(Piece(due: now + 15, bytes: bytes)) }
                return true
            }
            let drops = bytes.enumerated().map {
                Piece(due: now + 1_000 * Int64($0.offset + 1), bytes: [$0.element])
            }
            pieces.with { $0 += drops }
            return true
        }
    }

    func send(_ bytes: [UInt8]) async throws(LinkError) { _ = outlet.take(bytes) }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let now = host.now.milliseconds
        let end = now + limit.milliseconds
        let next = pieces.with { pieces -> Piece? in
            guard let index = pieces.indices.min(by: { pieces[$0].due < pieces[$1].due }),
                pieces[index].due <= end
            else { return nil }
            return pieces.remove(at: index)
        }
        guard let next else {
            host.pass(limit)
            throw .silent(after: limit)
        }
        host.pass(.milliseconds(max(0, next.due - now)))
        return next.bytes
    }

    func close() async { outlet.end() }
}

/// An office with one line and stations 1 to 3 on it.
private struct Bus {
    let office: FakeOffice
    let terminals: [SimulatedTerminal]
    let line: Line

    init(
        in folder: URL, faults: [Fault] = [],
        isDripping: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) throws {
        let configured = try (1...3).map { station in
            var terminal = try FakeOffice.configured(
                "lantai-\(station)", "serial:///dev/ttyUSB0?station=\(station)")
            terminal.driver = "anviz"
            terminal.station = UInt32(station)
            terminal.sharesLine = true
            return terminal
        }
        let office = try FakeOffice(in: folder, configured) { _ in nil }
        var settings = SimulatorSettings(serialNumber: "3005000012345670")
        settings.records = 60
        settings.stations = [1, 2, 3]
        settings.faults = faults
        let host = office.host
        let terminals = settings.ofEach.map { settings in
            SimulatedTerminal(make: "anviz", settings: settings) { host.now.milliseconds / 1_000 }
        }
        var place = office.place
        place.openLine = { _ in BusLink(terminals, host, isDripping: isDripping) }
        place.driver = { AnvizDriver(options: try $0.driverOptions()) }
        self.office = office
        self.terminals = terminals
        line = Line(configured, at: place)
    }

    func apply(_ name: Fault.Name, to station: Int, every: Int? = nil) {
        var fault = Fault(name)
        fault.every = every
        terminals[station - 1].with { $0.injector.apply(fault) }
    }

    /// Works for so long on the office's clock.
    func work(for time: Duration) async {
        let end = office.host.now.milliseconds + time.milliseconds
        while office.host.now.milliseconds < end { await line.step() }
    }

    /// Punches on disk by terminal, and how many entries there are for them.
    func kept() async throws -> (punches: [String: Set<String>], entries: Int) {
        var punches: [String: Set<String>] = [:]
        var entries = 0
        for line in try await office.journal.lines(from: 1, limit: 100_000) {
            guard let fields = EntryFields(line: line.line), fields.kind == "punch" else {
                continue
            }
            entries += 1
            punches[fields.terminal ?? "", default: []].insert(
                "\(fields.pin ?? "") \(fields.time ?? "")")
        }
        return (punches, entries)
    }

    func truth(_ station: Int) -> Set<String> {
        terminals[station - 1].with { Set($0.book.log.map { "\($0.pin) \($0.time)" }) }
    }

    func id(_ station: Int) -> String { "anviz:300500001234567\(station)" }

    func asked(_ station: Int, _ command: String) -> Int {
        terminals[station - 1].with { $0.commands[command] ?? 0 }
    }
}

@Suite struct `Several Anviz terminals on one pair of wires` {
    private func expectAll(_ bus: Bus, stations: [Int] = [1, 2, 3]) async throws {
        let (punches, entries) = try await bus.kept()
        for station in stations { #expect(punches[bus.id(station)] == bus.truth(station)) }
        #expect(entries == stations.reduce(0) { $0 + bus.truth($1).count })
        #expect(Set(punches.keys) == Set(stations.map(bus.id)))
    }

    @Test func `have every punch on disk once, under the terminal's own name`() async throws {
        try await withTemporaryFolder { folder in
            let bus = try Bus(in: folder)
            await bus.work(for: .seconds(120))
            try await expectAll(bus)
            for terminal in bus.terminals { terminal.add(5) }
            await bus.work(for: .seconds(120))
            try await expectAll(bus)
            // Who they are is asked once, not at every visit.
            #expect(bus.asked(1, "serial-number") == 1)
        }
    }

    @Test func `have it so although every request comes back and the wire is noisy`() async throws {
        try await withTemporaryFolder { folder in
            var faults = [Fault(.echo), Fault(.noise), Fault(.loseByte), Fault(.doubleByte)]
            for index in 1...3 { faults[index].every = 25 }
            let bus = try Bus(in: folder, faults: faults)
            await bus.work(for: .seconds(600))
            try await expectAll(bus)
        }
    }

    @Test func `are not held up by a dead one, which is asked less and less often`() async throws {
        try await withTemporaryFolder { folder in
            let bus = try Bus(in: folder)
            bus.apply(.silence, to: 2)
            await bus.work(for: .seconds(3_600))
            try await expectAll(bus, stations: [1, 3])
            // A hundred and twenty visits were due; a dead station costs under 7 s each time.
            #expect(bus.asked(1, "counters") > 110)
            #expect(bus.asked(3, "counters") > 110)
            #expect((10...90).contains(bus.asked(2, "counters")))
            #expect(await bus.office.board.terminals.map(\.state) == [.online, .lost, .online])
            // It is back within five minutes of being repaired.
            bus.apply(.none, to: 2)
            await bus.work(for: .seconds(330))
            try await expectAll(bus)
        }
    }

    @Test func `are not held up by one that drips a byte a second`() async throws {
        try await withTemporaryFolder { folder in
            // The device's number is the fifth byte of its frames.
            let bus = try Bus(in: folder) { $0.count > 4 && $0[4] == 3 }
            await bus.work(for: .seconds(1_800))
            try await expectAll(bus, stations: [1, 2])
            #expect(bus.asked(1, "counters") > 60)
            #expect(bus.asked(2, "counters") > 60)
        }
    }

    @Test func `are not listened to between visits`() async throws {
        try await withTemporaryFolder { folder in
            let bus = try Bus(in: folder)
            #expect(bus.terminals.allSatisfy { !$0.with(\.isRealTime) })
            // One whose real-time switch was left on talks into the line all the same.
            bus.terminals[0].with { $0.isRealTime = true }
            await bus.work(for: .seconds(60))
            bus.terminals[0].add(1)
            let (before, _) = try await bus.kept()
            #expect(before[bus.id(1)]?.count == 60)
            await bus.work(for: .seconds(60))
            let (after, entries) = try await bus.kept()
            #expect(after[bus.id(1)] == bus.truth(1))
            #expect(entries == 181)
        }
    }

    @Test func `cannot be asked all at once with number 0`() async throws {
        try await withTemporaryFolder { folder in
            let bus = try Bus(in: folder)
            let link = BusLink(bus.terminals, bus.office.host)
            await #expect(throws: (any Error).self) { _ = try await AnvizDriver().open(link) }
        }
    }

    @Test func `keep the line quiet for 200 ms between commands`() throws {
        let text = """
            office = "upt-contoh-utara"
            timezone = "Asia/Makassar"
            [[terminal]]
            name = "a"
            driver = "anviz"
            link = "serial:///dev/ttyUSB0?station=1"
            [[terminal]]
            name = "b"
            driver = "anviz"
            link = "serial:///dev/ttyUSB0?station=2"
            pause_ms = 50
            [[terminal]]
            name = "c"
            driver = "anviz"
            link = "serial:///dev/ttyUSB1"
            [[terminal]]
            name = "d"
            driver = "anviz"
            link = "tcp://192.168.1.5?station=1"
            """
        let terminals = try Configuration(parsing: text, path: "bridge.toml").terminals
        let pauses = try terminals.map { try $0.driverOptions().turnaround }
        #expect(pauses == [.milliseconds(200), .milliseconds(50), .milliseconds(20), .zero])
    }
}
