import Glibc
import TerminalKit

extension Socket {
    /// Binds a port and listens; used on a line's own thread, because looking up a name blocks.
    ///
    /// - Returns: The socket, and the port it got.
    static func listenTCP(_ host: String, _ port: Int) throws(LinkError) -> (OpenFile, Int) {
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let found: [SocketAddress]
        do {
            found = try addresses(of: host, port, SOCK_STREAM, place)
        } catch .unreachable(_, let reason) {
            throw .cannotListen(address: place, reason: reason)
        }
        guard let address = found.first else {
            throw .cannotListen(address: place, reason: "no address")
        }
        let flags = Int32(
            SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(address.family, flags, 0)
        guard number >= 0 else { throw .cannotListen(address: place, reason: reasonOfNow()) }
        let file = OpenFile(number)
        // A daemon that starts again must not wait for old connections to be forgotten.
        set(number, SOL_SOCKET, SO_REUSEADDR, 1)
        guard address.with({ bind(number, $0, $1) }) == 0, listen(number, 64) == 0,
            let bound = boundPort(of: number)
        else { throw .cannotListen(address: place, reason: reasonOfNow()) }
        return (file, bound)
    }

    /// - Returns: A connection that does not block, or -1 with `errno` set.
    static func accept(_ file: Int32, _ peer: inout sockaddr_storage) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = withUnsafeMutablePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.accept(file, $0, &length)
            }
        }
        // Two calls, because Swift's Glibc module leaves accept4 out; this program starts no other.
        if number >= 0 {
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
            _ = fcntl(number, F_SETFL, O_NONBLOCK)
        }
        return number
    }

    /// The numeric address without the port; of a mapped IPv4 address that alone.
    static func name(of storage: sockaddr_storage) -> String {
        var storage = storage
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo($0, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard result == 0 else { return "unknown" }
        let name = String(
            decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let mapped = "::ffff:"
        return name.hasPrefix(mapped) ? String(name.dropFirst(mapped.count)) : name
    }

    private static func boundPort(of file: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(file, $0, &length)
            }
        }
        guard result == 0 else { return nil }
        // The port stands at the same place for both families.
        return withUnsafeBytes(of: &storage) { Int($0[2]) << 8 | Int($0[3]) }
    }
}
