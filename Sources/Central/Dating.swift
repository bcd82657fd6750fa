import Attendance
import SQLite

/// Dates what a box wrote while its clock was wrong.
///
/// Every entry says how long the box had run, on a clock that nobody sets, and every call over the
/// line says the same of itself. So the moment of a call, by the centre's clock, tells when the box
/// was started, and that tells when each entry of that start was written. The line itself is kept
/// as it came; only what is shown and reckoned with is dated.
///
/// A courier file was made at an unknown moment before it was handed in: it tells only how late its
/// entries can have been written. What is not known is marked (``Certainty``), and dated once a call
/// of the same start of the box comes (``Projection/date(boot:)``).
/// See `docs/explanation/time.md`.
final class Dating {
    /// A box's clock is believed as far as this agrees with it: quartz drifts a month off the line.
    static let tolerance: Int64 = 15 * 60_000
    /// A century; what claims more is no uptime.
    private static let longest: Int64 = 3_155_760_000_000

    private let database: Database
    private let journal: Int64
    private let now: UTCTime
    private var starts: [Int64: Int64?] = [:]
    private var bounds: [Int64: Bounds] = [:]
    /// A start of the box in a courier file, and the latest moment at which that can have been.
    private var carried: (boot: Int64, latest: Int64)?

    /// Between which moments a start of the box must have been.
    private struct Bounds {
        var earliest: Int64
        var latest: Int64
    }

    init(_ database: Database, journal: Int64, now: UTCTime) {
        self.database = database
        self.journal = journal
        self.now = now
    }

    /// Notes when the box was started that calls now. A call takes a while, so the earliest is best.
    ///
    /// An uptime below that of an entry which the call brings is none.
    ///
    /// - Returns: Whether nothing was known of this start of the box before.
    func heard(_ batch: Batch) throws -> Bool {
        guard let start = Self.start(of: batch, at: now) else { return false }
        let known = try self.start(of: batch.boot)
        if let known, known <= start + 1_000 { return false }
        try database.run(
            "REPLACE INTO boot VALUES (?, ?, ?)", .int(journal), .int(batch.boot), .int(start))
        starts[batch.boot] = start
        bounds = [:]
        return known == nil
    }

    /// Notes how late the box can have been started that made a courier file: as if it had been
    /// handed in at once.
    func carried(_ batch: Batch) {
        guard let start = Self.start(of: batch, at: now) else { return }
        carried = (batch.boot, start)
        bounds = [:]
    }

    private static func start(of batch: Batch, at now: UTCTime) -> Int64? {
        let readings = batch.entries.lazy.compactMap(\.reading).filter { $0.boot == batch.boot }
        guard (0...longest).contains(batch.n), readings.allSatisfy({ $0.up ?? 0 <= batch.n })
        else { return nil }
        return now.milliseconds - batch.n
    }

    /// The reading with the moment at which its line was written, as well as that is known.
    func dated(_ reading: LineReading) throws -> (reading: LineReading, certainty: Certainty) {
        let (moment, certainty) = try moment(of: reading)
        return (reading.written(at: moment), certainty)
    }

    private func moment(of reading: LineReading) throws -> (UTCTime, Certainty) {
        let latest = try latest(of: reading)
        if try startAndUptime(of: reading) != nil {
            if let at = reading.at,
                abs(at.milliseconds - latest.milliseconds) <= Self.tolerance
            {
                return (at, .known)
            }
            return (latest, .known)
        }
        let bounds = try bounds(of: reading.boot)
        if let at = reading.at, at.milliseconds >= bounds.earliest - Self.tolerance,
            at.milliseconds <= latest.milliseconds + Self.tolerance
        {
            return (at, .box)
        }
        return (latest, .latest)
    }

    /// The latest moment at which a line can have been written; where a call tells it, that moment.
    func latest(of reading: LineReading) throws -> UTCTime {
        if let (start, up) = try startAndUptime(of: reading) {
            return min(UTCTime(milliseconds: start + up), now)
        }
        guard let up = Self.uptime(of: reading) else { return now }
        // A repaired journal counts one more start where there was none: so the uptime is added,
        // and the bound holds for the same start and for every one before it.
        let latest = try bounds(of: reading.boot).latest + up
        return min(UTCTime(milliseconds: latest), now)
    }

    private func startAndUptime(of reading: LineReading) throws -> (start: Int64, up: Int64)? {
        guard let boot = reading.boot, let up = Self.uptime(of: reading),
            let start = try start(of: boot)
        else { return nil }
        return (start, up)
    }

    private static func uptime(of reading: LineReading) -> Int64? {
        reading.up.flatMap { (0...longest).contains($0) ? $0 : nil }
    }

    /// Whether a clock that is set may have shown this.
    static func isPossible(_ at: UTCTime, at now: UTCTime) -> Bool {
        (Projection.believableFrom...now.milliseconds + tolerance).contains(at.milliseconds)
    }

    private func start(of boot: Int64) throws -> Int64? {
        if let known = starts[boot] { return known }
        let start = try database.int(
            "SELECT started_at FROM boot WHERE journal = ? AND number = ?", .int(journal),
            .int(boot))
        starts[boot] = .some(start)
        return start
    }

    /// What the starts before and after this one tell of it.
    private func bounds(of boot: Int64?) throws -> Bounds {
        var bounds = Bounds(
            earliest: Projection.believableFrom + Self.tolerance, latest: now.milliseconds)
        guard let boot else { return bounds }
        if let known = self.bounds[boot] { return known }
        let before = try database.int(
            "SELECT max(started_at) FROM boot WHERE journal = ? AND number < ?", .int(journal),
            .int(boot))
        let after = try database.int(
            "SELECT min(started_at) FROM boot WHERE journal = ? AND number > ?", .int(journal),
            .int(boot))
        if let before { bounds.earliest = max(bounds.earliest, before) }
        if let after { bounds.latest = min(bounds.latest, after) }
        if let carried, carried.boot >= boot { bounds.latest = min(bounds.latest, carried.latest) }
        self.bounds[boot] = bounds
        return bounds
    }
}

/// How well the moment is known at which a line was written; stored, so never renumbered.
public enum Certainty: Int64, Hashable, Sendable {
    /// A call of the same start of the box tells it, or the centre itself was there.
    case known = 0
    /// The box's clock says so, and nothing contradicts or confirms it.
    case box = 1
    /// The box's clock was wrong. It cannot have been later than this; when it was is not known.
    case latest = 2
}
