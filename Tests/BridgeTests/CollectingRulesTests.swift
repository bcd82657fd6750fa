import Attendance
import Exchange
import TerminalKit
import Testing

@testable import Bridge

@Suite struct `A terminal's health` {
    @Test func `says lost once and regained once in an outage of any length`() {
        var health = TerminalHealth(patience: .seconds(20))
        var changes: [TerminalHealth.Change] = []
        for poll in 0..<10_000 {
            if let change = health.failed(at: .seconds(100 + poll)) { changes.append(change) }
        }
        if let change = health.succeeded(at: .seconds(20_100)) { changes.append(change) }
        #expect(changes == [.lost(since: .seconds(100)), .regained(after: .seconds(20_000))])
    }

    @Test func `says nothing about a failure that passes`() {
        var health = TerminalHealth(patience: .seconds(20))
        let changes = [
            health.failed(at: .seconds(1)), health.failed(at: .seconds(15)),
            health.succeeded(at: .seconds(16)), health.failed(at: .seconds(40)),
        ]
        #expect(changes == [nil, nil, nil, nil])
        #expect(!health.isLost)
    }
}

@Suite struct `The wait between tries` {
    @Test func `doubles from half a second to thirty`() {
        var backoff = Backoff()
        let waits = (0..<9).map { _ in backoff.next(jitter: 1).milliseconds }
        #expect(waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
        backoff.reset()
        let shortest = backoff.next(jitter: 0)
        #expect(shortest == .milliseconds(250))
    }
}

/// Readings of a clock that is `offset` ms ahead, taken at `host`.
private func reading(_ host: UTCTime, offset: Int64) -> ClockReading {
    let shown = host.advanced(byMilliseconds: offset)
    return ClockReading(
        device: shown.wallTime(in: .wita), asked: host.advanced(byMilliseconds: -10),
        answered: host.advanced(byMilliseconds: 10), zone: .wita)
}

/// 2026-11-21 08:00:00 WITA.
private let morning = UTCTime(milliseconds: 1_795_219_200_000)
private func after(minutes: Int64) -> UTCTime { morning.advanced(byMilliseconds: minutes * 60_000) }

@Suite struct `Clock evidence` {
    @Test func `writes the first reading and stays silent in an idle hour`() {
        let evidence = Watched()
        #expect(evidence.isWorthAnEntry(reading(morning, offset: 3_000)))
        for minute: Int64 in 1...60 {
            let same = reading(after(minutes: minute), offset: 3_000)
            #expect(!evidence.isWorthAnEntry(same))
        }
    }

    @Test func `writes a change beyond its error`() {
        let evidence = Watched()
        _ = evidence.isWorthAnEntry(reading(morning, offset: 0))
        #expect(!evidence.isWorthAnEntry(reading(after(minutes: 1), offset: 2_000)))
        #expect(evidence.isWorthAnEntry(reading(after(minutes: 2), offset: 4_000)))
        #expect(!evidence.isWorthAnEntry(reading(after(minutes: 3), offset: 4_000)))
    }

    @Test func `writes beside new punches, a quarter of an hour apart`() {
        let evidence = Watched()
        _ = evidence.isWorthAnEntry(reading(morning, offset: 0))
        evidence.sawPunches()
        #expect(!evidence.isWorthAnEntry(reading(after(minutes: 14), offset: 0)))
        #expect(evidence.isWorthAnEntry(reading(after(minutes: 15), offset: 0)))
        #expect(!evidence.isWorthAnEntry(reading(after(minutes: 40), offset: 0)))
    }

    @Test func `writes once on a new day of the office`() {
        let evidence = Watched(
            ClockEvidence(offsetMilliseconds: 0, errorMilliseconds: 510, at: morning))
        // 16 hours after 08:00 WITA it is midnight on the wall.
        #expect(!evidence.isWorthAnEntry(reading(after(minutes: 959), offset: 0)))
        #expect(evidence.isWorthAnEntry(reading(after(minutes: 961), offset: 0)))
        #expect(!evidence.isWorthAnEntry(reading(after(minutes: 962), offset: 0)))
    }
}

// What is expected is asked of a class, because `#expect` takes no mutating call.

private final class Covered {
    private var coverage: Coverage
    var interval: CoverageInterval? { coverage.interval }

    init(_ coverage: Coverage = Coverage()) { self.coverage = coverage }

    @discardableResult
    func finished(_ read: Coverage.Read) -> Coverage.Change {
        coverage.finished(read, in: .wita)
    }
}

private final class Watched {
    private var evidence: ClockEvidence

    init(_ evidence: ClockEvidence = ClockEvidence()) { self.evidence = evidence }

    func sawPunches() { evidence.sawPunches() }
    func isWorthAnEntry(_ reading: ClockReading) -> Bool {
        evidence.isWorthAnEntry(reading, in: .wita)
    }
}

private final class Written {
    private var evidence = CoverageEvidence()

    func sawPunches() { evidence.sawPunches() }
    func isWorthAnEntry(_ interval: CoverageInterval, after change: Coverage.Change) -> Bool {
        evidence.isWorthAnEntry(interval, after: change, in: .wita)
    }
}

/// A complete read of a right clock at `start`.
private func read(
    at start: UTCTime, offset: Int64 = 0, offsetAfter: Int64? = nil, complete: Bool = true,
    lost: Bool = false, logStart: WallTime? = nil, synced: Bool = true, total: Int = 10,
    drained: Bool = false
) -> Coverage.Read {
    let log = LogRead(
        extent: logStart == nil ? .tail : .full, received: 1, total: total, isComplete: complete,
        lostPosition: lost, isDrained: drained)
    return Coverage.Read(
        startedAt: start, hostSynced: synced, before: reading(start, offset: offset),
        after: reading(start.advanced(byMilliseconds: 2_000), offset: offsetAfter ?? offset),
        log: log, logStart: logStart)
}

@Suite struct `Coverage of a log` {
    let oldest = UTCTime(milliseconds: 1_790_000_000_000)

    @Test func `begins at the log's first record, its offset taken off`() throws {
        let coverage = Covered()
        let start = read(at: morning, offset: 90_000, logStart: oldest.wallTime(in: .wita))
        #expect(coverage.finished(start) == .began)
        let from = try #require(coverage.interval?.from)
        // The first record says 90 s more than it was; others of its second may have been cleared.
        let told = oldest.milliseconds - 90_000
        #expect((told + 1_000...told + 1_500).contains(from.milliseconds))
        #expect(coverage.interval?.through == morning)
    }

    @Test func `of an empty log begins now`() {
        let coverage = Covered()
        #expect(coverage.finished(read(at: morning)) == .began)
        #expect(coverage.interval == CoverageInterval(from: morning, through: morning))
    }

    @Test func `is extended to the beginning of each complete read`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        #expect(coverage.finished(read(at: after(minutes: 5))) == .extended)
        #expect(
            coverage.interval == CoverageInterval(from: morning, through: after(minutes: 5)))
    }

    @Test func `waits for the next read where one was not complete, and has no hole`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        #expect(
            coverage.finished(read(at: after(minutes: 5), complete: false)) == .none)
        #expect(coverage.finished(read(at: after(minutes: 6))) == .extended)
        #expect(coverage.interval?.from == morning)
    }

    @Test func `is not extended by a read in which the clock jumped, and begins anew after it`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        let jump = read(at: after(minutes: 5), offset: 0, offsetAfter: 3_600_000)
        #expect(coverage.finished(jump) == .none)
        #expect(coverage.interval?.through == morning)
        let next = read(at: after(minutes: 6), offset: 3_600_000)
        #expect(coverage.finished(next) == .began)
        #expect(coverage.interval?.from == after(minutes: 6))
    }

    @Test func `has a hole where the clock was set between two reads`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        let set = read(at: after(minutes: 5), offset: -300_000)
        #expect(coverage.finished(set) == .began)
        #expect(coverage.interval?.from == after(minutes: 5))
        #expect(
            coverage.finished(read(at: after(minutes: 6), offset: -300_000))
                == .extended)
    }

    @Test func `forgives the drift of a week without a line`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        let week = read(at: after(minutes: 7 * 1_440), offset: 60_000)
        #expect(coverage.finished(week) == .extended)
    }

    @Test func `has a hole where the log was cleared`() throws {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        let first = after(minutes: 30)
        let cleared = read(
            at: after(minutes: 60), lost: true, logStart: first.wallTime(in: .wita))
        #expect(coverage.finished(cleared) == .began)
        let from = try #require(coverage.interval?.from)
        #expect(
            (first.milliseconds + 1_000...first.milliseconds + 1_500).contains(from.milliseconds))
    }

    @Test func `of a log that was cleared a moment ago says nothing of that second`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        let second = after(minutes: 60)
        let cleared = read(
            at: second.advanced(byMilliseconds: 900), lost: true,
            logStart: second.wallTime(in: .wita))
        #expect(coverage.finished(cleared) == .began)
        let end = second.advanced(byMilliseconds: 900)
        #expect(coverage.interval == CoverageInterval(from: end, through: end))
    }

    /// Filled and cleared between two reads, an empty log looks as if nothing had happened.
    @Test func `of an empty log goes on at its next record`() throws {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning, logStart: oldest.wallTime(in: .wita)))
        let cleared = after(minutes: 10)
        #expect(coverage.finished(read(at: cleared, lost: true, total: 0)) == .began)
        #expect(coverage.finished(read(at: after(minutes: 20), total: 0)) == .none)
        #expect(coverage.interval == CoverageInterval(from: cleared, through: cleared))
        let first = after(minutes: 30)
        let filled = read(at: after(minutes: 40), logStart: first.wallTime(in: .wita))
        #expect(coverage.finished(filled) == .began)
        let from = try #require(coverage.interval?.from)
        #expect(
            (first.milliseconds + 1_000...first.milliseconds + 1_500).contains(from.milliseconds))
        #expect(coverage.finished(read(at: after(minutes: 50))) == .extended)
    }

    @Test func `of an empty log is no better known after a restart`() {
        let stretch = CoverageInterval(from: morning, through: morning)
        let position = LogPosition(count: 0, recordSize: 40, proof: [])
        for position in [position, nil] {
            let coverage = Covered(
                Coverage(interval: stretch, clock: (0, 510, morning), position: position))
            #expect(coverage.finished(read(at: after(minutes: 10), total: 0)) == .none)
        }
    }

    @Test func `is extended where the read itself has emptied the log`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning, total: 0, drained: true))
        let next = read(at: after(minutes: 10), total: 0, drained: true)
        #expect(coverage.finished(next) == .extended)
    }

    @Test func `never reaches back behind a lost position`() {
        let coverage = Covered()
        _ = coverage.finished(read(at: morning))
        let refilled = read(
            at: after(minutes: 60), lost: true, logStart: oldest.wallTime(in: .wita))
        #expect(coverage.finished(refilled) == .began)
        #expect(coverage.interval?.from == after(minutes: 60))
    }

    @Test func `does not believe a host's clock that nobody keeps and the terminal denies`() {
        let coverage = Covered()
        let year = Int64(365) * 86_400_000
        let wrong = read(at: morning, offset: year, synced: false)
        #expect(coverage.finished(wrong) == .none)
        #expect(coverage.interval == nil)
        #expect(
            coverage.finished(read(at: morning, offset: 2_000, synced: false)) == .began)
    }

    @Test func `goes on after a restart where the journal has it`() {
        let known = CoverageInterval(from: oldest, through: morning)
        let coverage = Covered(Coverage(interval: known, clock: (0, 510, morning)))
        #expect(coverage.finished(read(at: after(minutes: 60))) == .extended)
        #expect(coverage.interval?.from == oldest)
    }
}

@Suite struct `Coverage entries` {
    @Test func `are written for a hole, for a day, and beside punches`() {
        let evidence = Written()
        func stretch(_ minutes: Int64) -> CoverageInterval {
            CoverageInterval(from: morning, through: after(minutes: minutes))
        }
        #expect(evidence.isWorthAnEntry(stretch(0), after: .began))
        for minute: Int64 in 1...60 {
            #expect(!evidence.isWorthAnEntry(stretch(minute), after: .extended))
        }
        evidence.sawPunches()
        #expect(evidence.isWorthAnEntry(stretch(61), after: .extended))
        evidence.sawPunches()
        #expect(!evidence.isWorthAnEntry(stretch(62), after: .extended))
        #expect(evidence.isWorthAnEntry(stretch(961), after: .extended))
        #expect(!evidence.isWorthAnEntry(stretch(962), after: .none))
    }
}

@Suite struct `The moment from which a log speaks` {
    private func start(of times: [String]) -> String? {
        var start = LogStart()
        for text in times {
            guard let time = WallTime(text) else { continue }
            let punch = Punch(
                pin: Pin(1), time: time, verify: .finger, verifyNumber: 1, state: .none,
                stateNumber: 255)
            start.see(.punch(punch))
        }
        return start.time?.description
    }

    @Test(
        arguments: [
            ([], nil),
            (["2026-01-01T08:00:00", "2026-01-02T08:00:00"], "2026-01-01T08:00:00"),
            (["2000-01-01T00:00:10", "2026-01-02T08:00:00"], "2026-01-02T08:00:00"),
            (
                ["2026-01-01T08:00:00", "2026-03-01T08:00:00", "2026-02-01T08:00:00"],
                "2026-02-01T08:00:00"
            ),
            (["2026-01-01T08:00:05", "2026-01-01T08:00:00"], "2026-01-01T08:00:05"),
        ] as [([String], String?)])
    func `is its first record after the clock last went back`(times: [String], expected: String?) {
        #expect(start(of: times) == expected)
    }
}
