import Attendance
import Bridge
import Foundation
import Speech
import TerminalKit
import TestSupport
import Testing
@testable import Simulator
@testable import Transports
@testable import titian

@Suite struct `What a search found` {
    private static let clock = ClockReading(
        device: WallTime(seconds: 1_795_167_903), asked: UTCTime(milliseconds: 1_795_139_100_000),
        answered: UTCTime(milliseconds: 1_795_139_100_100), zone: .wita)

    private static func terminal(
        _ driver: String, _ link: String, _ serial: String, problem: Problem? = nil
    ) throws -> FoundTerminal {
        var terminal = FoundTerminal(driver: driver, address: try Address(link), problem: problem)
        guard problem == nil else { return terminal }
        terminal.identity = TerminalIdentity(
            id: try TerminalID(make: driver, serial: serial), serial: serial, model: "X100-C",
            firmware: "Ver 6.60")
        terminal.clock = clock
        terminal.counters = LogCounters(records: 41_233, recordCapacity: 100_000)
        return terminal
    }

    private static func report() throws -> ScanReport {
        var report = ScanReport()
        report.looksAtPorts = true
        report.looksAtUSB = true
        report.looksAtNetwork = true
        report.takenNames = ["lobi"]
        func line(
            _ path: String, _ finding: ScanReport.SerialLine.Finding
        ) -> ScanReport.SerialLine {
            ScanReport.SerialLine(path: path, port: nil, finding: finding)
        }
        let busy = LinkError.busy(path: "/dev/ttyUSB1").problem
        report.lines = [
            line(
                "/dev/ttyS0",
                .searched(
                    .terminals([
                        try terminal(
                            "anviz", "serial:///dev/ttyS0?baud=19200", "3005000012345678")
                    ]))),
            line("/dev/ttyUSB0", .readByDaemon("gudang")),
            line("/dev/ttyUSB1", .searched(.unusable(busy))),
            line("/dev/ttyUSB2", .searched(.talking(Array("$GPGGA".utf8), baud: 9_600))),
            line("/dev/ttyUSB3", .searched(.silent)), line("/dev/ttyACM0", .zkCable),
        ]
        report.usb = [
            AttachedUSB(
                socket: "1-2", vendor: 0x1B55, product: 0xB400, serial: nil, text: nil,
                kind: .zkTerminal)
        ]
        report.lines[2].suspects = ["ModemManager"]
        report.ranges = [
            ScanReport.Range(
                interface: "eth0", text: "192.168.1.0/24", count: 254, isTooLarge: false),
            ScanReport.Range(
                interface: "docker0", text: "172.17.0.0/16", count: 65_534, isTooLarge: true),
        ]
        report.heldHosts = [ScanReport.HeldHost(host: "192.168.1.200", name: "lobi")]
        var known = try terminal("zkteco", "tcp://192.168.1.203:4370", "BWXP20126003")
        known.configuredAs = "aula"
        report.networkTerminals = [
            known, try terminal("zkteco", "tcp://192.168.1.201:4370", "BWXP20126001"),
            try terminal(
                "zkteco", "tcp://192.168.1.202:4370", "", problem: DriverError.wrongKey.problem),
        ]
        report.strangers = [
            ScanReport.Stranger(
                host: "192.168.1.9", port: 4_370,
                problem: DriverError.otherMake(
                    expected: "ZKTeco", seen: "HTTP", bytes: Array("HTTP/1.1".utf8)
                ).problem)
        ]
        report.sort()
        return report
    }

    @Test(arguments: Language.allCases)
    func `is told to people`(language: Language) throws {
        try Speech.$language.withValue(language) {
            try expectGolden(
                try Self.report().text(configuration: "/etc/titian/bridge.toml"),
                "titian/scan.\(language.rawValue).txt")
        }
    }

    @Test func `is told to scripts`() throws {
        let lines = try Self.report().json.map { String(decoding: $0, as: UTF8.self) + "\n" }
        try expectGolden(lines.joined(), "titian/scan.json.txt")
    }

    @Test func `wants a look while something is in the way`() throws {
        var report = try Self.report()
        #expect(report.verdict == .attention)
        report.lines = []
        report.ranges = []
        report.networkTerminals = report.networkTerminals.filter { $0.problem == nil }
        #expect(report.verdict == .good)
        report.networkTerminals = []
        #expect(report.verdict == .good, "what the daemon reads is there")
        report.heldHosts = []
        #expect(report.verdict == .attention)
    }
}

@Suite struct `A search` {
    private static let nobody = "/tmp/titian-nobody.sock"

    @Test(arguments: [
        ["--subnet", "8.8.8.0/24"], ["--subnet", "10.0.0.0/8"], ["--subnet", "x"],
        ["--timezone", "Mars"],
    ])
    func `refuses ranges that are not the office's, or too large`(arguments: [String]) async {
        let run = await CapturedRun(["scan", "--control", Self.nobody, "--lan"] + arguments)
        #expect(run.exitCode == 64)
        #expect(run.output == "")
    }

    @Test func `that finds nothing says so and what to do`() async {
        let run = await CapturedRun([
            "scan", "--control", Self.nobody, "--subnet", "127.201.7.4/30", "--usb",
        ])
        #expect(run.exitCode == 1)
        #expect(run.output.contains("No new terminal."))
        #expect(run.errors == "")
    }

    @Test func `leaves alone what the daemon reads`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("bridge.toml")
            try Data(
                """
                office = "upt-contoh-utara"
                timezone = "Asia/Makassar"
                [[terminal]]
                name = "lobi"
                driver = "zkteco"
                link = "tcp://127.201.8.5:4370"
                [[terminal]]
                name = "gudang"
                driver = "anviz"
                link = "serial:///dev/ttyNONE7"

                """.utf8
            ).write(to: file)
            let run = try await withDaemon(answering: ["status": "{}"]) { socket in
                await CapturedRun([
                    "scan", "--json", "--config", file.path, "--control", socket, "--subnet",
                    "127.201.8.4/30", "--port", "/dev/ttyNONE7",
                ])
            }
            #expect(
                run.lines.contains(#"{"type":"held","link":"127.201.8.5","configured_as":"lobi"}"#))
            #expect(run.lines.contains { $0.contains(#""finding":"held""#) })
            #expect(run.exitCode == 0)
        }
    }

    /// A terminal is configured by its name, and found by its address.
    @Test(arguments: [false, true])
    func `knows a terminal that is configured by its name`(isDaemonRunning: Bool) async throws {
        // Loopback has 16 million addresses, and another run of the tests may use one of them.
        let base = "127.\(UInt8.random(in: 20...199)).\(UInt8.random(in: 1...254))"
        let simulation = try Simulation(
            make: "zkteco", settings: SimulatorSettings(serialNumber: "BWXP20126001"),
            listen: [ListenAddress("tcp:\(base).5:4370")], control: nil)
        defer { simulation.end() }
        var named = Configuration.Terminal(
            name: "lobi", driver: "zkteco", address: try Address("tcp://mesin.local:4370"),
            poll: .seconds(30), live: true)
        named.serialNumber = nil
        var scan = Scan(zone: .wita, configured: [named], isDaemonRunning: isDaemonRunning)
        scan.resolve = { $0 == "mesin.local" ? ["fd00::5", "\(base).5"] : [] }
        let progress = Progress(isShown: false)
        try await scan.searchNetwork([("", try Subnet("\(base).4/30"))], progress)
        #expect(scan.report.toml == "")
        if isDaemonRunning {
            #expect(scan.report.heldHosts.map(\.name) == ["lobi"])
            #expect(scan.report.networkTerminals.isEmpty)
            #expect(simulation.terminals[0].with(\.connections) == 0)
        } else {
            #expect(scan.report.networkTerminals.map(\.configuredAs) == ["lobi"])
        }
    }

    @Test func `of a port that is not there says why`() async {
        let run = await CapturedRun([
            "scan", "--control", Self.nobody, "--port", "/dev/ttyNONE7", "--json",
        ])
        #expect(run.lines.count == 1)
        #expect(run.lines.first?.contains(#""finding":"unusable","code":"line.missing""#) == true)
        #expect(run.exitCode == 1)
    }
}

@Suite struct `A line of progress` {
    @Test func `appears after two seconds and is gone at the end`() {
        let start = ContinuousClock.now
        let clock = Ticking(start)
        let shown = Said()
        Output.$standard.withValue({ bytes, _ in shown.add(bytes) }) {
            let progress = Progress(isShown: true, now: { clock.now })
            progress.say("1/9")
            #expect(shown.text == "")
            clock.set(start + .seconds(2))
            progress.say("4/9")
            progress.say("5/9")
            #expect(shown.text == "\r\u{1B}[K4/9")
            progress.end()
            #expect(shown.text == "\r\u{1B}[K4/9\r\u{1B}[K")
        }
    }

    @Test func `is not for pipes`() {
        let start = ContinuousClock.now
        let clock = Ticking(start)
        let shown = Said()
        Output.$standard.withValue({ bytes, _ in shown.add(bytes) }) {
            let progress = Progress(isShown: false, now: { clock.now })
            clock.set(start + .seconds(9))
            progress.say("1/9")
            progress.end()
        }
        #expect(shown.text == "")
    }
}
