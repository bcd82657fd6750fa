import Attendance
import Exchange
import Journal
import StickFiles

/// How many of a file's punches the journal knows of each terminal: the same PIN at the same
/// second is hardly ever two terminals' chance.
struct Overlap: Hashable, Sendable {
    /// So many punches of a file are compared at most, evenly spread over it.
    static let mostCompared = 4_000

    struct Match: Hashable, Sendable {
        let terminal: TerminalID
        let count: Int
    }

    let compared: Int
    /// The best first.
    let matches: [Match]

    init(compared: Int, matches: [Match]) {
        self.compared = compared
        self.matches = matches.sorted {
            ($1.count, $0.terminal.description) < ($0.count, $1.terminal.description)
        }
    }

    /// Looks punches up under each of the terminals.
    init(of punches: [Punch], with terminals: [TerminalID], in journal: Journal) async throws {
        var matches: [Match] = []
        for terminal in terminals {
            let known = try await journal.knows(
                punches.map { .punch(terminal, $0, via: .stick) })
            matches.append(Match(terminal: terminal, count: known.count { $0 }))
        }
        self.init(compared: punches.count, matches: matches)
    }

    /// The one terminal whose file this clearly is: 20 punches are known, or three and three in
    /// ten; and no other terminal has a tenth as many.
    var clear: Match? {
        guard let best = matches.first else { return nil }
        let isMuch = best.count >= 20 || (best.count >= 3 && best.count * 10 >= compared * 3)
        let next = matches.dropFirst().first?.count ?? 0
        return isMuch && best.count >= next * 10 ? best : nil
    }

    func count(of terminal: TerminalID) -> Int? {
        matches.first { $0.terminal == terminal }?.count
    }
}

/// Takes punches out of a file, evenly spread, each once.
struct PunchSample {
    private let step: Int
    private var seen = 0
    private var keys: Set<Key> = []
    private(set) var punches: [Punch] = []

    private struct Key: Hashable {
        let pin: String
        let time: WallTime
    }

    /// - Parameter count: The punches of the file.
    init(of count: Int) {
        step = max(1, (count + Overlap.mostCompared - 1) / Overlap.mostCompared)
    }

    mutating func take(_ punch: Punch) {
        seen += 1
        guard seen % step == 0 else { return }
        guard keys.insert(Key(pin: punch.pin.canonical, time: punch.time)).inserted else { return }
        punches.append(punch)
    }
}
