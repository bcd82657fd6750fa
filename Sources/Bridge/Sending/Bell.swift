import Synchronization

/// Wakes a task that waits, such as the uplink: rung from anywhere, waited for by one task.
///
/// Rings while nobody waits are not lost and do not pile up.
final class Bell: Sendable {
    /// Why it was rung; the most urgent reason wins.
    enum Reason: Int, Comparable, Sendable {
        case status, entries, now

        static func < (left: Reason, right: Reason) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var rung: Reason?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring(_ reason: Reason) {
        let waiter = state.withLock { state in
            state.rung = max(state.rung ?? reason, reason)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// - Returns: nil if the time ran out or the task was cancelled.
    func wait(atMost limit: Duration, on clock: any Clock<Duration>) async -> Reason? {
        await wait { try? await clock.sleep(for: limit) }
    }

    /// - Returns: nil if the time ran out or the task was cancelled.
    @discardableResult
    func wait(atMost limit: Duration, at pace: Pace) async -> Reason? {
        await wait { try? await pace.sleep(limit) }
    }

    private func wait(for end: @escaping @Sendable () async -> Void) async -> Reason? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForRing() }
            group.addTask { await end() }
            await group.next()
            group.cancelAll()
        }
        return state.withLock { state in
            defer { state.rung = nil }
            return state.rung
        }
    }

    private func waitForRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.rung != nil || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
