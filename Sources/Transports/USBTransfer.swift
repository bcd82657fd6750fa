import CUSB
import Dispatch
import Synchronization

/// One transfer and its memory, which belong to libusb from the moment it is submitted until its
/// callback has run: neither a task that is cancelled nor a link that is closed frees them before.
final class USBTransfer: Sendable {
    enum Ending: Hashable, Sendable {
        case completed
        case timedOut
        case cancelled
        /// The endpoint has halted and waits to be cleared.
        case stalled
        /// The device is gone, or does nothing any more.
        case gone(reason: String)
    }

    /// `count` bytes have gone through, whatever the ending: also one that timed out or was
    /// cancelled may have brought some.
    struct Outcome: Hashable, Sendable {
        let ending: Ending
        let count: Int
    }

    private struct State {
        var isCancelled = false
        /// There while libusb holds the transfer.
        var continuation: CheckedContinuation<Outcome, Never>?
    }

    /// After a sudden unplug a kernel may never report the end. Then the task goes on and the
    /// memory stays with libusb for good.
    private static let patience = DispatchTimeInterval.seconds(2)

    private nonisolated(unsafe) let transfer: UnsafeMutablePointer<libusb_transfer>
    private nonisolated(unsafe) let buffer: UnsafeMutableBufferPointer<UInt8>
    private let state = Mutex(State())

    /// - Parameters:
    ///   - handle: An open device.
    ///   - endpoint: 0 for a control transfer.
    ///   - bytes: What is sent, set-up packet included; zeros of the wanted length to receive.
    ///   - limit: Ends the transfer; rounded up to a few milliseconds, for 0 means for ever.
    init?(_ handle: OpaquePointer, endpoint: UInt8, bytes: [UInt8], within limit: Duration) {
        guard let transfer = libusb_alloc_transfer(0) else { return nil }
        self.transfer = transfer
        buffer = .allocate(capacity: max(1, bytes.count))
        _ = buffer.initialize(from: bytes)
        transfer.pointee.dev_handle = handle
        transfer.pointee.endpoint = endpoint
        let kind = endpoint == 0 ? LIBUSB_TRANSFER_TYPE_CONTROL : LIBUSB_TRANSFER_TYPE_BULK
        transfer.pointee.type = UInt8(kind.rawValue)
        transfer.pointee.timeout = UInt32(max(5, limit.pollMilliseconds))
        transfer.pointee.buffer = buffer.baseAddress
        transfer.pointee.length = Int32(clamping: bytes.count)
        transfer.pointee.callback = { transfer in
            guard let owner = transfer?.pointee.user_data else { return }
            Unmanaged<USBTransfer>.fromOpaque(owner).takeRetainedValue().landed()
        }
    }

    deinit {
        libusb_free_transfer(transfer)
        buffer.deallocate()
    }

    /// The first `count` bytes of what came. Only after ``run()``.
    func bytes(_ count: Int) -> [UInt8] { Array(buffer.prefix(count)) }

    /// Submits, and waits for the callback. Cancelling the task cancels the transfer.
    func run() async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let outcome = submit(continuation) { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// - Returns: How it ended, if it never began.
    private func submit(_ continuation: CheckedContinuation<Outcome, Never>) -> Outcome? {
        state.withLock { state in
            guard !state.isCancelled else { return Outcome(ending: .cancelled, count: 0) }
            let owner = Unmanaged.passRetained(self)
            transfer.pointee.user_data = owner.toOpaque()
            let code = libusb_submit_transfer(transfer)
            guard code == 0 else {
                owner.release()
                return Outcome(ending: .gone(reason: usbReason(code)), count: 0)
            }
            state.continuation = continuation
            return nil
        }
    }

    /// On the event thread, once for each transfer that was submitted.
    private func landed() {
        let count = min(max(0, Int(transfer.pointee.actual_length)), buffer.count)
        end(Outcome(ending: Self.ending(transfer.pointee.status), count: count))
    }

    private func cancel() {
        let isFlying = state.withLock { state in
            state.isCancelled = true
            guard state.continuation != nil else { return false }
            libusb_cancel_transfer(transfer)
            return true
        }
        guard isFlying else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) {
            self.end(Outcome(ending: .gone(reason: "no end of a transfer"), count: 0))
        }
    }

    private func end(_ outcome: Outcome) {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(returning: outcome)
    }

    private static func ending(_ status: libusb_transfer_status) -> Ending {
        switch status {
        case LIBUSB_TRANSFER_COMPLETED: .completed
        case LIBUSB_TRANSFER_TIMED_OUT: .timedOut
        case LIBUSB_TRANSFER_CANCELLED: .cancelled
        case LIBUSB_TRANSFER_STALL: .stalled
        case LIBUSB_TRANSFER_NO_DEVICE: .gone(reason: "unplugged")
        case LIBUSB_TRANSFER_OVERFLOW: .gone(reason: "more bytes than asked for")
        default: .gone(reason: "input/output error")
        }
    }
}

/// libusb's words for an error number.
func usbReason(_ code: Int32) -> String {
    code == LIBUSB_ERROR_NO_DEVICE.rawValue ? "unplugged" : String(cString: libusb_strerror(code))
}
