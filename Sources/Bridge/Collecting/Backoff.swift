/// How long to wait before a line is tried again: 0.5 s, 1 s, 2 s … 30 s, or 5 minutes where every
/// try holds up others.
struct Backoff: Hashable, Sendable {
    static let first = Duration.milliseconds(500)
    static let longest = Duration.seconds(30)
    static let longestOnSharedLine = Duration.seconds(300)
    /// For a disk that takes no writes.
    static let ours = Duration.seconds(5)
    /// For what no waiting mends, such as a wrong key. More would lock some terminals.
    static let blocked = Duration.seconds(300)

    private let longest: Duration
    private var coming = first

    init(longest: Duration = longest) {
        self.longest = longest
    }

    /// The wait after one more failure.
    ///
    /// - Parameter jitter: 0 up to 1; 0 gives half of the wait, 1 all of it.
    mutating func next(jitter: Double) -> Duration {
        defer { coming = min(coming * 2, longest) }
        return coming / 2 + coming / 2 * min(max(jitter, 0), 1)
    }

    /// The line works.
    mutating func reset() {
        coming = Self.first
    }
}
