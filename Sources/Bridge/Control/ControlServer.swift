import Attendance
import Glibc
public import ServiceLifecycle

/// Answers questions on a Unix socket: one JSON object a line each way, several clients at once.
///
/// One thread waits for the sockets (`SocketLoop`); questions are answered in this service's own
/// tasks, so a slow question delays no other client.
public final class ControlServer: Service {
    public typealias Handler = @Sendable (_ line: [UInt8]) async -> [UInt8]

    private let loop: SocketLoop
    private let handler: Handler
    private let path: String

    /// Listens at once; a stale socket of a daemon that is gone is replaced.
    ///
    /// - Parameters:
    ///   - path: Where the socket is made.
    ///   - handler: Gets a line without its newline, gives one without a newline.
    /// - Throws: ``ControlError/cannotListen(socket:reason:)``.
    public init(socket path: String, handler: @escaping Handler) throws(ControlError) {
        self.path = path
        self.handler = handler
        loop = SocketLoop(listener: try Self.listener(at: path))
    }

    /// Answers until the service is told to stop; then removes the socket.
    public func run() async {
        let requests = loop.start()
        await withDiscardingTaskGroup { group in
            for await request in requests.cancelOnGracefulShutdown() {
                group.addTask {
                    self.loop.answer(request.client, await self.handler(request.line))
                }
            }
            group.cancelAll()
        }
        loop.stop()
        unlink(path)
    }

    private static func listener(at path: String) throws(ControlError) -> Int32 {
        guard let address = UnixAddress(path) else {
            throw .cannotListen(
                socket: path, reason: "1…\(UnixAddress.longest) bytes")
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let file = socket(AF_UNIX, type, 0)
        guard file >= 0 else {
            throw .cannotListen(socket: path, reason: SystemError(path).reason)
        }
        removeStale(path, address)
        guard address.with({ bind(file, $0, $1) }) == 0, listen(file, 16) == 0 else {
            let reason = SystemError(path).reason
            close(file)
            throw .cannotListen(socket: path, reason: reason)
        }
        chmod(path, 0o660)
        return file
    }

    /// A socket file that nobody listens at is what a killed daemon leaves behind.
    private static func removeStale(_ path: String, _ address: UnixAddress) {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return }
        defer { close(probe) }
        if address.with({ connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED { unlink(path) }
    }
}
