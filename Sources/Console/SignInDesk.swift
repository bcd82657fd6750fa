import Attendance
import Dispatch

/// Checks passwords: one at a time, on a thread of its own, and not too many of them.
///
/// A check is made to cost time and 32 MB. On a queue of its own it holds up neither the calls
/// of bridges nor the pages, and a crowd at the door cannot use up the memory.
actor SignInDesk {
    enum Verdict: Equatable {
        case right
        case wrong
        /// Too many failures: come again in so many seconds.
        case wait(seconds: Int)
    }

    private var limit = SignInLimit()
    private var waiting = 0
    private let queue = DispatchQueue(label: "titian.passwords")
    private static let mostWaiting = 16

    /// - Parameter hash: What is stored for the name; nil if there is no such account.
    func check(
        name: String, password: String, hash: String?, address: String, at now: UTCTime
    ) async -> Verdict {
        if let seconds = limit.wait(name: name, address: address, at: now) {
            return .wait(seconds: seconds)
        }
        guard waiting < Self.mostWaiting else { return .wait(seconds: 10) }
        waiting += 1
        // Counted before it is known: attempts made at the same time must not slip through.
        limit.failed(name: name, address: address, at: now)
        let isRight = await matches(password, hash: hash)
        waiting -= 1
        guard isRight else { return .wrong }
        limit.succeeded(name: name, address: address)
        return .right
    }

    private nonisolated func matches(_ password: String, hash: String?) async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Password.matches(password, hash: hash))
            }
        }
    }
}
