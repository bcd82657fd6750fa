import Attendance

/// Decides which readings of a terminal's clock become entries of the journal.
///
/// Routine readings ride in the heartbeat. Written are: the first; a change of the offset beyond
/// its error; one beside new punches, if the newest entry is not from just before; and one a day.
struct ClockEvidence: Hashable, Sendable {
    /// Beside new punches, at most one entry in this time.
    static let interval: Int64 = 15 * 60_000
    /// What the offset may move beyond its error before that is a change.
    static let toleranceMilliseconds: Int64 = 1_000

    /// The newest reading that was written.
    private var offset: Int64?
    private var error: Int64 = 0
    private var host = UTCTime(milliseconds: 0)
    /// Punches were stored since then.
    private var hasNewPunches = false

    init() {}

    /// Goes on from the newest clock entry of the journal.
    init(offsetMilliseconds: Int64, errorMilliseconds: Int64, at host: UTCTime) {
        offset = offsetMilliseconds
        error = errorMilliseconds
        self.host = host
    }

    /// New punches are on disk.
    mutating func sawPunches() {
        hasNewPunches = true
    }

    /// Whether this reading is to be written; if so, it counts as written.
    mutating func isWorthAnEntry(_ reading: ClockReading, in zone: Zone) -> Bool {
        guard isWorthIt(reading, in: zone) else { return false }
        offset = reading.offsetMilliseconds
        error = reading.errorMilliseconds
        host = reading.host
        hasNewPunches = false
        return true
    }

    private func isWorthIt(_ reading: ClockReading, in zone: Zone) -> Bool {
        guard let offset else { return true }
        let change = reading.offsetMilliseconds - offset
        if abs(change) > error + reading.errorMilliseconds + Self.toleranceMilliseconds {
            return true
        }
        if host.day(in: zone) != reading.host.day(in: zone) { return true }
        return hasNewPunches && reading.host.milliseconds - host.milliseconds >= Self.interval
    }
}

extension UTCTime {
    /// Days since 1970-01-01 of the calendar on the wall in `zone`.
    func day(in zone: Zone) -> Int64 {
        let seconds = wallTime(in: zone).seconds
        return (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
    }
}
