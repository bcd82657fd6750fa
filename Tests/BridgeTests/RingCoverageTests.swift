import Attendance
import Exchange
import TerminalKit
import Testing

@testable import Bridge

/// What coverage makes of a full log of which few known records are left.
@Suite struct `Coverage of a ring` {
    /// 2026-11-21 08:00:00 WITA.
    private let morning = UTCTime(milliseconds: 1_795_219_200_000)

    private func reading(_ host: UTCTime, offset: Int64) -> ClockReading {
        let shown = host.advanced(byMilliseconds: offset)
        return ClockReading(
            device: shown.wallTime(in: .wita), asked: host.advanced(byMilliseconds: -10),
            answered: host.advanced(byMilliseconds: 10), zone: .wita)
    }

    private func read(minutes: Int64, remnant: Int64?, lost: Bool = true, offset: Int64 = 0)
        -> Coverage.Read
    {
        let start = morning.advanced(byMilliseconds: minutes * 60_000)
        let clock = reading(start, offset: offset)
        return Coverage.Read(
            startedAt: start, hostSynced: true, before: clock, after: clock,
            log: LogRead(
                extent: .full, received: 130, total: 130, isComplete: true, lostPosition: lost,
                remnantSeconds: remnant),
            logStart: start.advanced(byMilliseconds: -1_800_000).wallTime(in: .wita))
    }

    /// What a read so many minutes after a first one does.
    private func change(_ minutes: Int64, remnant: Int64?, offset: Int64 = 0) -> Coverage.Change {
        var coverage = Coverage()
        _ = coverage.finished(read(minutes: 0, remnant: nil, lost: false), in: .wita)
        return coverage.finished(
            read(minutes: minutes, remnant: remnant, offset: offset), in: .wita)
    }

    @Test func `goes on where the records that are left reach over more than a step of the clock`()
    {
        #expect(change(60, remnant: 3_600) == .extended)
        #expect(change(60, remnant: 30) == .extended)
    }

    /// The clock may have been set back over them, and others have punched in the same seconds.
    @Test(arguments: [0, 1, 10, 20])
    func `has a hole where they do not`(remnant: Int64) {
        #expect(change(60, remnant: remnant) == .began)
    }

    @Test func `has a hole where none is left`() {
        #expect(change(60, remnant: nil) == .began)
    }

    /// The longer ago the last read, the further the clock may have gone wrong unnoticed.
    @Test func `asks for more the longer ago the last read was`() {
        let month: Int64 = 30 * 1_440
        #expect(change(month, remnant: 600) == .began)
        #expect(change(month, remnant: 3_600) == .extended)
    }

    @Test func `has a hole where the clock jumped, whatever is left`() {
        #expect(change(60, remnant: 86_400, offset: -300_000) == .began)
    }

    @Test func `has a hole where nothing is known of the clock before`() {
        let stretch = CoverageInterval(from: morning, through: morning)
        let position = LogPosition(count: 130, recordSize: 40, proof: [1])
        var coverage = Coverage(interval: stretch, clock: nil, position: position)
        let change = coverage.finished(read(minutes: 60, remnant: 86_400), in: .wita)
        #expect(change == .began)
    }
}
