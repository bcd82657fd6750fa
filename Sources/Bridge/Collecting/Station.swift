import Attendance
import TerminalKit

/// One terminal on a line: when it is due, and what became of the last tries.
///
/// Pure but for the collector it carries; times are durations since a fixed moment.
final class Station {
    let terminal: Configuration.Terminal
    let collector: Collector
    /// When it is to be visited next.
    var due = Duration.zero
    var health = TerminalHealth()
    var backoff = Backoff()
    /// The code that has been logged, so that it is logged once.
    var said: String?
    /// Whether it waits for a line that could not be opened or broke.
    var isUnplugged = false
    /// The talk that is kept between visits.
    var session: (any TerminalSession)?
    /// The last visit failed.
    private(set) var isFailing = false
    private var doubts = 0

    /// - Parameter sharesLine: Others wait while this one is tried, so in the end it is tried
    ///   rarely.
    init(_ terminal: Configuration.Terminal, at place: CollectingPlace, sharesLine: Bool = false) {
        self.terminal = terminal
        if sharesLine { backoff = Backoff(longest: Backoff.longestOnSharedLine) }
        collector = Collector(terminal, at: place)
    }

    /// How a failure is met.
    enum Verdict: Hashable, Sendable {
        /// The line or the terminal does not answer: try again soon.
        case lost
        /// It answers, but not with its log: try again soon.
        case unreadable
        /// It answers, and nothing but a person will help: try again rarely.
        case blocked
        /// It answers; this box has a trouble of its own, such as a full disk.
        case ours
    }

    /// Weighs a failure. What a noisy line can look like is believed only the third time.
    func verdict(on error: any Error) -> Verdict {
        switch error {
        case is LinkError: return .lost
        case DriverError.wrongKey, DriverError.locked, DriverError.emptyOrWrongKey: return .blocked
        case DriverError.stationMissing, DriverError.serialMissing: return .blocked
        case DriverError.otherMake, DriverError.unsupported, DriverError.secured:
            return doubted(.blocked)
        case is DriverError: return doubted(.unreadable)
        case is TerminalTrouble, is ConfigurationError: return .blocked
        default: return .ours
        }
    }

    private func doubted(_ verdict: Verdict) -> Verdict {
        doubts += 1
        return doubts >= 3 ? verdict : .lost
    }

    /// A visit did not go well.
    func failed() {
        isFailing = true
    }

    /// A visit went well.
    func succeeded(at now: Duration) {
        isFailing = false
        doubts = 0
        if said != collector.remark?.code { said = nil }
        isUnplugged = false
        backoff.reset()
        due = now + terminal.poll
    }
}
