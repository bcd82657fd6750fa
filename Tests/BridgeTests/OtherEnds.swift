import Dispatch
import Glibc
import Synchronization

private final class Box: Sendable {
    let result = Mutex<[[UInt8]]>([])
    let done = DispatchSemaphore(value: 0)
}

/// A TCP port on loopback that counts who comes.
final class Listener: Sendable {
    private let number: Int32
    private let counted = Mutex(0)

    var connections: Int { counted.withLock { $0 } }

    init?(host: String, port: UInt16) {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) == 0 }
        }
        guard isBound, listen(number, 4) == 0 else { return nil }
    }

    deinit { Glibc.close(number) }

    /// Does `work` on a thread of its own.
    ///
    /// - Returns: Waits for its result.
    func begin(_ work: @escaping @Sendable (Listener) -> [[UInt8]]) -> () -> [[UInt8]] {
        let box = Box()
        DispatchQueue(label: "listener").async { [self] in
            let heard = work(self)
            box.result.withLock { $0 = heard }
            box.done.signal()
        }
        return {
            box.done.wait()
            return box.result.withLock { $0 }
        }
    }

    /// Takes one connection, says `bytes` after the first that come, and hangs up.
    func answerOnce(_ bytes: [UInt8]) {
        let file = accept(number, nil, nil)
        counted.withLock { $0 += 1 }
        _ = Self.read(file)
        _ = Glibc.write(file, bytes, bytes.count)
        while !Self.read(file).isEmpty {}
        Glibc.close(file)
    }

    /// Takes one connection and answers packet after packet, the TCP prefix put in front.
    ///
    /// - Returns: What came until the other side hung up.
    func answer(_ answers: [[UInt8]]) -> [[UInt8]] {
        let file = accept(number, nil, nil)
        counted.withLock { $0 += 1 }
        var heard: [[UInt8]] = []
        var rest = answers[...]
        while true {
            let bytes = Self.read(file)
            if bytes.isEmpty { break }
            heard.append(bytes)
            guard let packet = rest.popFirst() else { continue }
            let frame = [0x50, 0x50, 0x82, 0x7D, UInt8(packet.count), 0, 0, 0] + packet
            _ = Glibc.write(file, frame, frame.count)
        }
        Glibc.close(file)
        return heard
    }

    private static func read(_ file: Int32) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(file, &page, page.count)
        return Array(page.prefix(max(0, count)))
    }
}

/// A pty on whose other end nobody answers.
final class SilentPort: Sendable {
    let path: String
    private let master: Int32

    /// `TIOCSPTLCK` and `TIOCGPTN`, which Swift's Glibc does not show.
    private static let unlock: UInt = 0x4004_5431
    private static let nameOfSlave: UInt = 0x8004_5430

    init?() {
        master = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var name: UInt32 = 0
        var unlocked: Int32 = 0
        guard master >= 0, ioctl(master, Self.unlock, &unlocked) == 0,
            ioctl(master, Self.nameOfSlave, &name) == 0
        else { return nil }
        path = "/dev/pts/\(name)"
    }

    deinit { Glibc.close(master) }

    /// Begins to note whatever is sent to the terminal, and says `bytes` again and again.
    func begin(saying bytes: [UInt8] = []) {
        DispatchQueue(label: "silent port").async { [self] in
            while !isOver.load(ordering: .acquiring) {
                if !bytes.isEmpty { _ = Glibc.write(master, bytes, bytes.count) }
                take(within: 20)
            }
            take(within: 0)
            done.signal()
        }
    }

    /// - Returns: Everything that was sent since ``begin(saying:)``.
    func end() -> [UInt8] {
        isOver.store(true, ordering: .releasing)
        done.wait()
        return noted.withLock { $0 }
    }

    private let isOver = Atomic(false)
    private let done = DispatchSemaphore(value: 0)
    private let noted = Mutex<[UInt8]>([])

    private func take(within milliseconds: Int32) {
        var question = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&question, 1, milliseconds) > 0 else { return }
        var page = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(master, &page, page.count)
        // Without a reader of the slave the poll returns at once: then it is only waited.
        guard count > 0 else { return _ = poll(nil, 0, milliseconds) }
        noted.withLock { $0 += page.prefix(count) }
    }
}
