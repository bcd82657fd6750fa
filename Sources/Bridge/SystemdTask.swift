import Attendance
import Journal
import Attendance
import Logging
import ServiceLifecycle
import Synchronization

/// Keeps systemd informed: a sign of life where one is wanted, one line of status, and the end.
///
/// There is no sign of life while a task hangs: systemd then starts the daemon anew, and what is on
/// disk is all it needs.
final class SystemdTask: Service {
    /// How often the status line is renewed where no sign of life is wanted.
    static let rhythm = Duration.seconds(60)

    private let notifier: SystemdNotifier
    private let liveness: Liveness
    private let pace: Pace
    private let logger: Logger
    private let line: @Sendable () async -> String
    private let said = Mutex<[String]>([])

    /// - Parameter line: The line of status.
    init(
        notifier: SystemdNotifier, liveness: Liveness, pace: Pace, logger: Logger,
        line: @escaping @Sendable () async -> String
    ) {
        self.notifier = notifier
        self.liveness = liveness
        self.pace = pace
        self.logger = logger
        self.line = line
    }

    func run() async {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    await self.tell()
                    try? await self.pace.sleep(self.pause)
                }
            }
        } onGracefulShutdown: {
            self.notifier.stopping()
        }
    }

    /// Tells systemd once how the daemon is.
    func tell() async {
        // The line comes from the journal: a daemon that cannot reach its disk any more is not
        // alive, and is started anew.
        let line = await line()
        let late = liveness.late(by: slack)
        guard !late.isEmpty else {
            said.withLock { $0 = [] }
            notifier.status(line)
            return notifier.alive()
        }
        let names = late.joined(separator: ", ")
        notifier.status("hangs: \(names)")
        let isNews = said.withLock { said in
            defer { said = late }
            return said != late
        }
        guard isNews else { return }
        logger.error("hangs; the watchdog will restart titiand", metadata: ["task": "\(names)"])
    }

    private var pause: Duration { min(notifier.watchdog ?? Self.rhythm, Self.rhythm) }

    /// How late a task may be before that is a hang: the time that systemd gives the whole daemon,
    /// for disks that take long and processors that are shared.
    private var slack: Duration { (notifier.watchdog ?? Self.rhythm) * 2 }
}
