/// One comparison of a terminal's clock with the host's.
public struct ClockReading: Hashable, Sendable {
    /// What the terminal's clock showed.
    public let device: WallTime
    /// The host's clock in the middle of the question and the answer.
    public let host: UTCTime
    /// Terminal minus host, in milliseconds, the office's zone applied. Positive: it runs ahead.
    public let offsetMilliseconds: Int64
    /// How far off the offset may be: half the round trip, plus half of the terminal's whole second.
    public let errorMilliseconds: Int64

    /// - Parameters:
    ///   - device: What the terminal's clock showed.
    ///   - zone: The zone the terminal's clock is meant to show.
    ///   - asked: The host's clock just before the question.
    ///   - answered: The host's clock just after the answer.
    public init(device: WallTime, asked: UTCTime, answered: UTCTime, zone: Zone) {
        self.device = device
        let trip = max(0, answered.milliseconds - asked.milliseconds)
        host = asked.advanced(byMilliseconds: trip / 2)
        // A clock that shows whole seconds is, on average, half a second further than it shows.
        let shown = device.secondsSince1970(in: zone) * 1_000 + 500
        offsetMilliseconds = shown - host.milliseconds
        errorMilliseconds = trip / 2 + 500
    }

    /// Whether two readings are further apart than their errors and `tolerance` allow: a jump.
    public func disagrees(with other: ClockReading, toleranceMilliseconds tolerance: Int64) -> Bool
    {
        abs(offsetMilliseconds - other.offsetMilliseconds)
            > errorMilliseconds + other.errorMilliseconds + tolerance
    }
}
