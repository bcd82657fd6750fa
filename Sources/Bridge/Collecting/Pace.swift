import Attendance

/// The time a line lives by, apart from any wall clock: durations since some fixed moment.
///
/// Time, waiting and chance come from outside, so that a test has an hour's outage at once.
public struct Pace: Sendable {
    /// How long ago the fixed moment was; never goes back.
    public var now: @Sendable () -> Duration
    /// Waits; ends at once with an error when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 up to 1, so that many bridges do not knock at the same moment.
    public var jitter: @Sendable () -> Double

    public init(
        now: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.jitter = jitter
    }

    /// Real time.
    public static var real: Pace {
        let start = ContinuousClock.now
        return Pace(
            now: { start.duration(to: .now) },
            sleep: { try await Task.sleep(for: $0, tolerance: $0 / 20, clock: .continuous) },
            jitter: { .random(in: 0..<1) })
    }
}
