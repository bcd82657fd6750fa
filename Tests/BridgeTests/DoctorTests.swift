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

@Suite struct `The doctor` {
    @Test func `finds nothing in a healthy bridge, two hundred times`() async throws {
        try await withTemporaryFolder { folder in
            let patient = try Patient(in: folder)
            for _ in 0..<200 {
                let results = await patient.examine()
                #expect(results.findings == [])
                #expect(results.map(\.check) == Check.allCases)
            }
        }
    }

    @Test func `has a lab of forty faults and more`() {
        #expect(Planted.all.count >= 40)
    }

    @Test(arguments: Planted.all)
    func `names the cause first`(_ planted: Planted) async throws {
        try await withTemporaryFolder { folder in
            var patient = try Patient(in: folder)
            try planted.plant(&patient)
            let findings = await patient.examine().findings
            #expect(findings.first?.problem.code == planted.code)
            if let about = planted.about { #expect(findings.first?.subject == about) }
        }
    }

    /// Each of these brings the daemon down, or all terminals and the centre.
    @Test(arguments: Planted.whole)
    func `shows one cause as one finding`(_ planted: Planted) async throws {
        try await withTemporaryFolder { folder in
            var patient = try Patient(in: folder)
            patient.answers = planted.code == "box.no-network"
            patient.tools.ask = { _ in throw ControlError.notRunning(socket: "/run/titian") }
            patient.tools.openLine = { _ in throw LinkError.silent(after: .seconds(1)) }
            patient.report.terminals.removeLast()
            try patient.write(Patient.oneTerminal, "bridge.toml")
            try planted.plant(&patient)
            let findings = await patient.examine().findings
            let others = findings.filter { $0.subject != "lobi" && $0.severity == .fault }
            #expect(others.map(\.problem.code) == [planted.code])
        }
    }

    /// A terminal speaks with one program at a time.
    @Test func `asks no terminal while a daemon hangs`() async throws {
        try await withTemporaryFolder { folder in
            var patient = try Patient(in: folder)
            try Planted.box.first { $0.code == "control.no-answer" }?.plant(&patient)
            let opened = Shared(0)
            patient.tools.openLine = { _ in
                opened.with { $0 += 1 }
                throw LinkError.silent(after: .seconds(1))
            }
            let results = await patient.examine()
            #expect(results.findings.map(\.problem.code) == ["control.no-answer"])
            #expect(results.first { $0.check == .terminals }?.outcome == .skipped(because: .daemon))
            #expect(opened.with { $0 } == 0)
        }
    }

    /// What the daemon tells ends with what to do, and that is what the doctor says to do.
    @Test func `passes on what to do`() async throws {
        try await withTemporaryFolder { folder in
            var patient = try Patient(in: folder)
            patient.lobi(.lost, LinkError.silent(after: .seconds(10)))
            let finding = try #require(await patient.examine().findings.first)
            #expect(finding.problem == LinkError.silent(after: .seconds(10)).problem)
        }
    }

    @Test func `waits no longer than it may`() async throws {
        try await withTemporaryFolder { folder in
            var patient = try Patient(in: folder)
            patient.tools.patience = .milliseconds(50)
            patient.tools.knock = { _, _ in
                // Neither a clock nor a cancellation ends this one.
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                return HTTPAnswer(status: 400, body: [])
            }
            let findings = await patient.examine().findings
            #expect(findings.map(\.problem.code) == ["sync.timeout"])
        }
    }

    @Test func `takes no longer for four dead terminals than for one`() async throws {
        try await withTemporaryFolder { folder in
            var patient = try Patient(in: folder)
            let dead = (1...4).map {
                "[[terminal]]\nname = \"m\($0)\"\ndriver = \"zkteco\"\nlink = \"tcp://192.0.2.\($0)\"\n"
            }
            try patient.write(
                "office = \"upt-contoh-utara\"\ntimezone = \"WITA\"\n" + dead.joined(),
                "bridge.toml")
            patient.answers = false
            patient.tools.patience = .milliseconds(200)
            patient.tools.ask = { _ in throw ControlError.notRunning(socket: "/run/titian") }
            let atOnce = Shared((now: 0, most: 0))
            patient.tools.openLine = { _ in
                atOnce.with { state in
                    state.now += 1
                    state.most = max(state.most, state.now)
                }
                defer { atOnce.with { $0.now -= 1 } }
                try await Task.sleep(for: .seconds(60))
                throw LinkError.cancelled
            }
            let findings = await patient.examine().findings
            #expect(findings.count { $0.problem.code == "line.silent" } == 4)
            #expect(atOnce.with { $0.most } == 4)
        }
    }

    @Test(arguments: ["right", "wrong key", "other serial", "no record"])
    func `asks a terminal itself where no daemon runs`(_ what: String) async throws {
        var settings = SimulatorSettings(serialNumber: "BWXP20126001")
        settings.commKey = what == "wrong key" ? 4_711 : 0
        let terminal = SimulatedTerminal(make: "zkteco", settings: settings) { 1_795_564_800 }
        if what == "no record" { terminal.with { $0.injector.apply(Fault(.dropInRead)) } }
        try await withTemporaryFolder { folder in
            var patient = try Patient(in: folder)
            let serial = what == "other serial" ? "BW2" : "BWXP20126001"
            try patient.write(
                """
                office = "upt-contoh-utara"
                timezone = "Asia/Makassar"
                [[terminal]]
                name = "lobi"
                driver = "zkteco"
                link = "tcp://192.168.1.201"
                serial_number = "\(serial)"

                """, "bridge.toml")
            patient.answers = false
            patient.tools.ask = { _ in throw ControlError.notRunning(socket: "/run/titian") }
            patient.tools.openLine = { _ in MemoryLink(terminal) }
            let found = await patient.examine().findings.filter { $0.subject == "lobi" }
            let expected = [
                "right": [], "wrong key": ["terminal.wrong-key"],
                "other serial": ["terminal.other-serial"], "no record": ["line.silent"],
            ]
            #expect(found.map(\.problem.code) == expected[what])
            #expect(terminal.with { $0.disabled + $0.cleared + $0.clockSet } == 0)
        }
    }
}
