import Attendance
import Exchange
import TerminalKit

/// Keeps the stretch of true time for which one terminal's log is known to be on disk whole.
///
/// A complete read shows that every record made before it began is on disk, so it moves the end to
/// the host's time at its beginning. Where that cannot be shown – the log was cleared, the clock
/// jumped, the log was empty, so that nothing in it proves that it is the same – a new stretch begins and
/// the hole between the two stays visible for ever.
/// See `docs/explanation/time.md`.
struct Coverage: Sendable {
    /// What one read of the log showed.
    struct Read: Hashable, Sendable {
        /// The host's clock when the read began.
        var startedAt: UTCTime
        /// Something keeps the host's clock right.
        var hostSynced: Bool
        /// The terminal's clock before and after; nil if it does not tell.
        var before: ClockReading?
        var after: ClockReading?
        var log: LogRead
        /// From when on the log speaks (``LogStart``); nil if it holds nothing that tells.
        var logStart: WallTime?
    }

    enum Change: Hashable, Sendable {
        /// This read shows nothing more.
        case none
        /// The stretch reaches further.
        case extended
        /// A new stretch begins: the first, or one behind a hole.
        case began
    }

    /// Why the next stretch cannot go on from the last. It holds until the next has begun: through
    /// reads that are not complete, and over a restart.
    enum Break: String, Hashable, Sendable, Codable {
        /// The whole log was being read, and the read was cut off before it had shown how the log
        /// goes on from the last one.
        case unproven
        /// It has shown that nothing tells how the log goes on.
        case lost
        /// The clock jumped, so that the times of the records tell nothing either.
        case jumped
    }

    /// Between two reads a clock may be corrected by so much without a hole …
    static let step: Int64 = 10_000
    /// … and may drift by so many milliseconds in a million (quartz: 100 at the worst).
    static let drift: Int64 = 200
    /// A host's clock that nobody keeps is believed as far as the terminal's agrees with it.
    static let agreement: Int64 = 15 * 60_000

    private(set) var interval: CoverageInterval?
    /// The newest reading, whose offset the next must continue.
    private var newest: (offset: Int64, error: Int64, host: UTCTime)?
    private(set) var broken: Break?
    /// The last read found a log without records.
    private var wasEmpty = false

    init() {}

    /// Goes on from the newest coverage and clock entries of the journal.
    ///
    /// - Parameter position: Where the log had been read to; nil if no record was ever read.
    init(
        interval: CoverageInterval?, clock: (offset: Int64, error: Int64, host: UTCTime)?,
        position: LogPosition? = nil
    ) {
        self.interval = interval
        newest = clock
        wasEmpty = position.map { $0.count == 0 } ?? (interval?.from == interval?.through)
    }

    /// Whether a read shows nothing of how its log goes on from the last one.
    ///
    /// Of a full log that was overwritten nearly to its end a few known records are left. They prove
    /// the place if they reach over more time than the clock can have been set back since without
    /// its readings showing it, even if it had run ahead before: then no newer records bear their
    /// times.
    func hasLostPlace(_ read: Read) -> Bool {
        if broken == .unproven { return true }
        guard read.log.lostPosition else { return false }
        guard let remnant = read.log.remnantSeconds, let before = read.before,
            let allowed = tolerance(of: before), continues(before)
        else { return true }
        return remnant * 1_000 <= 2 * allowed
    }

    /// Goes on from what is on disk of a read that was cut off, or that another run of the daemon did.
    mutating func takeUp(_ kept: Break?) {
        broken = broken ?? kept
    }

    /// Why the stretch could not go on if a read of the whole log were cut off now, and its position
    /// did not say what is still sought.
    ///
    /// - Parameter position: Where the read before had ended.
    func brokenIfCut(after position: LogPosition?) -> Break? {
        guard broken == nil, interval != nil else { return broken }
        if wasEmpty { return .lost }
        return position == nil ? nil : .unproven
    }

    /// Takes a finished read into account.
    mutating func finished(_ read: Read, in zone: Zone) -> Change {
        if hasLostPlace(read), broken != .jumped { broken = .lost }
        guard let before = read.before, let after = read.after else { return .none }
        let jumpedBetween = !continues(before)
        let jumpedDuring = before.disagrees(
            with: after, toleranceMilliseconds: ClockEvidence.toleranceMilliseconds)
        newest = (after.offsetMilliseconds, after.errorMilliseconds, after.host)
        if jumpedBetween || jumpedDuring { broken = .jumped }
        guard !jumpedDuring, read.log.isComplete, isCredible(read, before) else { return .none }
        let isUnproven = wasEmpty && !read.log.isDrained
        wasEmpty = read.log.leavesNothing
        // A stretch without length is that of the empty log: it waits for a record.
        if isUnproven, wasEmpty, broken != .jumped, let interval, interval.from == interval.through
        {
            return .none
        }
        guard let interval, broken == nil, !isUnproven else {
            begin(with: read, before, in: zone)
            broken = nil
            return .began
        }
        guard read.startedAt > interval.through else { return .none }
        self.interval = CoverageInterval(from: interval.from, through: read.startedAt)
        return .extended
    }

    private mutating func begin(with read: Read, _ reading: ClockReading, in zone: Zone) {
        var from = read.startedAt
        if broken != .jumped, let start = read.logStart {
            // Behind the first record's second, and later by what the reading may be wrong: what else stood
            // in that second, and before it, is not shown.
            let shown = (start.secondsSince1970(in: zone) + 1) * 1_000
            let told = shown - reading.offsetMilliseconds + reading.errorMilliseconds
            from = min(from, UTCTime(milliseconds: told))
        }
        // What reaches back behind a lost position would paper over the hole.
        if let interval, from <= interval.through { from = read.startedAt }
        interval = CoverageInterval(from: from, through: read.startedAt)
    }

    private func continues(_ reading: ClockReading) -> Bool {
        guard let newest, let allowed = tolerance(of: reading) else { return true }
        return abs(reading.offsetMilliseconds - newest.offset) <= allowed
    }

    /// By how much a reading may differ from the newest, in milliseconds; nil if it is the first.
    private func tolerance(of reading: ClockReading) -> Int64? {
        guard let newest else { return nil }
        let passed = abs(reading.host.milliseconds - newest.host.milliseconds)
        return newest.error + reading.errorMilliseconds + Self.step
            + passed / 1_000_000 * Self.drift
    }

    private func isCredible(_ read: Read, _ reading: ClockReading) -> Bool {
        read.hostSynced || abs(reading.offsetMilliseconds) <= Self.agreement
    }
}
