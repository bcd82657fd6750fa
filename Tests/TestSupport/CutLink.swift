public import TerminalKit

/// A line whose plug is pulled after so many bytes in one direction; what was under way arrives.
public actor CutLink: Link {
    public enum Direction: Hashable, Sendable, CaseIterable {
        case toTerminal
        case fromTerminal
    }

    public nonisolated let isDatagram: Bool
    private let inner: any Link
    private var left: [Direction: Int]
    /// Bytes that have passed.
    public private(set) var passed: [Direction: Int] = [:]

    /// - Parameters:
    ///   - inner: The line.
    ///   - offset: How many bytes still pass in that direction; nil never cuts.
    public init(_ inner: any Link, after offset: Int? = nil, _ direction: Direction = .toTerminal) {
        self.inner = inner
        isDatagram = inner.isDatagram
        left = offset.map { [direction: $0] } ?? [:]
    }

    private var isCut: Bool { left.values.contains(0) }

    public func send(_ bytes: [UInt8]) async throws(LinkError) {
        guard !isCut else { throw .closed(reason: "unplugged") }
        let passing = bytes.prefix(left[.toTerminal] ?? bytes.count)
        note(passing.count, .toTerminal)
        try await inner.send(Array(passing))
        if passing.count < bytes.count { throw .closed(reason: "unplugged") }
    }

    public func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard !isCut else { throw .closed(reason: "unplugged") }
        let bytes = try await inner.receive(within: limit)
        let passing = Array(bytes.prefix(left[.fromTerminal] ?? bytes.count))
        note(passing.count, .fromTerminal)
        guard !passing.isEmpty else { throw .closed(reason: "unplugged") }
        return passing
    }

    public func close() async { await inner.close() }

    private func note(_ count: Int, _ direction: Direction) {
        passed[direction, default: 0] += count
        if let rest = left[direction] { left[direction] = rest - count }
    }
}
