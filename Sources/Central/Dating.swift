import Attendance
import SQLite

/// Dates what a box wrote while its clock was wrong.
///
/// Every entry says how long the box had run, on a clock that nobody sets, and every call over the
/// line says the same of itself. So the moment of a call, by the centre's clock, tells when the box
/// was started, and that tells when each entry of that start was written. The line itself is kept
/// as it came; only what is shown and reckoned with is dated.
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

    init(_ database: Database, journal: Int64, now: UTCTime) {
        self.database = database
        self.journal = journal
        self.now = now
    }

    /// Notes when the box was started that calls now. A call takes a while, so the earliest is best.
    ///
    /// An uptime below that of an entry which the call brings is none.
    func heard(_ batch: Batch) throws {
        let (boot, uptime) = (batch.boot, batch.n)
        let readings = batch.entries.lazy.compactMap(\.reading).filter { $0.boot == boot }
        guard (0...Self.longest).contains(uptime), readings.allSatisfy({ $0.up ?? 0 <= uptime })
        else { return }
        let start = now.milliseconds - uptime
        if let known = try self.start(of: boot), known <= start + 1_000 { return }
        try database.run(
            "REPLACE INTO boot VALUES (?, ?, ?)", .int(journal), .int(boot), .int(start))
        starts[boot] = start
    }

    /// The reading with the moment at which its line was written, as well as that is known.
    func dated(_ reading: LineReading) throws -> LineReading {
        guard let at = reading.at else { return reading }
        return reading.written(at: try moment(at, reading))
    }

    private func moment(_ at: UTCTime, _ reading: LineReading) throws -> UTCTime {
        if let boot = reading.boot, let up = reading.up, (0...Self.longest).contains(up),
            let start = try start(of: boot)
        {
            let shown = start + up
            let isRight = abs(at.milliseconds - shown) <= Self.tolerance
            return isRight ? at : min(UTCTime(milliseconds: shown), now)
        }
        return Self.isPossible(at, at: now) ? at : now
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
}
