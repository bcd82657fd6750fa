import Synchronization

/// Leads from what is made first to the sending, which is made last and needs all the others.
final class Links: Sendable {
    private let sending = Mutex<SendingTask?>(nil)
    /// Rung when the office's page may have to be another one.
    let page = Bell()

    func connect(_ sending: SendingTask) {
        self.sending.withLock { $0 = sending }
    }

    func statusChanged() {
        sending.withLock { $0 }?.statusChanged()
        page.ring(.status)
    }

    /// Something new is on disk.
    func written() {
        sending.withLock { $0 }?.nudge()
        page.ring(.entries)
    }

    func syncStatus() async -> SyncStatus {
        let task = sending.withLock { $0 }
        return await task?.status() ?? SyncStatus(state: .notEnrolled)
    }
}
