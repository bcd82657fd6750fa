import Journal
import ServiceLifecycle

/// Keeps systemd informed: a sign of life where one is wanted, one line of status, and the end.
struct SystemdTask: Service {
    /// How often the status line is renewed where no sign of life is wanted.
    static let rhythm = Duration.seconds(60)

    let notifier: SystemdNotifier
    let overview: Overview
    let pace: Pace

    func run() async {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    // The line comes from the journal: a daemon that cannot reach its disk any
                    // more is not alive, and is started anew.
                    notifier.status(await overview.line())
                    notifier.alive()
                    try? await pace.sleep(min(notifier.watchdog ?? Self.rhythm, Self.rhythm))
                }
            }
        } onGracefulShutdown: {
            notifier.stopping()
        }
    }
}
