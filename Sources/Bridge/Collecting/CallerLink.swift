import Synchronization
import TerminalKit

/// The line of a terminal that has dialled in.
///
/// A terminal that lost its power dials in anew while its old connection still looks open. The
/// new one then ends the old one: whoever waits on that learns it within ``slice``.
final class CallerLink: Link {
    /// Waits are cut into pieces, between which the line may be taken away.
    static let slice = Duration.seconds(1)

    private let inner: any Link
    private let state = Mutex(State.open)

    private enum State {
        case open
        case replaced
        case closed
    }

    init(_ inner: any Link) {
        self.inner = inner
    }

    var isDatagram: Bool { inner.isDatagram }

    /// Nobody uses this line any more.
    var isOver: Bool { state.withLock { $0 != .open } }

    /// The terminal has dialled in anew.
    func replace() {
        state.withLock { if $0 == .open { $0 = .replaced } }
    }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        try checkOpen()
        try await inner.send(bytes)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        var left = limit
        while true {
            try checkOpen()
            let slice = min(left, Self.slice)
            do {
                return try await inner.receive(within: slice)
            } catch .silent {
                left -= slice
                guard left > .zero else { throw .silent(after: limit) }
            }
        }
    }

    func close() async {
        state.withLock { $0 = .closed }
        await inner.close()
    }

    private func checkOpen() throws(LinkError) {
        switch state.withLock({ $0 }) {
        case .open: return
        case .replaced: throw .closed(reason: "the terminal has dialled in anew")
        case .closed: throw .closed(reason: "closed already")
        }
    }
}
