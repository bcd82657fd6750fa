import Attendance
import Foundation
import Glibc
import Simulator
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge

/// Loopback has 16 million addresses: each test takes a network of its own, so that the ports
/// terminals really use are free.
private func someNetwork() -> String {
    "127.\(Int.random(in: 20...250)).\(Int.random(in: 1...250))"
}

private func simulate(
    _ make: String, _ serial: String, on listen: String, _ change: (inout SimulatorSettings) -> Void
) throws -> Simulation {
    var settings = SimulatorSettings(serialNumber: serial)
    settings.records = 30
    change(&settings)
    return try Simulation(
        make: make, settings: settings, listen: [ListenAddress(listen)], control: nil)
}

@Suite struct `A search in the network` {
    private func search(_ range: String) async throws -> [NetworkSearch.Event] {
        let events = Mutex<[NetworkSearch.Event]>([])
        var search = NetworkSearch(try Subnet(range).hosts, zone: .wita)
        // Each terminal is heard out, whenever a busy machine lets it speak.
        search.limits.answer = .seconds(30)
        search.limits.total = .seconds(150)
        search.datagramLimits.answer = .seconds(30)
        search.datagramLimits.total = .seconds(150)
        try await search.run { event in events.withLock { $0.append(event) } }
        return events.withLock { $0 }
    }

    private func terminals(_ events: [NetworkSearch.Event]) -> [FoundTerminal] {
        events.compactMap { if case .terminal(let found) = $0 { found } else { nil } }
    }

    @Test func `finds terminals of each make in a /24 soon`() async throws {
        let network = someNetwork()
        let simulations = [
            try simulate("zkteco", "BWXP20126001", on: "tcp:\(network).9:4370") { _ in },
            try simulate("zkteco", "BWXP20126002", on: "udp:\(network).77:4370") { _ in },
            try simulate("anviz", "3005000012345678", on: "tcp:\(network).20:5010") { _ in },
        ]
        defer { for simulation in simulations { simulation.end() } }
        let start = ContinuousClock.now
        let events = try await search("\(network).0/24")
        // Two or three seconds where nothing else runs; a test may have to wait for its turn.
        #expect(start.duration(to: .now) < .seconds(180))
        let found = terminals(events)
        #expect(
            Set(found.map(\.address.description)) == [
                "tcp://\(network).9:4370", "udp://\(network).77:4370", "tcp://\(network).20:5010",
            ])
        #expect(
            Set(found.compactMap(\.identity?.id.description)) == [
                "zkteco:BWXP20126001", "zkteco:BWXP20126002", "anviz:3005000012345678",
            ])
        #expect(found.allSatisfy { $0.counters?.records == 30 && $0.clock != nil })
        #expect(found.allSatisfy { $0.problem == nil })
        guard case .progress(let done, let all) = events.last else {
            Issue.record("the last word is that all is done")
            return
        }
        #expect(done == all)
    }

    @Test func `says of a terminal that it wants its key, and asks only once`() async throws {
        let network = someNetwork()
        let simulation = try simulate("zkteco", "BWXP20126001", on: "tcp:\(network).9:4370") {
            $0.commKey = 4_711
        }
        defer { simulation.end() }
        let found = terminals(try await search("\(network).9"))
        #expect(found.count == 1)
        #expect(found.first?.wantsKey == true)
        #expect(found.first?.identity == nil)
        let toml = TerminalBlocks.toml(found)
        #expect(toml.contains("# comm_key_file = \"zkteco-9.key\""))
    }

    @Test func `names what answers on a terminal's port and is none`() async throws {
        let network = someNetwork()
        let listener = try #require(Listener(host: "\(network).5", port: 4_370))
        let answered = listener.begin {
            $0.answerOnce(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            return []
        }
        let events = try await search("\(network).5")
        _ = answered()
        let strangers = events.compactMap {
            if case .stranger(_, let port, let problem) = $0 { (port, problem.code) } else { nil }
        }
        #expect(strangers.map(\.0) == [4_370])
        #expect(strangers.map(\.1) == ["terminal.other-make"])
        #expect(listener.connections == 1)
    }

    @Test func `says good-bye to whatever let it in on port 4370`() async throws {
        let network = someNetwork()
        let listener = try #require(Listener(host: "\(network).6", port: 4_370))
        // ACK_UNAUTH to CONNECT and to AUTH, as a terminal with a key does.
        let answered = listener.begin {
            $0.answer([
                [0xD5, 0x07, 0x5B, 0xB2, 0xCF, 0x45, 0, 0],
                [0xD5, 0x07, 0x5A, 0xB2, 0xCF, 0x45, 1, 0],
            ])
        }
        _ = try await search("\(network).6")
        let heard = answered()
        // Commands 1000, 1102 and at last 1001.
        #expect(
            heard.map { Array($0.dropFirst(8).prefix(2)) } == [[0xE8, 3], [0x4E, 4], [0xE9, 3]])
        #expect(listener.connections == 1)
    }
}

@Suite struct `A search on a serial line` {
    private func search(
        _ path: String, answer: Duration = .milliseconds(40)
    ) async -> SerialSearch.Outcome {
        var search = SerialSearch(path, zone: .wita)
        search.listening = .milliseconds(100)
        search.limits.answer = answer
        search.limits.total = .seconds(150)
        return await search.run { _ in }
    }

    @Test func `finds a terminal and how to speak with it`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("line").path
            let simulation = try simulate("anviz", "3005000012345678", on: "pty:\(path)") { _ in }
            defer { simulation.end() }
            // It answers the first question, whenever a busy machine lets it.
            guard case .terminals(let found) = await search(path, answer: .seconds(5)) else {
                Issue.record("nothing found")
                return
            }
            #expect(found.map(\.driver) == ["anviz"])
            #expect(found.first?.identity?.serial == "3005000012345678")
            #expect(found.first?.address.shortest == "serial://\(path)")
        }
    }

    @Test func `never sends ZKTeco's bytes there`() async throws {
        let pty = try #require(SilentPort())
        pty.begin()
        #expect(await search(pty.path) == .silent)
        let bytes = pty.end()
        #expect(!bytes.isEmpty)
        #expect(bytes.firstRange(of: [0x50, 0x50, 0x82, 0x7D]) == nil)
        #expect(bytes.starts(with: [0xA5]))
    }

    @Test func `asks nothing of a line that talks by itself`() async throws {
        let pty = try #require(SilentPort())
        pty.begin(saying: Array("$GPGGA,".utf8))
        let outcome = await search(pty.path)
        // What comes back is the echo of our own words from before the port was opened.
        let sent = pty.end()
        #expect(!sent.contains(0xA5) && !sent.contains(0x7E))
        guard case .talking(let bytes, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(bytes.firstRange(of: Array("GPGGA".utf8)) != nil)
    }

    @Test func `tells why a port cannot be used`() async throws {
        let outcome = await search("/dev/ttyNONE9")
        guard case .unusable(let problem) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(problem.code == "line.missing")
    }
}

@Suite struct `Found terminals as sections of a configuration` {
    private static let smallest = """
        office   = "upt-contoh-utara"
        timezone = "Asia/Makassar"
        [server]
        url = "https://bkd.example.go.id"

        """

    /// Whatever a terminal may say of itself.
    private static func text(_ dice: inout some RandomNumberGenerator) -> String {
        let letters = Array("BWXP2012-._+ \"\\\n\t#=[]'éÜ\u{7F}\u{1}")
        return String(
            (0..<Int.random(in: 0...24, using: &dice)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &dice)]
            })
    }

    private static func terminal(_ dice: inout some RandomNumberGenerator) throws -> FoundTerminal {
        let make = try #require(KnownDrivers.names.randomElement(using: &dice))
        let host =
            "192.168.\(Int.random(in: 0...3, using: &dice)).\(Int.random(in: 1...9, using: &dice))"
        // A SOYAL controller is found by its number, and tells no serial number.
        let isSoyal = make == "soyal"
        let station =
            isSoyal || Bool.random(using: &dice)
            ? "station=\(Int.random(in: 1...3, using: &dice))" : nil
        let links = [
            "tcp://\(host):4370" + (station.map { "?\($0)" } ?? ""), "udp://\(host):4370",
            "serial:///dev/serial/by-id/usb-FTDI_FT\(Int.random(in: 0...2, using: &dice))-if00-port0?baud=19200"
                + (station.map { "&\($0)" } ?? ""),
            "serial:///dev/ttyS\(Int.random(in: 0...2, using: &dice))",
        ].filter {
            // No scan finds a ZKTeco terminal on a serial line, and no configuration takes one.
            (!isSoyal || $0.contains("station"))
                && (make != "zkteco" || !$0.hasPrefix("serial"))
        }
        let address = try Address(try #require(links.randomElement(using: &dice)))
        let serial = text(&dice)
        let identity =
            (try? TerminalID(make: make, reportedSerial: serial, mac: "00:17:61:8a:2b:3c"))
            .map { TerminalIdentity(id: $0, serial: serial, model: text(&dice)) }
        let problem = Bool.random(using: &dice) ? DriverError.wrongKey.problem : nil
        return FoundTerminal(
            driver: make, address: address, identity: isSoyal ? nil : identity, problem: problem,
            configuredAs: Int.random(in: 0...9, using: &dice) == 0 ? "lobi" : nil)
    }

    @Test func `wait, marked, for the number on the label of a make that cannot tell it`() throws {
        let found = FoundTerminal(
            driver: "soyal", address: try Address("tcp://192.168.1.127:1621?station=1"))
        let toml = TerminalBlocks.toml([found])
        let untouched = try Configuration(parsing: Self.smallest + toml, path: "bridge.toml")
        #expect(untouched.terminals == [])
        let copied = toml.split(separator: "\n").dropFirst().map { $0.dropFirst(2) }
            .joined(separator: "\n").replacing("\"\"", with: "\"821EF0001\"")
        let configuration = try Configuration(parsing: Self.smallest + copied, path: "bridge.toml")
        #expect(configuration.terminals.map(\.serialNumber) == ["821EF0001"])
        #expect(configuration.terminals.map(\.station) == [1])
    }

    @Test(arguments: 0..<200)
    func `are taken as they are behind the smallest configuration`(seed: Int) throws {
        var dice = SeededDice(seed: UInt64(seed))
        let found = try (0..<Int.random(in: 0...20, using: &dice)).map { _ in
            try Self.terminal(&dice)
        }
        let toml = TerminalBlocks.toml(found)
        let configuration = try Configuration(
            parsing: Self.smallest + toml, path: "bridge.toml")
        let new = found.filter { $0.configuredAs == nil }
        let lines = Set(new.map(\.address.description))
        let also = toml.split(separator: "\n").filter { $0.contains(" also answers at ") }
        let marked = toml.split(separator: "\n").filter { $0 == "# [[terminal]]" }
        #expect(configuration.terminals.count + also.count + marked.count == lines.count)
        for terminal in configuration.terminals {
            #expect(
                new.contains {
                    $0.driver == terminal.driver && $0.address.lineName == terminal.address.lineName
                        && $0.address.station == terminal.station
                        && (terminal.serialNumber == $0.identity?.serial
                            || $0.identity?.serial.isEmpty == true)
                })
        }
    }

    @Test func `have names that the configuration does not have yet`() throws {
        let found = FoundTerminal(
            driver: "zkteco", address: try Address("tcp://192.168.1.201:4370"))
        let toml = TerminalBlocks.toml([found], beside: ["zkteco-201", "zkteco-201-2"])
        #expect(toml.contains("name   = \"zkteco-201-3\""))
        #expect(toml.contains("link   = \"tcp://192.168.1.201:4370\""))
    }

    @Test func `name a terminal on two lines only once`() throws {
        let identity = TerminalIdentity(
            id: try TerminalID("zkteco:BWXP20126001"), serial: "BWXP20126001")
        let found = try ["tcp://192.168.1.201:4370", "udp://192.168.1.77:4370"].map {
            FoundTerminal(driver: "zkteco", address: try Address($0), identity: identity)
        }
        let toml = TerminalBlocks.toml(found)
        #expect(toml.ranges(of: "[[terminal]]").count == 1)
        #expect(toml.contains("# zkteco-201 also answers at udp://192.168.1.77:4370"))
    }
}

/// Random numbers that are the same for the same seed (SplitMix64).
private struct SeededDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
