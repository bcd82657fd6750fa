/// How long the disk takes to keep a few entries: a card that is worn takes seconds.
///
/// Large commits are left out, for their length says nothing of the disk.
struct CommitPace: Hashable, Sendable {
    /// Entries of a commit that counts, at most.
    static let small = 100
    private static let kept = 20
    private static let needed = 5

    private var times: [Duration] = []

    mutating func note(_ time: Duration, entries: Int) {
        guard entries <= Self.small else { return }
        times.append(time)
        if times.count > Self.kept { times.removeFirst() }
    }

    /// The middle of the last times; nil before there are five.
    var typical: Duration? {
        guard times.count >= Self.needed else { return nil }
        return times.sorted()[times.count / 2]
    }

    /// The box's own time, which nobody sets.
    @Sendable static func sinceStart() -> Duration {
        ContinuousClock.now - ContinuousClock().systemEpoch
    }
}
