import Attendance
import ZKTeco

/// One terminal that pushes: when it was last heard, and whether that was too long ago.
///
/// Pure; times are durations since a fixed moment (``Pace/now``).
struct PushStation: Sendable {
    /// What a contact, or the lack of one, changes.
    enum Change: Hashable, Sendable {
        /// Heard for the first time since the daemon started.
        case found
        case lost(since: Duration)
        case regained(after: Duration)
    }

    /// Six signs of life in a row have not come.
    static let patience = Duration.seconds(PushAnswer.heartbeatSeconds * 6)

    private enum State: Hashable, Sendable {
        case unheard(since: Duration)
        case well(last: Duration)
        case lost(since: Duration)
    }

    let terminal: Configuration.Push.Terminal
    /// Punches stored since the daemon started.
    var newPunches = 0
    /// The code that has been logged, so that it is logged once.
    var said: String?
    /// The day on which setting the clock was last written down.
    var clockDay: Int64?
    /// Tables that came and are not kept, so that each is logged once.
    var unwanted: Set<String> = []
    private var state: State

    init(_ terminal: Configuration.Push.Terminal, at now: Duration) {
        self.terminal = terminal
        state = .unheard(since: now)
    }

    /// The terminal has sent something.
    mutating func heard(at now: Duration) -> Change? {
        defer { state = .well(last: now) }
        switch state {
        case .unheard: return .found
        case .well: return nil
        case .lost(let since): return .regained(after: now - since)
        }
    }

    /// Time has passed.
    mutating func passed(at now: Duration) -> Change? {
        switch state {
        case .unheard(let since), .well(let since):
            guard now - since > Self.patience else { return nil }
            state = .lost(since: since)
            return .lost(since: since)
        case .lost: return nil
        }
    }
}

/// What can be wrong with a terminal that pushes.
enum PushTrouble: Explained, Hashable {
    /// Nothing has come for this long.
    case silent(after: Duration)

    var problem: Problem {
        switch self {
        case .silent(let wait):
            let minutes = max(1, wait.components.seconds / 60)
            return Problem(
                code: "push.silent",
                summary: Text(
                    id: "Mesin tidak mengirim apa pun selama \(minutes) menit.",
                    en: "The terminal has sent nothing for \(minutes) min."),
                remedy: Text(
                    id:
                        "Periksa daya, jaringan, dan alamat server pada menu 'Cloud Server' mesin.",
                    en:
                        "Check its power, its network, and the server's address in its menu 'Cloud Server'."
                ))
        }
    }
}
