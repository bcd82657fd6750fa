import Attendance
import Exchange

/// Decides when a stretch of coverage becomes an entry of the journal.
///
/// In between it rides in the heartbeat. Written are: a stretch that begins, because the hole
/// before it must be on record; one a day; and one beside new punches, at most each quarter hour.
struct CoverageEvidence: Hashable, Sendable {
    private var written: CoverageInterval?
    private var hasNewPunches = false

    /// - Parameter written: The newest coverage entry of the journal.
    init(written: CoverageInterval? = nil) {
        self.written = written
    }

    mutating func sawPunches() {
        hasNewPunches = true
    }

    /// Whether the stretch is to be written; if so, it counts as written.
    mutating func isWorthAnEntry(
        _ interval: CoverageInterval, after change: Coverage.Change, in zone: Zone
    ) -> Bool {
        guard change != .none, change == .began || isDue(interval, in: zone) else { return false }
        written = interval
        hasNewPunches = false
        return true
    }

    private func isDue(_ interval: CoverageInterval, in zone: Zone) -> Bool {
        guard let written, written.from == interval.from else { return true }
        if written.through.day(in: zone) != interval.through.day(in: zone) { return true }
        let passed = interval.through.milliseconds - written.through.milliseconds
        return hasNewPunches && passed >= ClockEvidence.interval
    }
}
