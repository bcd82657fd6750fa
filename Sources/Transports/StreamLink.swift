import TerminalKit

/// A line that is a stream: a serial port or a TCP connection.
final class StreamLink: Link {
    private static let longestRead = 65_536
    /// A frame of a few bytes that cannot be written in this time never will be.
    private static let writeLimit = Duration.seconds(20)

    private let file: OpenFile
    private let waiter: Waiter
    private let closedReason: String
    private let mayAnswerAtEnd: Bool

    /// - Parameters:
    ///   - closedReason: What the end of the stream means on this kind of line.
    ///   - mayAnswerAtEnd: The other end may have closed only its own half: what is sent after
    ///     the end of the stream still gets there.
    init(
        _ file: OpenFile, waiter: Waiter, closedReason: String, mayAnswerAtEnd: Bool = false
    ) {
        self.file = file
        self.waiter = waiter
        self.closedReason = closedReason
        self.mayAnswerAtEnd = mayAnswerAtEnd
    }

    var isDatagram: Bool { false }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        let deadline = ContinuousClock.now + Self.writeLimit
        do {
            try await waiter.perform { [file] cancellation throws(LinkError) in
                try file.write(bytes, until: deadline, limit: Self.writeLimit, cancellation)
            }
        } catch {
            throw gone(error)
        }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        let bytes: [UInt8]
        do {
            bytes = try await waiter.perform { [file] cancellation throws(LinkError) in
                try file.read(
                    atMost: Self.longestRead, until: deadline, limit: limit, cancellation)
            }
        } catch {
            throw gone(error)
        }
        guard bytes.isEmpty else { return bytes }
        let end = LinkError.closed(reason: closedReason)
        throw mayAnswerAtEnd ? end : gone(end)
    }

    func close() async {
        file.close()
    }

    /// A line that is gone is closed at once: while the descriptor stays open, the kernel gives
    /// an adapter that comes back another number.
    private func gone(_ error: LinkError) -> LinkError {
        if case .closed = error { file.close() }
        return error
    }
}

/// A line of datagrams to and from one address.
final class DatagramLink: Link {
    /// The longest UDP payload there is.
    private static let longest = 65_507
    private static let writeLimit = Duration.seconds(5)

    private let file: OpenFile
    private let waiter: Waiter

    init(_ file: OpenFile, waiter: Waiter) {
        self.file = file
        self.waiter = waiter
    }

    var isDatagram: Bool { true }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        let deadline = ContinuousClock.now + Self.writeLimit
        try await waiter.perform { [file] cancellation throws(LinkError) in
            try file.write(bytes, until: deadline, limit: Self.writeLimit, cancellation)
        }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        while true {
            let datagram = try await waiter.perform { [file] cancellation throws(LinkError) in
                try file.read(
                    atMost: Self.longest, until: deadline, limit: limit, cancellation)
            }
            // A datagram may be empty; it is no end of anything and says nothing.
            if !datagram.isEmpty { return datagram }
        }
    }

    func close() async {
        file.close()
    }
}
