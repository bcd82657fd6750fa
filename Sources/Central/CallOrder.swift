/// In which order a bridge's calls were made, whatever the order in which they came.
///
/// Calls are ordered by journal (a later one was begun later), boot and number. One that comes
/// behind the newest is a delayed call or a replay; but two sequences that both go on, turn and
/// turn about, are two boxes with one identity.
///
/// A courier file says something about the order of calls only where it is ahead of all: sticks lie
/// in drawers and are handed in twice, and no number of them makes a clone.
struct CallOrder: Hashable, Sendable {
    struct Call: Hashable, Sendable, Comparable {
        let journal: Int64
        let boot: Int64
        let n: Int64

        static func < (left: Call, right: Call) -> Bool {
            (left.journal, left.boot, left.n) < (right.journal, right.boot, right.n)
        }
    }

    enum Verdict: Hashable, Sendable {
        case newest
        /// Made before the newest: stored, never shown.
        case older
        /// As `older`, and the third such turn: there is a clone.
        case clone
    }

    private(set) var newest: Call?
    /// The newest of those that came behind ``newest``.
    private(set) var late: Call?
    /// The last call that came was a late one.
    private(set) var wasLate = false
    /// How often the newest sequence went on after a late call.
    private(set) var turns = 0

    init() {}

    init(newest: Call, late: Call?, wasLate: Bool, turns: Int) {
        self.newest = newest
        self.late = late
        self.wasLate = wasLate
        self.turns = turns
    }

    mutating func take(_ call: Call) -> Verdict {
        guard let newest, call <= newest else {
            newest = call
            if wasLate { turns = min(turns + 1, 1_000) }
            wasLate = false
            return .newest
        }
        guard call < newest, late.map({ call > $0 }) ?? true else { return .older }
        late = call
        wasLate = true
        return turns >= 2 ? .clone : .older
    }

    /// Takes a call that was carried.
    mutating func takeCarried(_ call: Call) -> Verdict {
        if let newest, call <= newest { return .older }
        newest = call
        return .newest
    }
}
