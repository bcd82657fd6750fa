import Glibc
import Speech
import Synchronization

/// One line on standard error that says how far a long task is, for whoever sits before it.
///
/// It appears after two seconds, and is gone before anything else is printed.
final class Progress: Sendable {
    private struct State {
        var isVisible = false
        var last: ContinuousClock.Instant?
    }

    private static let patience = Duration.seconds(2)
    private static let pace = Duration.milliseconds(200)

    private let isShown: Bool
    private let start: ContinuousClock.Instant
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameters:
    ///   - isShown: Whether somebody looks: standard error is a terminal.
    ///   - now: The clock, which may be turned by a test.
    init(isShown: Bool, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.isShown = isShown
        self.now = now
        start = now()
    }

    func say(_ text: String) {
        let time = now()
        guard isShown, start.duration(to: time) >= Self.patience else { return }
        let isDue = state.withLock { state in
            if let last = state.last, last.duration(to: time) < Self.pace { return false }
            state.last = time
            state.isVisible = true
            return true
        }
        // A line that is broken could not be wiped out again.
        let line = text.prefix((Output.wrapping(STDERR_FILENO)?.width ?? 80) - 1)
        if isDue { Output.standard(Array("\r\u{1B}[K\(line)".utf8), STDERR_FILENO) }
    }

    func end() {
        let wasVisible = state.withLock { state in
            defer { state.isVisible = false }
            return state.isVisible
        }
        if wasVisible { Output.standard(Array("\r\u{1B}[K".utf8), STDERR_FILENO) }
    }
}
