import Attendance
import Exchange
import Foundation
import Glibc
import Journal
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge

/// Where systemd would listen: a datagram socket with an abstract name.
private final class NotifySocket: Sendable {
    let name = "@titian-test-\(UUID().uuidString)"
    private let file: Int32

    init() throws {
        let address = try #require(UnixAddress(name))
        file = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(address.with { bind(file, $0, $1) } == 0)
    }

    deinit { close(file) }

    /// What has come since the last call.
    func messages() -> [String] {
        var messages: [String] = []
        var page = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(file, &page, page.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return messages }
            messages.append(String(decoding: page.prefix(count), as: UTF8.self))
        }
    }
}

/// Comes back only when its task is cancelled.
private func hang() async {
    let (never, end) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    end.finish()
}

/// A daemon's watchdog of two minutes, beside an office whose clocks are set by hand.
private struct Watched {
    let socket: NotifySocket
    let systemd: SystemdTask

    init(_ liveness: Liveness, _ office: FakeOffice) throws {
        socket = try NotifySocket()
        systemd = SystemdTask(
            notifier: SystemdNotifier(
                socketName: socket.name, watchdogMicroseconds: "120000000"),
            liveness: liveness, pace: office.host.pace, logger: office.log.logger
        ) { "all is well" }
    }

    /// Whether a sign of life is given now.
    func isAlive() async -> Bool {
        await systemd.tell()
        return socket.messages().contains("WATCHDOG=1")
    }
}

/// A line on which every answer takes nearly as long as it may.
private struct SlowLink: Link {
    let isDatagram = false
    let host: FakeHost
    let answered: @Sendable () async -> Void

    func send(_ bytes: [UInt8]) async throws(LinkError) { host.pass(.seconds(19)) }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        host.pass(limit - .seconds(1))
        await answered()
        return [0]
    }

    func close() async {}
}

/// A terminal whose log takes hundreds of questions.
private struct SlowDriver: TerminalDriver {
    static let questions = 200
    let make = "zkteco"

    func open(_ link: any Link) async throws -> any TerminalSession { Session(link: link) }
    func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {}

    private final class Session: TerminalSession {
        let link: any Link

        init(link: any Link) { self.link = link }

        func identify() async throws -> TerminalIdentity {
            let id = try TerminalID(make: "zkteco", reportedSerial: "BWXP20126001", mac: nil)
            return TerminalIdentity(id: id, serial: "BWXP20126001", model: "Contoh")
        }

        func readLog(
            from position: LogPosition?, keep: (LogPage) async throws -> Void
        ) async throws -> LogRead {
            for _ in 0..<SlowDriver.questions {
                try await link.send([1])
                _ = try await link.receive(within: .seconds(30))
            }
            return LogRead(
                extent: .full, received: 0, total: 0, isComplete: true, lostPosition: false)
        }

        func readClock() async throws -> WallTime {
            try #require(WallTime("2026-11-21T08:02:09"))
        }

        func counters() async throws -> LogCounters { LogCounters(records: 0) }
        func nextLive(within limit: Duration) async throws -> [Punch] { [] }
        func close() async {}
    }
}

@Suite struct `The watchdog` {
    @Test func `hears nothing more once a line hangs`() async throws {
        try await withTemporaryFolder { folder in
            let configured = try FakeOffice.configured()
            let office = try FakeOffice(in: folder, [configured]) { _ in nil }
            let (opened, signal) = AsyncStream<Void>.makeStream()
            var place = office.place
            let terminal = FakeTerminal(office.host)
            place.driver = { _ in terminal.driver }
            place.openLine = { _ in
                signal.yield()
                await hang()
                throw LinkError.cancelled
            }
            let watched = try Watched(place.liveness, office)
            let configuration = Configuration(
                office: try OfficeID("upt-contoh-utara"), zone: .wita, terminals: [configured])
            let line = try #require(LineTask.all(of: configuration, at: place).first)
            let running = Task { await line.run() }
            _ = await opened.first { _ in true }
            #expect(await watched.isAlive())
            office.host.pass(Line.callWait + .seconds(119))
            #expect(await watched.isAlive())
            office.host.pass(.seconds(2))
            #expect(await !watched.isAlive())
            #expect(await !watched.isAlive())
            #expect(office.log.lines == ["hangs; the watchdog will restart titiand"])
            running.cancel()
            await running.value
            #expect(await watched.isAlive())
        }
    }

    @Test func `is content with a line that is slow for hours`() async throws {
        try await withTemporaryFolder { folder in
            let configured = try FakeOffice.configured()
            let office = try FakeOffice(in: folder, [configured]) { _ in nil }
            let signs = Mutex((given: 0, asked: 0))
            var place = office.place
            let watched = try Watched(place.liveness, office)
            let host = office.host
            place.driver = { _ in SlowDriver() }
            place.openLine = { _ in
                SlowLink(host: host) {
                    let isAlive = await watched.isAlive()
                    signs.withLock { $0 = ($0.given + (isAlive ? 1 : 0), $0.asked + 1) }
                }
            }
            let start = host.now
            let line = Line([configured], at: place)
            await line.step()
            #expect(signs.withLock { $0.asked } == SlowDriver.questions)
            #expect(signs.withLock { $0.given } == SlowDriver.questions)
            #expect(host.now.milliseconds - start.milliseconds > 2 * 3_600_000)
            // And then it waits for its next visit, longer than the watchdog would.
            await line.step()
            #expect(await watched.isAlive())
            await line.close()
        }
    }

    @Test func `hears nothing more once the sending hangs`() async throws {
        try await withTemporaryFolder { folder in
            let key = SigningKey()
            let office = try FakeOffice(in: folder, [], key: key) { _ in nil }
            let state = StateFolder(path: folder.path)
            let liveness = Liveness(now: office.host.pace.now)
            let watched = try Watched(liveness, office)
            try Enrolment(
                url: "https://bkd.example.go.id", pins: ["sha256//AAAA"],
                centreKey: key.verifying.bytes.base64, office: "upt-contoh-utara",
                zone: "Asia/Makassar", bridge: key.verifying.id,
                enrolledAt: "2026-11-21T00:00:00.000Z"
            ).save(to: state)
            let (posted, signal) = AsyncStream<Void>.makeStream()
            let sending = SendingTask(
                state: state, logger: office.log.logger, liveness: liveness,
                retryBase: .seconds(30), enrol: { _ in throw SyncError.notACode }
            ) { enrolment, expect in
                Uplink(
                    journal: office.journal, key: key, enrolment: enrolment,
                    settings: Configuration.Server(), host: office.host.host, boot: 1,
                    logger: office.log.logger, keep: { _ in },
                    connect: { _ in
                        { _, _ in
                            signal.yield()
                            await hang()
                            throw CancellationError()
                        }
                    },
                    expect: expect,
                    report: { BridgeStatus(version: "", office: "", hostname: "", startedAt: "") })
            }
            let running = Task { await sending.run() }
            _ = await posted.first { _ in true }
            office.host.pass(Uplink.Limits.time + .seconds(119))
            #expect(await watched.isAlive())
            office.host.pass(.seconds(2))
            #expect(await !watched.isAlive())
            running.cancel()
            await running.value
            #expect(await watched.isAlive())
        }
    }

    @Test func `expects nothing of a bridge that is not enrolled`() async throws {
        try await withTemporaryFolder { folder in
            let office = try FakeOffice(in: folder, []) { _ in nil }
            let watched = try Watched(office.place.liveness, office)
            office.host.pass(.seconds(86_400))
            #expect(await watched.isAlive())
        }
    }
}

@Suite struct `A communication key by name` {
    @Test(arguments: [
        ("lobi.key", "keys_lobi.key", "/creds/keys_lobi.key"),
        ("/etc/titian/keys/lobi.key", "keys_lobi.key", "/creds/keys_lobi.key"),
        ("/etc/titian/keys/a/lobi.key", "keys_a_lobi.key", "/creds/keys_a_lobi.key"),
        ("lobi.key", "keys_gudang.key", "/etc/titian/keys/lobi.key"),
        ("/srv/lobi.key", "keys_lobi.key", "/srv/lobi.key"),
    ])
    func `is what systemd handed over, else the file`(
        name: String, handed: String, expected: String
    ) async throws {
        try await withTemporaryFolder { folder in
            try Data("4711\n".utf8).write(to: folder.appendingPathComponent(handed))
            let path = CommKeyFile.path(of: name, credentials: folder.path)
            #expect(path == expected.replacing("/creds", with: folder.path))
        }
        #expect(CommKeyFile.path(of: "lobi.key", credentials: nil) == "/etc/titian/keys/lobi.key")
    }
}
