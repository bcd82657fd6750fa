import Dispatch
import Glibc
import Synchronization

/// The thread that waits for the control socket and its clients.
///
/// Only the thread touches clients; answers reach it through a locked list and a pipe that wakes
/// it. It costs nothing while nobody asks.
final class SocketLoop: Sendable {
    struct Request: Sendable {
        let client: UInt64
        let line: [UInt8]
    }

    /// More than this at once is no person with a command.
    static let mostClients = 32
    /// The longest question.
    static let longestLine = 65_536

    private let listener: Int32
    /// A pipe: a byte in it wakes the thread.
    private let waker: (read: Int32, write: Int32)
    private let waiting = Mutex(Waiting())
    private let ended = DispatchSemaphore(value: 0)

    private struct Waiting {
        var answers: [(client: UInt64, bytes: [UInt8])] = []
        var isStopping = false
    }

    /// - Parameter listener: A listening socket that does not block; closed by ``stop()``.
    init(listener: Int32) {
        self.listener = listener
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends { setUpForPolling(end) }
        waker = (ends[0], ends[1])
    }

    /// Starts the thread.
    ///
    /// - Returns: The questions as they come; ends when the loop is stopped.
    func start() -> AsyncStream<Request> {
        let (stream, questions) = AsyncStream<Request>.makeStream()
        let thread = Thread { [self] in
            var clients = Clients()
            while wait(for: &clients, questions) {}
            clients.closeAll()
            questions.finish()
            ended.signal()
        }
        thread.start()
        return stream
    }

    /// Hands an answer to its client, if it is still there.
    func answer(_ client: UInt64, _ line: [UInt8]) {
        waiting.withLock { $0.answers.append((client, line + [UInt8(ascii: "\n")])) }
        wake()
    }

    /// Ends the thread and closes every socket; what has been answered goes out before.
    func stop() {
        waiting.withLock { $0.isStopping = true }
        wake()
        ended.wait()
        for file in [listener, waker.read, waker.write] { close(file) }
    }

    private func wake() {
        var byte: UInt8 = 1
        write(waker.write, &byte, 1)
    }

    /// One turn of the thread.
    ///
    /// - Returns: Whether to go on.
    private func wait(
        for clients: inout Clients, _ questions: AsyncStream<Request>.Continuation
    ) -> Bool {
        var polled = [
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.read, events: Int16(POLLIN), revents: 0),
        ]
        polled += clients.polled
        guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { return false }
        var drain = [UInt8](repeating: 0, count: 64)
        while read(waker.read, &drain, drain.count) > 0 {}
        let (answers, isStopping) = waiting.withLock { state in
            defer { state.answers = [] }
            return (state.answers, state.isStopping)
        }
        for answer in answers { clients.queue(answer.bytes, for: answer.client) }
        for ready in polled.dropFirst(2) where ready.revents != 0 {
            for line in clients.serve(ready.fd, ready.revents) { questions.yield(line) }
        }
        if polled[0].revents & Int16(POLLIN) != 0 { clients.accept(from: listener) }
        return !isStopping
    }
}

/// A file that is not to block, nor to reach a child process.
func setUpForPolling(_ file: Int32) {
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK)
}

/// A thread of its own for work that waits in the kernel.
struct Thread {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    func start() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 256 << 10)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let failed = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        precondition(failed == 0, "the kernel gives this process no thread")
    }

    private final class Box {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
