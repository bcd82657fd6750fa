import Attendance
import Dispatch
import Glibc
import Synchronization

/// Puts a simulated terminal on its lines.
enum Lines {
    /// - Returns: The address as a bridge's configuration wants it.
    static func open(
        _ address: ListenAddress, _ terminals: [SimulatedTerminal]
    ) throws -> String {
        switch address {
        case .tcp(let host, let port):
            let socket = try BoundSocket(SOCK_STREAM, host, port)
            socket.serve { converse(over: $0, terminals) }
            return "tcp://\(host):\(socket.port)"
        case .udp(let host, let port):
            let socket = try BoundSocket(SOCK_DGRAM, host, port)
            DispatchQueue(label: "titian-sim.udp").async { datagrams(socket.file, terminals) }
            return "udp://\(host):\(socket.port)"
        case .pty(let path):
            let master = try PseudoTerminal(linkedAt: path)
            DispatchQueue(label: "titian-sim.pty").async { master.serve(terminals) }
            return "serial://\(path)"
        case .dial(let host, let port):
            DispatchQueue(label: "titian-sim.dial").async { dial(host, port, terminals) }
            return "listen://\(host):\(port)"
        }
    }

    private static func converse(over file: Int32, _ terminals: [SimulatedTerminal]) {
        guard let terminal = terminals.first, isAdmitted(to: terminal) else { return }
        defer { terminal.masterLeft() }
        let outlet = Outlet(terminals, isDatagram: false) { writeAll(file, $0) }
        defer { outlet.end() }
        while true {
            let bytes = readSome(file)
            guard !bytes.isEmpty, outlet.take(bytes) else { return }
        }
    }

    /// Whoever comes while another is there is sent away; one who is just going is waited for.
    private static func isAdmitted(to terminal: SimulatedTerminal) -> Bool {
        for _ in 0..<50 {
            if terminal.admitsMaster() { return true }
            usleep(10_000)
        }
        return false
    }

    /// Dials a bridge, and dials again a second after the line is gone.
    private static func dial(_ host: String, _ port: UInt16, _ terminals: [SimulatedTerminal]) {
        let wait = terminals.first.map { max(1, $0.settings.heartbeat) } ?? 300
        while terminals.allSatisfy({ !$0.with(\.isGone) }) {
            if let file = connectedSocket(host, port) {
                talk(over: file, terminals, beatingEvery: Int32(clamping: wait * 1_000))
                close(file)
            }
            usleep(1_000_000)
        }
    }

    private static func talk(
        over file: Int32, _ terminals: [SimulatedTerminal], beatingEvery wait: Int32
    ) {
        let outlet = Outlet(terminals, isDatagram: false) { writeAll(file, $0) }
        defer { outlet.end() }
        guard outlet.beat() else { return }
        while true {
            var question = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            if poll(&question, 1, wait) == 0 {
                guard outlet.beat() else { return }
                continue
            }
            let bytes = readSome(file)
            guard !bytes.isEmpty, outlet.take(bytes) else { return }
        }
    }

    /// Each address that writes is a connection of its own.
    private static func datagrams(_ file: Int32, _ terminals: [SimulatedTerminal]) {
        var outlets: [Data: Outlet] = [:]
        while true {
            guard let (bytes, peer) = receive(file) else { return }
            let outlet =
                outlets[peer]
                ?? Outlet(terminals, isDatagram: true) { send(file, $0, to: peer) }
            outlets[peer] = outlet
            if bytes.isConnect, outlets.count > 64 {
                for (old, other) in outlets where old != peer {
                    other.end()
                    outlets[old] = nil
                }
            }
            _ = outlet.take(bytes)
        }
    }

    typealias Data = [UInt8]

    private static func receive(_ file: Int32) -> (bytes: Data, peer: Data)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var result = -1
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            result = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(file, buffer.baseAddress, buffer.count, 0, $0, &length)
                }
            }
            count = max(0, result)
        }
        if result < 0, errno != EINTR, errno != ECONNREFUSED { return nil }
        let peer = withUnsafeBytes(of: &storage) { Array($0.prefix(Int(length))) }
        return (bytes, peer)
    }

    /// A full datagram is followed by a short breath: a whole log sent at once would be lost in
    /// the receiver's buffer, and no terminal is that fast.
    private static func send(_ file: Int32, _ bytes: [UInt8], to peer: [UInt8]) -> Bool {
        if bytes.count >= 1_024 { usleep(50) }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: peer) }
        _ = withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(file, bytes, bytes.count, 0, $0, socklen_t(peer.count))
            }
        }
        return true
    }
}

extension [UInt8] {
    /// A ZKTeco CONNECT, the beginning of a talk.
    fileprivate var isConnect: Bool { starts(with: [0xE8, 0x03]) }
}

/// A serial line that is none: the other end is a symbolic link to a pty.
struct PseudoTerminal: Sendable {
    let master: Int32
    /// Kept open, so that a bridge may come and go without hanging the line up.
    private let slave: Int32

    // TIOCSPTLCK and TIOCGPTN, which Swift's Glibc module lacks.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    init(linkedAt path: String) throws(ListenError) {
        master = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        var isLocked: Int32 = 0
        var number: Int32 = 0
        guard master >= 0, ioctl(master, Self.setLock, &isLocked) == 0,
            ioctl(master, Self.getNumber, &number) == 0
        else { throw ListenError(path) }
        let name = "/dev/pts/\(number)"
        slave = Glibc.open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard slave >= 0 else { throw ListenError(path) }
        var settings = termios()
        tcgetattr(slave, &settings)
        cfmakeraw(&settings)
        tcsetattr(slave, TCSANOW, &settings)
        unlink(path)
        guard symlink(name, path) == 0 else { throw ListenError(path) }
    }

    func serve(_ terminals: [SimulatedTerminal]) {
        // Nobody has to read what a terminal pushes: a full line loses it, as a real one does, and
        // nobody waits for a reader that has gone.
        let isRead = Atomic(true)
        let outlet = Outlet(terminals, isDatagram: false) { bytes in
            if !isRead.load(ordering: .relaxed) { return true }
            isRead.store(Self.write(bytes, to: master), ordering: .relaxed)
            return true
        }
        while true {
            var question = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            _ = poll(&question, 1, -1)
            let bytes = readSome(master)
            if bytes.isEmpty, errno == EAGAIN { continue }
            guard !bytes.isEmpty else { return }
            isRead.store(true, ordering: .relaxed)
            // A client that was killed leaves its claim on the line behind, because the line
            // stays open here; who is not root could never open it again.
            _ = ioctl(slave, UInt(TIOCNXCL), 0 as CInt)
            _ = outlet.take(bytes)
        }
    }

    /// Writes without blocking.
    ///
    /// - Returns: Whether somebody takes the bytes within two seconds.
    private static func write(_ bytes: [UInt8], to master: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            var question = pollfd(fd: master, events: Int16(POLLOUT), revents: 0)
            guard poll(&question, 1, 2_000) > 0 else { return false }
            let count = bytes.withUnsafeBytes {
                Glibc.write(master, $0.baseAddress.map { $0 + start }, $0.count - start)
            }
            if count < 0, errno != EINTR, errno != EAGAIN { return false }
            start += max(0, count)
        }
        return true
    }
}
