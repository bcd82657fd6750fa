import Attendance
import Dispatch
import Glibc
import Synchronization

/// Where a simulated terminal is to be found: `tcp:HOST:PORT`, `udp:HOST:PORT`, `pty:PATH`; or whom
/// it dials: `dial:HOST:PORT`.
public enum ListenAddress: Hashable, Sendable {
    case tcp(host: String, port: UInt16)
    case udp(host: String, port: UInt16)
    case pty(path: String)
    case dial(host: String, port: UInt16)

    /// - Throws: `InvalidValue` naming the forms there are.
    public init(_ text: String) throws(InvalidValue) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let rule = "a place is tcp:HOST:PORT, udp:HOST:PORT, pty:PATH or dial:HOST:PORT"
        guard parts.count == 2 else { throw InvalidValue(text, rule: rule) }
        switch parts[0] {
        case "pty": self = .pty(path: parts[1])
        case "tcp", "udp", "dial":
            let place = try Self.place(parts[1], rule: rule)
            switch parts[0] {
            case "tcp": self = .tcp(host: place.0, port: place.1)
            case "udp": self = .udp(host: place.0, port: place.1)
            default: self = .dial(host: place.0, port: place.1)
            }
        default: throw InvalidValue(text, rule: rule)
        }
    }

    /// Reads `HOST:PORT`; the host is a numeric IPv4 address.
    static func place(_ text: String, rule: String) throws(InvalidValue) -> (String, UInt16) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw InvalidValue(text, rule: rule)
        }
        return (parts[0], port)
    }
}

/// What kept a simulated terminal from listening.
public struct ListenError: Explained, Hashable {
    /// An address or the path of a pty.
    public let place: String
    public let reason: String

    init(_ place: String) {
        self.place = place
        reason = String(cString: strerror(errno))
    }

    public var problem: Problem {
        Problem(
            code: "simulator.cannot-listen",
            summary: Text(
                id: "Mesin tiruan tidak bisa mendengar di \(place) (\(reason)).",
                en: "The simulated terminal cannot listen at \(place) (\(reason))."),
            remedy: Text(
                id: "Pilih port lain (0: yang bebas) atau folder yang bisa ditulis.",
                en: "Choose another port (0: a free one) or a folder that can be written to."))
    }
}

/// A stream to a numeric IPv4 address; nil if nobody answers there.
func connectedSocket(_ host: String, _ port: UInt16) -> Int32? {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
        close(file)
        return nil
    }
    let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard result == 0 else {
        close(file)
        return nil
    }
    return file
}

/// A socket of this process bound to a numeric IPv4 address.
struct BoundSocket {
    let file: Int32
    let port: UInt16

    init(_ kind: __socket_type, _ host: String, _ port: UInt16) throws(ListenError) {
        let place = "\(host):\(port)"
        let file = socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { throw ListenError(place) }
        var yes: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            errno = EINVAL
            throw ListenError(place)
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(file, $0, length) == 0 && getsockname(file, $0, &length) == 0
            }
        }
        guard bound, kind != SOCK_STREAM || listen(file, 16) == 0 else { throw ListenError(place) }
        self.file = file
        self.port = UInt16(bigEndian: address.sin_port)
    }

    /// Takes connections on a thread of their own, each with another thread.
    func serve(_ body: @escaping @Sendable (Int32) -> Void) {
        let file = file
        DispatchQueue(label: "titian-sim.accept").async {
            while true {
                let connection = accept(file, nil, nil)
                if connection < 0 {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    return
                }
                var yes: Int32 = 1
                setsockopt(
                    connection, Int32(IPPROTO_TCP), TCP_NODELAY, &yes,
                    socklen_t(MemoryLayout<Int32>.size))
                DispatchQueue(label: "titian-sim.connection").async {
                    body(connection)
                    close(connection)
                }
            }
        }
    }
}

/// Reads what is there, waiting for at least one byte; empty at the end.
func readSome(_ file: Int32) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
        var got = -1
        repeat {
            got = read(file, buffer.baseAddress, buffer.count)
        } while got < 0 && errno == EINTR
        count = max(0, got)
    }
}

/// Writes all of `bytes`; false if the other end is gone.
func writeAll(_ file: Int32, _ bytes: [UInt8]) -> Bool {
    var start = 0
    while start < bytes.count {
        let count = bytes.withUnsafeBytes {
            write(file, $0.baseAddress.map { $0 + start }, $0.count - start)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        start += count
    }
    return true
}
