import Glibc
import Synchronization
public import TerminalKit

/// A TCP port of this box where terminals dial in.
///
/// One task accepts; every connection it gets is a line of its own. More connections than ``most``
/// are closed at once, so that nobody can use up the descriptors of the box.
public final class Listener: Sendable {
    /// A terminal that has dialled in.
    public struct Caller: Sendable {
        public let link: any Link
        /// Its numeric address without the port: `192.168.1.201`, `fd00::17`.
        public let peer: String
    }

    /// The port that is bound; another than the one asked for where that was 0.
    public let port: Int
    /// How many connections may be open at the same time.
    public let most: Int

    private let file: OpenFile
    private let waiter: Waiter
    private let seats: Seats

    /// Binds a port and listens.
    ///
    /// - Parameters:
    ///   - host: A numeric address or a name of this box; `0.0.0.0` and `::` mean all of them.
    ///   - port: 0 for any free one.
    ///   - most: How many connections may be open at the same time.
    /// - Throws: `LinkError.cannotListen` naming what is in the way, or `cancelled`.
    public static func open(
        host: String, port: Int, most: Int = 64
    ) async throws(LinkError) -> Listener {
        let waiter = Waiter(label: "listen \(host):\(port)")
        let (file, bound) = try await waiter.perform { (_: Cancellation) throws(LinkError) in
            try Socket.listenTCP(host, port)
        }
        return Listener(file, waiter: waiter, port: bound, most: most)
    }

    private init(_ file: OpenFile, waiter: Waiter, port: Int, most: Int) {
        self.file = file
        self.waiter = waiter
        self.port = port
        self.most = most
        seats = Seats(most)
    }

    /// Waits for the next terminal, for as long as it takes.
    ///
    /// - Throws: `LinkError.cancelled`, or `closed` once the listener is closed.
    public func accept() async throws(LinkError) -> Caller {
        let (connection, peer) = try await waiter.perform {
            [file, seats] cancellation throws(LinkError) in
            try Self.next(on: file, seats, cancellation)
        }
        let waiter = Waiter(label: "caller \(peer)")
        let link = StreamLink(
            connection, waiter: waiter, closedReason: "end of stream", mayAnswerAtEnd: true)
        return Caller(link: link, peer: peer)
    }

    /// Takes no more callers; lines that are open stay open.
    public func close() {
        file.close()
    }

    /// Takes connections until there is one to whom a seat can be given.
    private static func next(
        on file: OpenFile, _ seats: Seats, _ cancellation: Cancellation
    ) throws(LinkError) -> (OpenFile, String) {
        while true {
            let number = try file.number()
            _ = try cancellation.wait(
                for: POLLIN, on: number, until: .now + Self.forever, limit: Self.forever)
            var storage = sockaddr_storage()
            let connection = Socket.accept(number, &storage)
            if connection < 0 {
                try waitOut(errno, cancellation)
                continue
            }
            guard seats.take() else {
                Glibc.close(connection)
                continue
            }
            Socket.watch(connection)
            return (OpenFile(connection) { seats.give() }, Socket.name(of: storage))
        }
    }

    /// A caller that hung up meanwhile is nothing; a box without descriptors has some again soon.
    private static func waitOut(_ code: Int32, _ cancellation: Cancellation) throws(LinkError) {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            poll(nil, 0, 100)
            guard !cancellation.isCancelled else { throw .cancelled }
        case EBADF, EINVAL, ENOTSOCK: throw .closed(reason: reasonOfNow(code))
        default: break
        }
    }

    private static let forever = Duration.seconds(10 * 365 * 86_400)
}

/// How many more connections may be open.
private final class Seats: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) { free = Mutex(count) }

    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func give() { free.withLock { $0 += 1 } }
}
