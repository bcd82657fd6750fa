import Attendance
import Exchange
import Logging
import ServiceLifecycle
import Synchronization

/// Sends as long as the bridge is enrolled; an enrolment that comes while the daemon runs starts
/// the sending, and a new one takes the place of the old.
final class SendingTask: Service {
    private let state: StateFolder
    private let logger: Logger
    private let make: @Sendable (Enrolment, @escaping @Sendable (Duration) -> Void) -> Uplink
    private let retryBase: Duration
    private let enrol: @Sendable (PendingEnrolment) async throws -> Enrolment
    private let hurry = Bell()
    private let current = Mutex<Uplink?>(nil)
    private let trouble = Mutex<Problem?>(nil)
    private let enrolled = Bell()
    private let liveness: Liveness
    /// What it is called where it says that it is at work.
    private static let name = "sending"

    /// - Parameters:
    ///   - liveness: Where it says that it is at work.
    ///   - enrol: Exchanges a code that waits for its enrolment, over the line.
    ///   - make: Makes the uplink of an enrolment, which says how long each of its steps may take.
    init(
        state: StateFolder, logger: Logger, liveness: Liveness, retryBase: Duration,
        enrol: @escaping @Sendable (PendingEnrolment) async throws -> Enrolment,
        make:
            @escaping @Sendable (Enrolment, _ expect: @escaping @Sendable (Duration) -> Void) ->
            Uplink
    ) {
        self.state = state
        self.logger = logger
        self.retryBase = retryBase
        self.enrol = enrol
        self.make = make
        self.liveness = liveness
    }

    /// Something new is on disk.
    func nudge() { uplink?.nudge() }

    /// A terminal was lost, or is back.
    func statusChanged() { uplink?.statusChanged() }

    func callNow() {
        uplink?.callNow()
        hurry.ring(.now)
    }

    /// `centre.json` is new.
    func reload() { enrolled.ring(.now) }

    func status() async -> SyncStatus {
        if let uplink { return await uplink.syncStatus() }
        var status = SyncStatus(
            state: .notEnrolled, centre: PendingEnrolment.load(from: state)?.url)
        status.lastProblem = trouble.withLock { $0 }.map(StatusProblem.init)
        return status
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled { await self.sendUntilReload() }
        }
    }

    private var uplink: Uplink? { current.withLock { $0 } }

    private func sendUntilReload() async {
        let uplink = enrolment().map { [liveness] enrolment in
            make(enrolment) { liveness.expect(Self.name, within: $0) }
        }
        current.withLock { $0 = uplink }
        await withDiscardingTaskGroup { group in
            if let uplink {
                group.addTask { await uplink.run() }
            } else if let pending = PendingEnrolment.load(from: state) {
                group.addTask { await self.keepEnrolling(pending) }
            }
            var reason: Bell.Reason?
            while reason == nil, !Task.isCancelled {
                reason = await enrolled.wait(atMost: .seconds(86_400), on: ContinuousClock())
            }
            group.cancelAll()
        }
        liveness.excuse(Self.name)
    }

    /// Asks until the centre has answered: the first contact may be weeks away.
    private func keepEnrolling(_ pending: PendingEnrolment) async {
        var schedule = RetrySchedule(base: retryBase)
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            liveness.expect(Self.name, within: Uplink.Limits.time)
            do {
                try await enrol(pending).save(to: state)
                PendingEnrolment.remove(from: state)
                logger.notice("enrolled at the first contact", metadata: ["url": "\(pending.url)"])
                return enrolled.ring(.now)
            } catch {
                let problem = Problem(explaining: error)
                let isNew = trouble.withLock { last in
                    defer { last = problem }
                    return last?.code != problem.code
                }
                if isNew {
                    logger.warning("not enrolled yet", metadata: ["code": "\(problem.code)"])
                }
            }
            let wait = schedule.failed(retryAfter: nil, using: &random)
            liveness.expect(Self.name, within: wait)
            _ = await hurry.wait(atMost: wait, on: ContinuousClock())
        }
    }

    private func enrolment() -> Enrolment? {
        do {
            let enrolment = try Enrolment.load(from: state)
            trouble.withLock { $0 = nil }
            return enrolment
        } catch {
            let problem = error.problem
            trouble.withLock { $0 = problem }
            logger.error(
                "the enrolment cannot be read",
                metadata: ["code": "\(problem.code)", "problem": "\(problem.line(.english))"])
            return nil
        }
    }
}
