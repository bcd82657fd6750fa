import CTermios
import Dispatch
import Glibc
import Synchronization
import TerminalKit

/// The thread of one line: blocking work is done there and never on the threads that all tasks
/// share. Cancelling the waiting task ends a wait at once.
///
/// Why poll on a thread: docs/decisions/0005-poll-threads-for-lines.md.
final class Waiter: Sendable {
    private let queue: DispatchQueue
    /// An eventfd that ends a poll; -1 if the process has no descriptors left.
    private let bell: Int32

    init(label: String) {
        queue = DispatchQueue(label: "titian.line \(label)")
        bell = titian_make_bell()
    }

    deinit { close(bell) }

    /// Runs `work` on the line's thread.
    func perform<Result: Sendable>(
        _ work: @escaping @Sendable (Cancellation) throws(LinkError) -> Result
    ) async throws(LinkError) -> Result {
        let cancellation = Cancellation(bell: bell)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(returning: Self.result(of: work, cancellation))
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// Runs `work` on the line's thread even when the task has been cancelled; waits for its end
    /// no longer than `limit`.
    func finish(within limit: Duration, _ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let waiting = Once(continuation)
            queue.async {
                work()
                waiting.end()
            }
            let end = DispatchTime.now() + .milliseconds(Int(limit.pollMilliseconds))
            DispatchQueue.global().asyncAfter(deadline: end) { waiting.end() }
        }
    }

    private static func result<Value>(
        of work: (Cancellation) throws(LinkError) -> Value, _ cancellation: Cancellation
    ) -> Swift.Result<Value, LinkError> {
        do throws(LinkError) {
            guard !cancellation.isCancelled else { throw LinkError.cancelled }
            return .success(try work(cancellation))
        } catch {
            return .failure(error)
        }
    }
}

/// A wait that two may end, and the first of them does.
private final class Once: Sendable {
    private let continuation: Mutex<CheckedContinuation<Void, Never>?>

    init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = Mutex(continuation)
    }

    func end() {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume()
    }
}

/// Whether one piece of work is still wanted, and what wakes it when it no longer is.
final class Cancellation: Sendable {
    private let flag = Atomic(false)
    fileprivate let bell: Int32

    init(bell: Int32) {
        self.bell = bell
    }

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() {
        flag.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    /// Waits until `file` is ready for `events`, or has trouble.
    ///
    /// - Parameter deadline: Then ``LinkError/silent(after:)`` with `limit` is thrown.
    /// - Returns: What poll says of the descriptor; never nothing.
    func wait(
        for events: Int32, on file: Int32, until deadline: ContinuousClock.Instant,
        limit: Duration
    ) throws(LinkError) -> Int32 {
        while !isCancelled {
            // A limit of nothing still takes what is there already.
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            var files = [
                pollfd(fd: file, events: Int16(events), revents: 0),
                pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&files, 2, left.pollMilliseconds)
            if ready < 0, errno != EINTR { throw .closed(reason: reasonOfNow()) }
            if files[1].revents != 0 { drainBell() }
            if ready > 0, files[0].revents != 0 { return Int32(files[0].revents) }
            if ready == 0, left == .zero { throw .silent(after: limit) }
        }
        throw .cancelled
    }

    /// Waits until any of `files` can be written to, or has trouble.
    ///
    /// - Parameters:
    ///   - files: Descriptors; nil for one that is closed, which is ready at once.
    ///   - deadline: Then nothing is ready.
    /// - Returns: The places in `files` of those that are ready.
    func waitForAny(
        _ files: [Int32?], until deadline: ContinuousClock.Instant
    ) throws(LinkError) -> [Int] {
        var polled = files.map { pollfd(fd: $0 ?? -1, events: Int16(POLLOUT), revents: 0) }
        polled.append(pollfd(fd: bell, events: Int16(POLLIN), revents: 0))
        guard !isCancelled else { throw .cancelled }
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        let wait = files.contains(nil) ? 0 : left.pollMilliseconds
        let ready = poll(&polled, nfds_t(polled.count), wait)
        if ready < 0, errno != EINTR { throw .closed(reason: reasonOfNow()) }
        if polled.last?.revents != 0 { drainBell() }
        guard !isCancelled else { throw .cancelled }
        return files.indices.filter { files[$0] == nil || polled[$0].revents != 0 }
    }

    /// Does nothing until `deadline`.
    func rest(until deadline: ContinuousClock.Instant) throws(LinkError) {
        while ContinuousClock.now < deadline { _ = try waitForAny([], until: deadline) }
    }

    /// A ring that was meant for earlier work must not spin the poll.
    private func drainBell() {
        var count: UInt64 = 0
        _ = read(bell, &count, 8)
    }
}

extension Duration {
    /// Rounded up, so that a poll never ends just before its deadline and spins.
    var pollMilliseconds: Int32 {
        guard self > .zero else { return 0 }
        let parts = components
        return Int32(
            clamping: parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000 + 1)
    }
}

/// The C library's words for what just failed.
func reasonOfNow(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
