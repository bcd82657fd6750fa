import Synchronization

/// A line whose other end is a recorded talk: silences take no time, and what the driver says must
/// be what was said then.
///
/// Where it says something else the line is closed, and ``divergence`` has both: then the driver
/// has learnt to ask otherwise, and the talk has to be recorded again.
public final class ReplayLink: Link {
    /// Where driver and talk part.
    public struct Divergence: Hashable, Sendable {
        /// Steps that were played before it.
        public let step: Int
        public let said: [UInt8]
        /// What was said then; nil where the talk has nothing to be said.
        public let expected: [UInt8]?
    }

    private struct State {
        var next = 0
        /// Of a question that is sent in pieces: what of it has been sent.
        var sent: [UInt8] = []
        var divergence: Divergence?
    }

    public let isDatagram: Bool
    private let steps: Talk.Steps
    private let state = Mutex(State())

    public init(_ talk: Talk, isDatagram: Bool) {
        steps = talk.steps
        self.isDatagram = isDatagram
    }

    public var divergence: Divergence? { state.withLock { $0.divergence } }

    /// Steps played so far.
    public var played: Int { state.withLock { $0.next } }

    public var isFinished: Bool { played >= steps.count }

    /// Whether something the terminal said, or a silence, comes before the next that is said to it.
    public var hasMoreToHear: Bool {
        state.withLock { state in
            guard state.next < steps.count, state.divergence == nil else { return false }
            if case .toTerminal = steps[state.next] { return false }
            return true
        }
    }

    public func send(_ bytes: [UInt8]) async throws(LinkError) {
        let isSaid = state.withLock { state in
            // A silence that nobody waited for this time.
            while state.next < steps.count, steps[state.next] == .silence { state.next += 1 }
            return say(bytes, &state)
        }
        if !isSaid { throw .closed(reason: isFinished ? "end of the talk" : "not in the talk") }
    }

    private func say(_ bytes: [UInt8], _ state: inout State) -> Bool {
        let place = state.next
        // The line was gone then: whatever is still said, a good-bye, nobody heard.
        guard place < steps.count else { return false }
        guard state.divergence == nil, case .toTerminal(let expected) = steps[place] else {
            state.divergence =
                state.divergence ?? Divergence(step: place, said: bytes, expected: nil)
            return false
        }
        let sent = state.sent + bytes
        guard expected.starts(with: sent) else {
            state.divergence = Divergence(step: place, said: sent, expected: expected)
            return false
        }
        state.sent = sent.count == expected.count ? [] : sent
        if sent.count == expected.count { state.next += 1 }
        return true
    }

    public func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let step: Talk.Step? = state.withLock { state in
            guard state.next < steps.count else { return nil }
            if case .toTerminal = steps[state.next] { return .silence }
            defer { state.next += 1 }
            return steps[state.next]
        }
        switch step {
        case .fromTerminal(let bytes): return bytes
        case nil where limit > .zero: throw .closed(reason: "end of the talk")
        default: throw .silent(after: limit)
        }
    }

    public func close() async {}
}
