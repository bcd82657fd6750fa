import Attendance
import Exchange
import Foundation
import Journal
import Logging
import SQLite
import Synchronization
import TestSupport
import Transports

@testable import Bridge

/// An office whose line is dead for as long as one likes: the daemon's own parts, one after the other,
/// with the box's clocks set by hand.
final class LongOffice {
    static let terminals = 4
    /// Quarters of an hour in which people come: morning, noon, afternoon; 125 punches in each.
    static let quarters: [Int64] = [28, 29, 30, 31, 32, 33, 34, 48, 52, 62, 63, 64, 65, 66, 67, 68]

    let clock: SimulatedClock
    let zone: Zone
    let state: StateFolder
    private(set) var journal: Journal
    private(set) var busy: [BusyTerminal] = []
    /// Terminals that were taken away.
    private var gone: [BusyTerminal] = []
    private var collectors: [Collector] = []
    private var boots: Int64 = 0
    private var boot: Int64 = 0
    /// The most that the journal has ever taken on the disk, its write-ahead log included.
    private(set) var mostBytes: Int64 = 0
    /// Calls to the centre that were answered, and those that found nobody.
    let answeredCalls = Mutex(0)
    let failedCalls = Mutex(0)
    /// So many more calls may be answered; nil for all.
    let allowedCalls = Mutex<Int?>(nil)

    /// - Parameter days: So long ago it begins.
    init(in place: URL, days: Int64) async throws {
        clock = SimulatedClock(daysAgo: days)
        let folder = place.appendingPathComponent("office", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        zone = try Zone("Asia/Makassar")
        state = StateFolder(path: folder.path)
        try state.prepare()
        journal = try await Self.open(state, clock)
        busy = try (1...Self.terminals).map { try BusyTerminal($0, clock, zone) }
        try await start()
    }

    private static func open(_ state: StateFolder, _ clock: SimulatedClock) async throws -> Journal
    {
        var random = SystemRandomNumberGenerator()
        return try await Journal.open(try state.surroundings(at: clock.now), using: &random)
    }

    // MARK: The box

    private var host: Bridge.Host { clock.host(bootID: "start-\(boots)") }
    private var moment: Moment { Moment(at: clock.now, boot: boot, up: host.uptime()) }

    private func start() async throws {
        boots += 1
        clock.restart()
        boot = try await journal.bootNumber(forBootID: host.bootID)
        try await journal.record([.bridge(.start, detail: "titiand 0")], at: moment)
        let configured = try (1...Self.terminals).map {
            Configuration.Terminal(
                name: "mesin-\($0)", driver: "zkteco",
                address: try Address("tcp://192.0.2.\($0):4370"))
        }
        let place = CollectingPlace(
            zone: zone, journal: journal, host: host, boot: boot,
            board: StatusBoard(configured, now: host.now), state: state, pace: .real,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, written: {})
        collectors = configured.map { Collector($0, at: place) }
        for (collector, terminal) in zip(collectors, busy) { try await collector.greet(terminal) }
    }

    /// - Parameter inOrder: Else the power fails, and the write-ahead log is left as it is.
    private func restart(inOrder: Bool) async throws {
        if inOrder {
            try await journal.record([.bridge(.stop, detail: nil)], at: moment)
            try await journal.checkpoint()
        }
        await journal.close(untouched: !inOrder)
        journal = try await Self.open(state, clock)
        try await start()
    }

    // MARK: A day

    /// 2,000 punches, every one read by the collector of life; once a day what is old would be forgotten.
    func day(_ number: Int64, through last: Int64 = .max) async throws {
        if number > 0, number % 5 == 0, last == .max {
            clock.set(day: number, second: 3_600)
            try await restart(inOrder: number % 10 == 0)
        }
        for quarter in Self.quarters where quarter <= last {
            clock.set(day: number, second: quarter * 900)
            for (index, terminal) in busy.enumerated() {
                try terminal.punch(quarter % 4 == Int64(index) ? 32 : 31)
            }
            for (collector, terminal) in zip(collectors, busy) {
                try await collector.read(terminal)
            }
        }
        let old = clock.now.advanced(byMilliseconds: -RetentionTask.keep.components.seconds * 1_000)
        try await journal.prune(writtenBefore: old)
        mostBytes = max(mostBytes, try await journal.status().bytes)
    }

    /// The first terminal is exchanged for another one, which nobody but this box has ever seen.
    func exchangeTerminal() async throws {
        gone.append(busy[0])
        busy[0] = try BusyTerminal(Self.terminals + gone.count, clock, zone)
        try await collectors[0].greet(busy[0])
    }

    /// The control: lines are forgotten that nobody has a receipt for.
    func forgetUnasked(through seq: Int64) async throws {
        try await believe(acked: seq)
        try await journal.prune(writtenBefore: clock.now)
        try await believe(acked: 0)
    }

    private func believe(acked: Int64) async throws {
        await journal.close()
        let file = try Database(path: state.path + "/journal.db", sharing: .exclusive)
        try file.run("UPDATE tally SET acked = ?1, safe = ?1", .int(acked))
        file.close()
        journal = try await Self.open(state, clock)
    }

    /// All the terminals' punches, whatever their order.
    var sum: UInt64 { (busy + gone).reduce(0) { $0 &+ $1.sum } }

    // MARK: The line

    func enrol(at centre: RealCentre) async throws {
        let enroller = try Enroller(
            url: centre.address, code: try await centre.code(),
            office: OfficeID(RealCentre.office))
        let https = try HTTPS(origin: centre.address, pins: enroller.code.pins)
        let enrolment = try await enroller.enrol(
            key: try state.signingKey(), journal: journal.id, hostname: "kotak", now: clock.now
        ) { path, body in
            try await https.post(path, body: body, contentType: "application/json")
        }
        try enrolment.save(to: state)
    }

    /// The uplink of life; it counts the calls that found nobody, and a call that is not allowed waits.
    func uplink() throws -> Uplink {
        guard let enrolment = try Enrolment.load(from: state) else { throw SyncError.notACode }
        let state = state
        let journal = journal
        return Uplink(
            journal: journal, key: try state.signingKey(), enrolment: enrolment,
            settings: Configuration.Server(retryBase: .milliseconds(50)), host: host, boot: boot,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            keep: { try $0.save(to: state) }, connect: gated,
            report: {
                var status = BridgeStatus(
                    version: "0", office: RealCentre.office, hostname: "kotak", startedAt: "")
                status.queue = (try? await journal.status().queue) ?? 0
                return status
            })
    }

    /// Lets the uplink call until it has failed once more with all that is on disk by now.
    func findNobody(_ uplink: Uplink) async throws {
        // One call may have begun before: the second has certainly not.
        for _ in 0..<2 {
            let before = failedCalls.withLock { $0 }
            try await eventually("a call finds nobody") {
                uplink.callNow()
                return failedCalls.withLock { $0 } > before
            }
        }
    }

    private var gated: Uplink.Connect {
        { [self] enrolment in
            let post = try Uplink.overHTTPS()(enrolment)
            return { body, isGzip in
                while self.allowedCalls.withLock({ $0 == 0 }) {
                    try await Task.sleep(for: .milliseconds(20))
                }
                do {
                    let answer = try await post(body, isGzip)
                    self.answeredCalls.withLock { $0 += 1 }
                    self.allowedCalls.withLock { $0 = $0.map { $0 - 1 } }
                    return answer
                } catch {
                    self.failedCalls.withLock { $0 += 1 }
                    throw error
                }
            }
        }
    }
}

extension LongOffice: @unchecked Sendable {}  // its days are lived by the test's own task alone
