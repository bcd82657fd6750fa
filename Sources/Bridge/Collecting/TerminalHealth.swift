/// Turns single failures into the two things an operator wants to hear: gone, and back.
///
/// Times are durations since a fixed moment (``Pace/now``).
struct TerminalHealth: Hashable, Sendable {
    enum Change: Hashable, Sendable {
        case lost(since: Duration)
        case regained(after: Duration)
    }

    private enum State: Hashable, Sendable {
        case well
        case failing(since: Duration)
        case lost(since: Duration)
    }

    /// How long failures may go on before the terminal counts as lost.
    let patience: Duration
    private var state = State.well

    init(patience: Duration = .seconds(20)) {
        self.patience = patience
    }

    var isLost: Bool {
        if case .lost = state { true } else { false }
    }

    mutating func failed(at now: Duration) -> Change? {
        switch state {
        case .well:
            state = .failing(since: now)
            return nil
        case .failing(let start) where now - start > patience:
            state = .lost(since: start)
            return .lost(since: start)
        case .failing, .lost:
            return nil
        }
    }

    mutating func succeeded(at now: Duration) -> Change? {
        defer { state = .well }
        guard case .lost(let start) = state else { return nil }
        return .regained(after: now - start)
    }
}
