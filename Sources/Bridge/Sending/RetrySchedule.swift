/// How long to wait after a call that brought nothing: full jitter, so that a thousand offices do
/// not come back in the same second.
struct RetrySchedule: Hashable, Sendable {
    static let cap = Duration.seconds(900)
    /// However long the centre wishes; nothing that answers in its place puts an office to sleep.
    static let longestWish = 3_600
    private static let least = Duration.milliseconds(50)

    let base: Duration
    private(set) var failures = 0

    init(base: Duration) {
        self.base = base
    }

    mutating func succeeded() { failures = 0 }

    /// - Parameter retryAfter: The centre's own wish in seconds. It wins, and is kept: the centre has
    ///   spread its callers itself and expects this one then. Less than a second comes on top, because
    ///   wishes are whole seconds.
    mutating func failed(
        retryAfter: Int?, using random: inout some RandomNumberGenerator
    ) -> Duration {
        failures = min(failures + 1, 30)
        let share = Double(random.next() >> 11) / Double(UInt64(1) << 53)
        if let retryAfter {
            return .seconds(Double(min(max(retryAfter, 0), Self.longestWish)) + share)
        }
        var ceiling = base
        for _ in 1..<failures where ceiling < Self.cap { ceiling *= 2 }
        return max(Self.least, .seconds(share * min(ceiling, Self.cap).seconds))
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
