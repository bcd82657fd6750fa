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

/// A bridge in perfect health, until something is planted in it.
struct Patient {
    let folder: URL
    var tools: DoctorTools
    var report: StatusReport
    /// The daemon runs and answers with ``report``.
    var answers = true
    /// What it says of the file of its journal.
    var journalCheck = #"{"whole":true}"#

    init(in folder: URL) throws {
        self.folder = folder
        let state = StateFolder(path: folder.path)
        _ = try state.signingKey()
        let enrolment = Enrolment(
            url: "https://bkd.example.go.id:8443", pins: ["sha256//AAAA"],
            centreKey: SigningKey().verifying.bytes.base64, office: "upt-contoh-utara",
            zone: "Asia/Makassar", bridge: "9f3a5b7c01d2e3f4",
            enrolledAt: "2026-11-24T22:00:00.000Z")
        try enrolment.save(to: state)
        try Data(Self.configuration.utf8).write(to: folder.appendingPathComponent("bridge.toml"))
        let good = try Data(contentsOf: projectFixture("titian/status-good.json"))
        report = try WireJSON.decode(StatusReport.self, from: Array(good))
        tools = DoctorTools(
            configuration: folder.appendingPathComponent("bridge.toml").path, state: state,
            socket: "/nowhere", journalTrouble: { nil })
        let now = try #require(UTCTime("2026-11-25T00:00:00.000Z"))
        tools.host = Host(
            now: { now }, uptime: { 0 }, bootID: "boot", hostname: "kotak", isSynced: { true })
        tools.interfaces = { ["eth0"] }
        tools.timeKeeper = { nil }
        tools.openLine = { _ in throw LinkError.silent(after: .seconds(5)) }
        let refusal = try WireJSON.encode(ProblemDocument(.notOurs))
        tools.knock = { _, _ in HTTPAnswer(status: 400, body: refusal) }
        tools.medium = { _ in MediumHealth(device: "mmcblk0p2", lifeUsed: 20, spareBlocks: 1) }
        tools.disk = { _ in DiskSpace(free: 1 << 33, total: 1 << 34) }
        tools.holders = { _ in [] }
        tools.patience = .seconds(60)
    }

    static let configuration = """
        office = "upt-contoh-utara"
        timezone = "Asia/Makassar"
        [server]
        url = "https://bkd.example.go.id:8443"
        [[terminal]]
        name = "lobi"
        driver = "zkteco"
        link = "tcp://192.168.1.201:4370"
        [[terminal]]
        name = "gudang"
        driver = "anviz"
        link = "serial:///dev/ttyUSB0"

        """

    static let oneTerminal = configuration.components(separatedBy: "[[terminal]]")
        .dropLast().joined(separator: "[[terminal]]")

    func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    /// Says that the terminal called "lobi" has this trouble.
    mutating func lobi(_ state: TerminalStatus.State, _ error: any Error) {
        let problem = Problem(explaining: error)
        report.terminals[0].state = state
        report.terminals[0].problem = StatusProblem(problem)
    }

    func examine() async -> [CheckResult] {
        var tools = tools
        let report = answers ? report : nil
        let check = Array(journalCheck.utf8)
        if let report {
            tools.ask = {
                $0.op == ControlRequest.Operation.journalCheck.rawValue
                    ? check : try WireJSON.encode(report)
            }
        }
        return await Doctor(tools).examine()
    }
}

/// A planted fault and the finding that has to come first.
struct Planted: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String
    var about: String?
    let plant: @Sendable (inout Patient) throws -> Void

    init(
        _ name: String, _ code: String, about: String? = nil,
        _ plant: @escaping @Sendable (inout Patient) throws -> Void
    ) {
        testDescription = name
        self.code = code
        self.about = about
        self.plant = plant
    }

    static let box = [
        Planted("no configuration", "config.unreadable") {
            try FileManager.default.removeItem(at: $0.folder.appendingPathComponent("bridge.toml"))
        },
        Planted("broken TOML", "config.syntax") { try $0.write("office = = ", "bridge.toml") },
        Planted("misspelt key", "config.unknown-key") {
            try $0.write(Patient.configuration + "pol_s = 3\n", "bridge.toml")
        },
        Planted("unknown make", "config.unknown-driver") {
            let text = Patient.configuration.replacingOccurrences(of: "zkteco", with: "zktecco")
            try $0.write(text, "bridge.toml")
        },
        Planted("key file gone", "config.comm-key", about: "gudang") {
            let text = Patient.configuration + "comm_key_file = \"/nowhere/gudang.key\"\n"
            try $0.write(text, "bridge.toml")
        },
        Planted("no terminal", "config.no-terminals") {
            try $0.write("office = \"upt-contoh-utara\"\ntimezone = \"WITA\"\n", "bridge.toml")
            $0.report.terminals = []
        },
        Planted("never started", "box.no-journal") {
            $0.tools.state = StateFolder(path: $0.folder.path + "/none")
        },
        Planted("state folder is a file", "state.unusable") {
            try $0.write("x", "file")
            $0.tools.state = StateFolder(path: $0.folder.path + "/file/x")
        },
        Planted("damaged key", "state.key-damaged") { try $0.write("rubbish\n", "bridge.key") },
        Planted("disk nearly full", "box.disk-nearly-full") {
            $0.tools.disk = { _ in DiskSpace(free: 100 << 20, total: 1 << 34) }
        },
        Planted("disk full", "box.disk-nearly-full") {
            $0.tools.disk = { _ in DiskSpace(free: 0, total: 1 << 34) }
        },
        Planted("disk read-only", "box.disk-read-only") {
            var disk = DiskSpace(free: 1 << 33, total: 1 << 34)
            disk.isReadOnly = true
            $0.tools.disk = { [disk] _ in disk }
        },
        Planted("no inodes left", "box.no-inodes") {
            var disk = DiskSpace(free: 1 << 33, total: 1 << 34)
            (disk.freeFiles, disk.totalFiles) = (3, 65_536)
            $0.tools.disk = { [disk] _ in disk }
        },
        Planted("file system with errors", "box.disk-errors") {
            $0.tools.medium = { _ in MediumHealth(device: "mmcblk0p2", errors: 7) }
        },
        Planted("worn card", "box.card-worn") {
            $0.tools.medium = { _ in MediumHealth(device: "mmcblk0p2", lifeUsed: 100) }
        },
        Planted("spare blocks going", "box.card-worn") {
            $0.tools.medium = { _ in MediumHealth(device: "mmcblk0p2", spareBlocks: 2) }
        },
        Planted("slow commits", "box.disk-slow") { $0.report.journal.commitMilliseconds = 2_300 },
        Planted("journal damaged, daemon down", "journal.damaged") {
            $0.answers = false
            $0.tools.ask = { _ in throw ControlError.notRunning(socket: "/run/titian") }
            $0.tools.openLine = { _ in throw LinkError.silent(after: .seconds(1)) }
            $0.tools.journalTrouble = { JournalError.damaged(path: "journal.db", seq: 9) }
        },
        Planted("journal unsound, daemon up", "journal.unsound") {
            $0.journalCheck = #"{"whole":false,"message":"row 3 missing"}"#
        },
        Planted("punches cannot be kept", "store.full") {
            $0.report.terminals[0].problem = StatusProblem(code: "store.full", id: "", en: "")
            $0.report.terminals[1].problem = StatusProblem(code: "store.full", id: "", en: "")
        },
        Planted("daemon of another version", "daemon.other-version") {
            $0.report.version = "0.0.9"
        },
        Planted("daemon killed by the watchdog", "daemon.ended") {
            $0.report.crashes = ["2026-11-24T23:00:00.000Z"]
        },
        Planted("clock at 1970", "box.clock-unset") {
            $0.tools.host.now = { UTCTime(milliseconds: 60_000) }
        },
        Planted("clock not kept", "box.clock-not-kept") { $0.tools.host.isSynced = { false } },
        Planted("clock waits for the internet", "box.clock-not-set-yet") {
            $0.tools.host.isSynced = { false }
            $0.tools.timeKeeper = { "systemd-timesyncd" }
        },
        Planted("daemon stopped", "control.not-running") {
            $0.answers = false
            $0.tools.ask = { _ in throw ControlError.notRunning(socket: "/run/titian") }
            $0.tools.openLine = { _ in throw LinkError.silent(after: .seconds(1)) }
        },
        Planted("daemon hangs", "control.no-answer") {
            $0.answers = false
            $0.tools.ask = { _ in throw ControlError.noAnswer(socket: "/run/titian") }
        },
        Planted("not in the group", "control.unreachable") {
            $0.answers = false
            $0.tools.ask = { _ in
                throw ControlError.unreachable(socket: "/run/titian", reason: "Permission denied")
            }
        },
        Planted("daemon talks rubbish", "control.no-answer") {
            $0.answers = false
            $0.tools.ask = { _ in Array("rubbish".utf8) }
        },
        Planted("network cable out", "box.no-network") {
            $0.tools.interfaces = { [] }
            $0.lobi(.lost, LinkError.unreachable(address: "192.168.1.201", reason: "no route"))
            $0.tools.knock = { url, _ in throw SyncError.noName(url) }
        },
    ]

    static let terminals = [
        Planted("terminal off", "line.unreachable", about: "lobi") {
            $0.lobi(.lost, LinkError.unreachable(address: "192.168.1.201", reason: "no route"))
        },
        Planted("terminal silent", "line.silent", about: "lobi") {
            $0.lobi(.lost, LinkError.silent(after: .seconds(10)))
        },
        Planted("adapter unplugged", "line.missing", about: "lobi") {
            $0.lobi(.lost, LinkError.missing(path: "/dev/ttyUSB0"))
        },
        Planted("port forbidden", "line.forbidden", about: "lobi") {
            $0.lobi(.lost, LinkError.forbidden(path: "/dev/ttyUSB0"))
        },
        Planted("port taken by somebody unknown", "line.busy", about: "lobi") {
            $0.lobi(.lost, LinkError.busy(path: "/dev/ttyUSB0"))
        },
        Planted("port taken by ModemManager", "line.held", about: "gudang") {
            $0.report.terminals[1].state = .lost
            let problem = LinkError.busy(path: "/dev/ttyUSB0").problem
            $0.report.terminals[1].problem = StatusProblem(code: problem.code, id: "", en: "")
            $0.tools.holders = { _ in ["ModemManager (812)"] }
        },
        Planted("speed refused", "line.unsettable", about: "lobi") {
            $0.lobi(.lost, LinkError.unsettable(path: "/dev/ttyUSB0", setting: "7E1"))
        },
        Planted("wrong key", "terminal.wrong-key", about: "lobi") {
            $0.lobi(.blocked, DriverError.wrongKey)
        },
        Planted("locked", "terminal.locked", about: "lobi") {
            $0.lobi(.blocked, DriverError.locked)
        },
        Planted("another make", "terminal.other-make", about: "lobi") {
            $0.lobi(
                .blocked, DriverError.otherMake(expected: "ZKTeco", seen: "Anviz", bytes: [0xA5]))
        },
        Planted("vendor handshake", "terminal.unsupported", about: "lobi") {
            $0.lobi(.blocked, DriverError.unsupported(what: "vendor handshake", code: 6_001))
        },
        Planted("noise", "terminal.garbled", about: "lobi") {
            $0.lobi(.blocked, DriverError.garbled(what: "wrong checksum", bytes: []))
        },
        Planted("another terminal behind the address", "terminal.other-serial", about: "lobi") {
            $0.lobi(.blocked, TerminalTrouble.otherSerial(expected: "BW1", found: "BW2"))
        },
        Planted("two with one number", "terminal.twin", about: "lobi") {
            $0.lobi(.blocked, TerminalTrouble.twin(try TerminalID("zkteco:BW1"), other: "aula"))
        },
        Planted("terminal's clock reset", "terminal.clock-off", about: "lobi") {
            $0.report.terminals[0].offsetMilliseconds = -800_000_000
        },
        Planted("terminal's log full", "terminal.nearly-full", about: "lobi") {
            $0.report.terminals[0].records = 99_000
        },
        Planted("log cannot be read whole", "terminal.incomplete", about: "lobi") {
            $0.lobi(.online, DriverError.incomplete(received: 3, expected: 90))
        },
        Planted("a stranger dials in", "terminal.unknown-caller", about: "anviz:X1") {
            let trouble = CallerTrouble.unknown(try TerminalID("anviz:X1"), station: nil)
            $0.report.refusedCallers = [
                RefusedCaller(
                    trouble, peer: "192.168.1.9", address: "listen://0.0.0.0:5010",
                    at: "2026-11-24T23:00:00.000Z")
            ]
        },
        Planted("a stranger pushes", "push.unknown-caller") {
            var push = PushReport(listen: "http://0.0.0.0:8081")
            _ = push.refuse("BW9", from: "192.168.1.9", at: UTCTime(milliseconds: 0))
            $0.report.push = push
        },
        Planted("a stick file waits", "import.files-held") {
            let held = HeldFile(
                id: "abcd1234", file: "1_attlog.dat", sha256: "abcd1234", bytes: 9, format: "x",
                rows: 1, reason: .unknownTerminal, at: "2026-11-24T23:00:00.000Z")
            $0.report.sticks = StickReport(held: [held])
        },
        Planted("never read since the start", "terminal.not-read", about: "lobi") {
            $0.report.terminals[0].state = .starting
        },
    ]

    static let centre = [
        Planted("not enrolled", "centre.not-enrolled") {
            try FileManager.default.removeItem(at: $0.folder.appendingPathComponent("centre.json"))
        },
        Planted("enrolment damaged", "centre.enrolment-damaged") {
            try $0.write("{", "centre.json")
        },
        Planted("no DNS", "sync.no-name") {
            $0.tools.knock = { url, _ in throw SyncError.noName(url) }
        },
        Planted("gateway down", "sync.unreachable") {
            $0.tools.knock = { url, _ in throw SyncError.unreachable(url, reason: "no route") }
        },
        Planted("line too slow", "sync.timeout") {
            $0.tools.knock = { url, _ in throw SyncError.timeout(url) }
        },
        Planted("captive portal", "sync.tls") {
            $0.tools.knock = { url, _ in throw SyncError.tls(url, reason: "handshake") }
        },
        Planted("another server's key", "sync.other-key") {
            $0.tools.knock = { url, _ in throw SyncError.otherKey(url) }
        },
        Planted("centre broken", "sync.bad-answer") {
            $0.tools.knock = { _, _ in HTTPAnswer(status: 502, body: Array("<html>".utf8)) }
        },
        Planted("a web page with the centre's key", "sync.bad-answer") {
            $0.tools.knock = { _, _ in HTTPAnswer(status: 200, body: Array("<html>".utf8)) }
        },
        Planted("a proxy without the centre behind it", "sync.bad-answer") {
            $0.tools.knock = { _, _ in HTTPAnswer(status: 404, body: Array("<html>".utf8)) }
        },
        Planted("centre wants a newer bridge", "version-unknown") {
            $0.report.sync.state = .waiting
            $0.report.sync.lastProblem = StatusProblem(code: "version-unknown", id: "", en: "")
        },
        Planted("enrolled for another office", "enrol.other-office") {
            let text = Patient.configuration.replacingOccurrences(of: "utara", with: "selatan")
            try $0.write(text, "bridge.toml")
        },
        Planted("key revoked", "key-revoked") {
            $0.report.sync.state = .refused
            $0.report.sync.lastProblem = StatusProblem(code: "key-revoked", id: "", en: "")
        },
        Planted("journal forked", "journal-forked") {
            $0.report.sync.state = .forked
            $0.report.sync.lastProblem = StatusProblem(code: "journal-forked", id: "", en: "")
        },
        Planted("clocks differ", "centre.clock-differs") {
            $0.report.sync.hostOffsetMilliseconds = 3_600_000
        },
        Planted("nothing leaves", "centre.nothing-receipted") {
            $0.report.journal.oldestUnsent = "2026-11-24T01:00:00.000Z"
            $0.report.journal.queue = 12
        },
    ]

    static let all = box + terminals + centre

    /// One cause from which everything else follows.
    static let whole = box.filter {
        [
            "config.unreadable", "config.syntax", "box.no-journal", "state.unusable",
            "state.key-damaged", "box.disk-read-only", "journal.damaged", "box.no-network",
        ].contains($0.code) || $0.testDescription == "disk full"
    }
}
