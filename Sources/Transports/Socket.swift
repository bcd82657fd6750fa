import Glibc
import TerminalKit

/// Opens sockets; used on a line's own thread, because looking up a name blocks.
enum Socket {
    /// - Parameters:
    ///   - cancellation: Ends the waiting.
    ///   - host: A name or an address.
    ///   - limit: How long all of it may take.
    ///   - port: The port.
    ///   - segment: The largest segment the other end shall send; nil for what is usual.
    static func connectTCP(
        _ host: String, _ port: Int, segment: Int? = nil, within limit: Duration,
        _ cancellation: Cancellation
    ) throws(LinkError) -> OpenFile {
        let place = "\(host):\(port)"
        let deadline = ContinuousClock.now + limit
        var last = LinkError.unreachable(address: place, reason: "no address")
        for address in try addresses(of: host, port, SOCK_STREAM, place) {
            do {
                return try connected(address, place, segment, until: deadline, cancellation)
            } catch .cancelled {
                throw .cancelled
            } catch {
                last = error
            }
        }
        throw last
    }

    private static func connected(
        _ address: SocketAddress, _ place: String, _ segment: Int?,
        until deadline: ContinuousClock.Instant, _ cancellation: Cancellation
    ) throws(LinkError) -> OpenFile {
        let file = try made(address, SOCK_STREAM, place)
        let number = try file.number()
        // Before connecting: the wish travels with the first packet.
        if let segment { set(number, Int32(IPPROTO_TCP), TCP_MAXSEG, Int32(clamping: segment)) }
        if address.with({ connect(number, $0, $1) }) != 0 {
            guard errno == EINPROGRESS else {
                throw .unreachable(address: place, reason: reasonOfNow())
            }
            try finish(number, place, until: deadline, cancellation)
        }
        watch(number)
        return file
    }

    private static func finish(
        _ file: Int32, _ place: String, until deadline: ContinuousClock.Instant,
        _ cancellation: Cancellation
    ) throws(LinkError) {
        do {
            _ = try cancellation.wait(for: POLLOUT, on: file, until: deadline, limit: .zero)
        } catch .silent {
            throw .unreachable(address: place, reason: reasonOfNow(ETIMEDOUT))
        }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(file, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else { throw .unreachable(address: place, reason: reasonOfNow(code)) }
    }

    /// Small frames go at once, and a terminal that lost its power is noticed within a minute.
    static func watch(_ file: Int32) {
        set(file, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(file, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(file, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(file, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(file, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    static func set(_ file: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(file, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// A connected datagram socket: answers of other addresses are never seen, and a port where
    /// nobody listens is an error instead of a silence.
    static func connectUDP(_ host: String, _ port: Int) throws(LinkError) -> OpenFile {
        let place = "\(host):\(port)"
        guard let address = try addresses(of: host, port, SOCK_DGRAM, place).first else {
            throw .unreachable(address: place, reason: "no address")
        }
        let file = try made(address, SOCK_DGRAM, place)
        let number = try file.number()
        guard address.with({ connect(number, $0, $1) }) == 0 else {
            throw .unreachable(address: place, reason: reasonOfNow())
        }
        // A whole piece of a log in flight at once must fit.
        set(number, SOL_SOCKET, SO_RCVBUF, 1 << 20)
        return file
    }

    private static func made(
        _ address: SocketAddress, _ kind: __socket_type, _ place: String
    ) throws(LinkError) -> OpenFile {
        let flags = Int32(kind.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(address.family, flags, 0)
        guard number >= 0 else { throw .unreachable(address: place, reason: reasonOfNow()) }
        return OpenFile(number)
    }

    static func addresses(
        of host: String, _ port: Int, _ kind: __socket_type, _ place: String
    ) throws(LinkError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(kind.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else {
            throw .unreachable(address: place, reason: String(cString: gai_strerror(result)))
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            found.append(SocketAddress(entry.pointee))
            next = entry.pointee.ai_next
        }
        return found
    }
}

/// A socket address of any family, copied out of the resolver's list.
struct SocketAddress {
    let family: Int32
    private let bytes: [UInt8]

    init(_ entry: addrinfo) {
        family = entry.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))
    }

    /// The address in figures, without its port.
    var host: String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = with {
            getnameinfo($0, $1, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        }
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes.prefix($0.count)) }
        return withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(bytes.count))
            }
        }
    }
}
