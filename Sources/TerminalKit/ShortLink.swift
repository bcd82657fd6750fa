import Synchronization

/// A link with little patience, for a look at who answers: drivers that would wait a minute give
/// up within seconds.
///
/// Silence is believed sooner than a driver would; what has once been heard gets the whole time.
public final class ShortLink: Link {
    public struct Limits: Hashable, Sendable {
        /// The longest wait for the next bytes.
        public var answer = Duration.milliseconds(1_500)
        /// The whole look; then the line counts as closed.
        public var total = Duration.seconds(10)
        /// How many silences end the look while nothing at all has been heard.
        public var silences = 2
        /// What is never sent over this line, by how it begins: another make's greeting may mean
        /// something to a bus full of controllers.
        public var neverSent: [[UInt8]] = []

        public init() {}
    }

    private struct State {
        var silences = 0
        var heard: [UInt8] = []
    }

    private let inner: any Link
    private let limits: Limits
    private let end: ContinuousClock.Instant
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameters:
    ///   - inner: The line itself.
    ///   - limits: How long to wait.
    ///   - now: The clock, which may stand still in a test.
    public init(
        _ inner: any Link, limits: Limits = Limits(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.inner = inner
        self.limits = limits
        self.now = now
        end = now() + limits.total
    }

    public var isDatagram: Bool { inner.isDatagram }

    /// The first bytes that came, 64 at most; empty if nothing did.
    public var heard: [UInt8] { state.withLock { $0.heard } }

    public func send(_ bytes: [UInt8]) async throws(LinkError) {
        for beginning in limits.neverSent where bytes.starts(with: beginning) {
            throw .closed(reason: "not said on this line")
        }
        guard now() < end else { throw .closed(reason: "out of time") }
        try await inner.send(bytes)
    }

    public func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let left = now().duration(to: end)
        guard left > .zero else { throw .closed(reason: "out of time") }
        do {
            let bytes = try await inner.receive(within: min(limit, limits.answer, left))
            state.withLock { $0.heard += bytes.prefix(64 - $0.heard.count) }
            return bytes
        } catch .silent(let wait) {
            if limit > .zero, isGivenUp() { throw .closed(reason: "nobody answers") }
            throw .silent(after: wait)
        }
    }

    public func close() async {
        await inner.close()
    }

    private func isGivenUp() -> Bool {
        state.withLock { state in
            state.silences += 1
            return state.heard.isEmpty && state.silences >= limits.silences
        }
    }
}
