public import Attendance
import FoundationEssentials

/// The clock and the dice of the server, so that tests can have their own.
public struct Surroundings: Sendable {
    public let now: @Sendable () -> UTCTime
    /// As many unpredictable bytes as asked for.
    public let random: @Sendable (Int) -> [UInt8]

    public init(
        now: @escaping @Sendable () -> UTCTime, random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.now = now
        self.random = random
    }

    /// The host's clock and the system's random numbers.
    public static let host = Surroundings(
        now: { UTCTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
        random: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } })
}
