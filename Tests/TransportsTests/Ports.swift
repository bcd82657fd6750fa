import Glibc
import TerminalKit
import Transports

/// The other end of a line under test: a pty's master or a socket, closed with the test.
final class OtherEnd: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    /// The speed both ends of a pty show, as a `B` constant.
    var speed: speed_t? {
        var settings = termios()
        return tcgetattr(number, &settings) == 0 ? cfgetospeed(&settings) : nil
    }

    deinit { Glibc.close(number) }

    func write(_ bytes: [UInt8]) -> Bool {
        Glibc.write(number, bytes, bytes.count) == bytes.count
    }

    /// Reads until `count` bytes have come; fewer only at the end of the stream.
    func read(_ count: Int) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: count)
        while all.count < count {
            let got = Glibc.read(number, &buffer, count - all.count)
            guard got > 0 else { break }
            all += buffer.prefix(got)
        }
        return all
    }
}

/// A pty: the master stands for the terminal, the path for the port.
struct PseudoTerminal {
    let path: String
    let master: OtherEnd

    /// `TIOCSPTLCK` and `TIOCGPTN`, which Swift's Glibc does not show.
    private static let unlock: UInt = 0x4004_5431
    private static let nameOfSlave: UInt = 0x8004_5430

    init?() {
        let number = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var name: UInt32 = 0
        var unlocked: Int32 = 0
        guard number >= 0, ioctl(number, Self.unlock, &unlocked) == 0,
            ioctl(number, Self.nameOfSlave, &name) == 0
        else { return nil }
        path = "/dev/pts/\(name)"
        master = OtherEnd(number)
    }
}

/// A socket on loopback that listens (TCP) or is bound (UDP) to a port of its own.
struct LoopbackSocket {
    let end: OtherEnd
    let port: UInt16

    init?(_ kind: __socket_type) {
        let number = socket(AF_INET, Int32(kind.rawValue), 0)
        guard number >= 0 else { return nil }
        end = OtherEnd(number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, length) == 0 && getsockname(number, $0, &length) == 0
            }
        }
        guard isBound, kind != SOCK_STREAM || listen(number, 4) == 0 else { return nil }
        port = UInt16(bigEndian: address.sin_port)
    }

    /// The next TCP connection.
    func accept() -> OtherEnd { OtherEnd(Glibc.accept(end.number, nil, nil)) }

    /// Receives a datagram and answers its sender with `answers`.
    func answer(with answers: [[UInt8]]) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var sender = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let got = recvfrom(end.number, &buffer, buffer.count, 0, address, &length)
                for bytes in answers {
                    sendto(end.number, bytes, bytes.count, 0, address, length)
                }
                return Array(buffer.prefix(max(0, got)))
            }
        }
    }
}

/// Receives until `count` bytes have come.
func receive(_ count: Int, from link: any Link) async throws -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count { all += try await link.receive(within: .seconds(5)) }
    return all
}

let everyByte = (0...255).map { UInt8($0) }
