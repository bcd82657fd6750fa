import Glibc
public import TerminalKit

/// Finds out who listens in a range of addresses: each is connected to once, and a connection that
/// was made is handed on, because some terminals restart when one is dropped without a word.
public struct Sweep: Sendable {
    /// Connections under way at the same time.
    private static let atOnce = 64
    /// A round takes this long at least, so that a small switch or a router is not flooded.
    private static let pause = Duration.milliseconds(100)

    private let hosts: [String]
    private let port: Int
    private let limit: Duration

    /// - Parameters:
    ///   - hosts: IPv4 addresses.
    ///   - port: The TCP port.
    ///   - limit: How long to wait for a host; on a LAN a terminal that is there answers at once.
    public init(_ hosts: [String], port: Int, within limit: Duration = .milliseconds(700)) {
        self.hosts = hosts
        self.port = port
        self.limit = limit
    }

    /// Connects, round by round.
    ///
    /// - Parameters:
    ///   - done: Called after each round with the number of hosts tried in it.
    ///   - found: Called for each host that took the connection; it owns the link then.
    /// - Throws: `cancelled`, or the reason why no socket can be made at all.
    public func run(
        done: (Int) async -> Void = { _ in },
        found: (_ host: String, _ link: any Link) async -> Void
    ) async throws(LinkError) {
        let waiter = Waiter(label: "sweep")
        var rest = hosts[...]
        while !rest.isEmpty {
            let round = Array(rest.prefix(Self.atOnce))
            rest = rest.dropFirst(round.count)
            let files = try await waiter.perform {
                [port, limit] (cancellation: Cancellation) throws(LinkError) in
                try Self.connect(round, port, limit, cancellation)
            }
            for (host, file) in files {
                let line = Waiter(label: "tcp://\(host):\(port)")
                await found(
                    host, StreamLink(file, waiter: line, closedReason: "end of stream"))
            }
            await done(round.count)
        }
    }

    private static func connect(
        _ hosts: [String], _ port: Int, _ limit: Duration, _ cancellation: Cancellation
    ) throws(LinkError) -> [(String, OpenFile)] {
        let start = ContinuousClock.now
        var waiting: [(host: String, file: OpenFile)] = []
        var made: [(String, OpenFile)] = []
        for host in hosts {
            switch try Socket.beginTCP(host, port) {
            case .connected(let file): made.append((host, file))
            case .underWay(let file): waiting.append((host, file))
            case .refused: break
            }
        }
        while !waiting.isEmpty, start.duration(to: .now) < limit {
            let ready = try cancellation.waitForAny(
                waiting.map { try? $0.file.number() }, until: start + limit)
            for index in ready.sorted(by: >) {
                let (host, file) = waiting.remove(at: index)
                if Socket.isConnected(file) { made.append((host, file)) }
            }
        }
        try cancellation.rest(until: start + pause)
        return made
    }
}

extension Socket {
    enum Beginning {
        case connected(OpenFile)
        case underWay(OpenFile)
        case refused
    }

    /// Begins to connect to an IPv4 address and waits for nothing.
    static func beginTCP(_ host: String, _ port: Int) throws(LinkError) -> Beginning {
        guard let number = Subnet.number(host[...]), let port = UInt16(exactly: port) else {
            return .refused
        }
        let flags = Int32(
            SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, flags, 0)
        guard descriptor >= 0 else {
            throw .unreachable(address: host, reason: reasonOfNow())
        }
        let file = OpenFile(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = number.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        if result == 0 { return .connected(file) }
        return errno == EINPROGRESS ? .underWay(file) : .refused
    }

    /// Whether a connection that was under way has been made.
    static func isConnected(_ file: OpenFile) -> Bool {
        guard let number = try? file.number() else { return false }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) == 0 && code == 0
    }
}
