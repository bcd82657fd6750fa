import Glibc
import Synchronization
import TerminalKit

/// An open, non-blocking descriptor that is closed exactly once.
final class OpenFile: Sendable {
    private let descriptor: Mutex<Int32>
    private let closed: (@Sendable () -> Void)?

    /// - Parameter closed: Called once, when the descriptor has been closed.
    init(_ descriptor: Int32, closed: (@Sendable () -> Void)? = nil) {
        self.descriptor = Mutex(descriptor)
        self.closed = closed
    }

    deinit { close() }

    func close() {
        let number = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        guard number >= 0 else { return }
        Glibc.close(number)
        closed?()
    }

    /// - Throws: ``LinkError/closed(reason:)`` once it is closed.
    func number() throws(LinkError) -> Int32 {
        let number = descriptor.withLock { $0 }
        guard number >= 0 else { throw .closed(reason: "closed already") }
        return number
    }

    /// Writes all of `bytes`, however often the kernel takes only some.
    func write(
        _ bytes: [UInt8], until deadline: ContinuousClock.Instant, limit: Duration,
        _ cancellation: Cancellation
    ) throws(LinkError) {
        let file = try number()
        var start = 0
        while start < bytes.count {
            let ready = try cancellation.wait(
                for: POLLOUT, on: file, until: deadline, limit: limit)
            guard ready & POLLOUT != 0 else { throw .closed(reason: "hung up") }
            let count = bytes.withUnsafeBytes {
                Self.put(file, $0.baseAddress.map { $0 + start }, $0.count - start)
            }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { throw .closed(reason: reasonOfNow()) }
            start += count
        }
    }

    /// A socket whose other end is gone must not end the process.
    private static func put(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        let sent = send(file, bytes, count, Int32(MSG_NOSIGNAL))
        if sent < 0, errno == ENOTSOCK { return Glibc.write(file, bytes, count) }
        return sent
    }

    /// Waits for bytes and takes what is there.
    ///
    /// - Returns: Empty at the end of a stream.
    func read(
        atMost capacity: Int, until deadline: ContinuousClock.Instant, limit: Duration,
        _ cancellation: Cancellation
    ) throws(LinkError) -> [UInt8] {
        let file = try number()
        while true {
            _ = try cancellation.wait(for: POLLIN, on: file, until: deadline, limit: limit)
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                let got = Glibc.read(file, buffer.baseAddress, buffer.count)
                failure = got < 0 ? errno : 0
                count = max(0, got)
            }
            if failure == 0 { return bytes }
            if failure == EAGAIN || failure == EINTR { continue }
            throw .closed(reason: reasonOfNow(failure))
        }
    }
}
