public import TerminalKit
import Testing

/// A line whose other end follows a recorded talk: what is sent must be what was recorded, and a
/// silence takes no time.
public actor ScriptedLink: Link {
    public nonisolated let isDatagram: Bool
    private var steps: Slice<Talk.Steps>
    private var sent: [UInt8] = []

    public init(_ talk: Talk, isDatagram: Bool = false) {
        steps = talk.steps[...]
        self.isDatagram = isDatagram
    }

    /// Every step has been played.
    public var isFinished: Bool { steps.isEmpty }

    public func send(_ bytes: [UInt8]) async throws(LinkError) {
        guard case .toTerminal(let expected) = steps.first else {
            Issue.record("sent \(bytes) where the talk has \(String(describing: steps.first))")
            throw .closed(reason: "not in the talk")
        }
        sent += bytes
        guard sent.count >= expected.count else { return }
        #expect(sent == expected)
        sent = []
        steps.removeFirst()
    }

    public func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        switch steps.first {
        case .fromTerminal(let bytes):
            steps.removeFirst()
            return bytes
        case .silence:
            steps.removeFirst()
            throw .silent(after: limit)
        case .toTerminal, nil:
            throw .silent(after: limit)
        }
    }

    public func close() async {}
}
