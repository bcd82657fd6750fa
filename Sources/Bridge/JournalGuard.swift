import Attendance
import Journal
import Logging
import ServiceLifecycle
import Synchronization

/// Looks through the journal's file behind the start, and ends the daemon's services when the file
/// has to be repaired: only who opens it can do that.
final class JournalGuard: Service {
    private let journal: Journal
    private let logger: Logger
    private let found = Mutex<RepairCause?>(nil)

    init(_ journal: Journal, logger: Logger) {
        self.journal = journal
        self.logger = logger
    }

    /// Why the services have ended; nil if somebody has ended the daemon.
    var cause: RepairCause? { found.withLock { $0 } }

    func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.examine() }
                for await cause in self.journal.alarms {
                    self.found.withLock { $0 = cause }
                    self.logger.error(
                        "the journal has to be repaired",
                        metadata: ["cause": "\(cause.kind.rawValue)", "detail": "\(cause.detail)"])
                    break
                }
                group.cancelAll()
            }
        }
    }

    private func examine() async {
        do {
            try await journal.examine()
        } catch {
            let problem = Problem(explaining: error)
            logger.warning(
                "the journal was not looked through", metadata: ["code": "\(problem.code)"])
        }
        Heap.giveBack()
    }
}
