import Attendance
import Foundation
import Synchronization
import TerminalKit

@testable import Bridge

/// A box's clocks, set by hand: a year passes in minutes.
final class SimulatedClock: Sendable {
    /// A midnight in Makassar.
    private let beginning: Int64
    private let state: Mutex<(now: Int64, started: Int64)>

    init(daysAgo days: Int64) {
        let today = Int64(Date().timeIntervalSince1970) / 86_400
        beginning = ((today - days) * 86_400 - 8 * 3_600) * 1_000
        state = Mutex((beginning, beginning))
    }

    var now: UTCTime { UTCTime(milliseconds: state.withLock { $0.now }) }

    /// Days since the beginning, and the second of the day.
    func set(day: Int64, second: Int64) {
        let time = beginning + (day * 86_400 + second) * 1_000
        state.withLock { $0.now = max($0.now, time) }
    }

    /// The box starts again.
    func restart() {
        state.withLock { $0.started = $0.now }
    }

    func host(bootID: String) -> Bridge.Host {
        Bridge.Host(
            now: { self.now }, uptime: { self.state.withLock { $0.now - $0.started } },
            bootID: bootID, hostname: "kotak", isSynced: { true })
    }
}

/// A terminal that people use all year, and the talk with it: what is new in its log, with proof.
final class BusyTerminal: TerminalSession {
    let id: TerminalID
    private let clock: SimulatedClock
    private let zone: Zone
    private var count = 0
    private var newest: [UInt64] = []
    private var first: [UInt64] = []
    private var unread: [LogRecord] = []
    private var lastSecond: Int64 = 0
    /// When its newest punch was made, by its own clock.
    var newestTime: WallTime { WallTime(seconds: lastSecond) }
    /// Over the identities of all its punches, whatever their order.
    private(set) var sum: UInt64 = 0

    init(_ number: Int, _ clock: SimulatedClock, _ zone: Zone) throws {
        id = try TerminalID("zkteco:BWXP2012600\(number)")
        self.clock = clock
        self.zone = zone
    }

    /// So many people come within the last quarter of an hour, one after the other.
    func punch(_ people: Int) throws {
        let now = clock.now.wallTime(in: zone).seconds
        for index in 0..<people {
            lastSecond = max(lastSecond + 1, now - 900 + Int64(index) * 900 / Int64(people))
            let punch = Punch(
                pin: try Pin("\(1_000 + (count * 7) % 997)"), time: WallTime(seconds: lastSecond),
                verify: .finger, verifyNumber: 1, state: .checkIn, stateNumber: 0)
            let hash = Self.hash(id, punch.pin, punch.time)
            sum &+= hash
            count += 1
            newest = (newest + [hash]).suffix(LogPosition.proofLength)
            if first.count < LogPosition.headLength { first.append(hash) }
            unread.append(.punch(punch))
        }
    }

    static func hash(_ terminal: TerminalID, _ pin: Pin, _ time: WallTime) -> UInt64 {
        LogPosition.hash(of: "\(terminal) \(pin.canonical) \(time.seconds)".utf8)
    }

    // MARK: The talk

    func identify() async throws -> TerminalIdentity {
        TerminalIdentity(id: id, serial: "\(id)".replacingOccurrences(of: "zkteco:", with: ""))
    }

    func readClock() async throws -> WallTime { clock.now.wallTime(in: zone) }

    func counters() async throws -> LogCounters { LogCounters(records: count) }

    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let known = position?.count ?? 0
        guard known + unread.count == count else {
            throw DriverError.garbled(what: "\(known) of \(count) records are known", bytes: [])
        }
        let received = unread.count
        if received > 0 {
            let end = LogPosition(count: count, recordSize: 40, proof: newest, head: first)
            try await keep(LogPage(records: unread, position: end))
            unread = []
        }
        return LogRead(
            extent: position == nil ? .full : received == 0 ? .unchanged : .tail,
            received: received, total: count, isComplete: true, lostPosition: false)
    }

    func nextLive(within limit: Duration) async throws -> [Punch] { [] }

    func close() async {}
}
