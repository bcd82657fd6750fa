import Attendance
import Synchronization
import TerminalKit

@testable import Simulator

/// A simulated terminal without a socket: what is sent to it is answered at once, and a silence
/// takes no time. The line can be cut after any byte.
final class MemoryLink: Link {
    struct State {
        var incoming: [[UInt8]] = []
        var passed = 0
        var isClosed = false
    }

    let isDatagram: Bool
    private let outlet: Outlet
    private let state: Shared<State>
    /// Bytes of both directions that pass before the line is gone; nil for all.
    private let limit: Int?

    /// - Parameter limit: See ``limit``; a packet in which it falls arrives in part.
    init(_ terminal: SimulatedTerminal, isDatagram: Bool = false, cutAfter limit: Int? = nil) {
        self.isDatagram = isDatagram
        self.limit = limit
        let state = Shared(State())
        self.state = state
        outlet = Outlet(terminal, isDatagram: isDatagram) { bytes in
            state.with { $0.incoming.append(bytes) }
            return true
        }
    }

    var isClosed: Bool { state.with { $0.isClosed } }

    /// Bytes that have passed in both directions.
    var passed: Int { state.with { $0.passed } }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        let (part, isWhole) = take(bytes)
        if isDatagram ? isWhole : !part.isEmpty { _ = outlet.take(part) }
        // Whoever sends a datagram never learns that it was lost.
        if !isWhole, !isDatagram { throw .closed(reason: "unplugged") }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let next = state.with { $0.incoming.isEmpty ? nil : $0.incoming.removeFirst() }
        guard let next, !next.isEmpty else {
            if isCut, !isDatagram { throw .closed(reason: "unplugged") }
            throw .silent(after: limit)
        }
        let (part, isWhole) = take(next)
        if isDatagram, !isWhole { throw .silent(after: limit) }
        if part.isEmpty { throw .closed(reason: "unplugged") }
        return part
    }

    func close() async {
        let isFirst = state.with { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if isFirst { outlet.end() }
    }

    private var isCut: Bool { limit.map { passed >= $0 } ?? false }

    /// What of these bytes still passes.
    private func take(_ bytes: [UInt8]) -> (part: [UInt8], isWhole: Bool) {
        state.with { state in
            let room = max(0, (limit ?? .max) - state.passed)
            let part = Array(bytes.prefix(room))
            state.passed += part.count
            return (part, part.count == bytes.count)
        }
    }
}

/// A value that several hold.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func with<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        value.withLock { body(&$0) }
    }
}
