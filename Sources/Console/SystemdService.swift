import Attendance
import Central
internal import NIOCore
internal import ServiceLifecycle

/// Tells systemd that the centre works: a sign of life only after the store has answered and every
/// loop that serves connections has come round.
///
/// A disk that hangs or a loop that stands still gives none, and systemd starts the centre anew; a
/// bridge whose call was cut off sends it again.
struct SystemdService: Service {
    /// How often it is looked at where no sign of life is wanted.
    private static let rhythm = Duration.seconds(60)

    let notifier: SystemdNotifier
    let central: Central
    let loops: any EventLoopGroup

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    await beat()
                    try? await Task.sleep(for: notifier.watchdog ?? Self.rhythm)
                }
            }
        } onGracefulShutdown: {
            notifier.stopping()
        }
    }

    /// One look, and a sign of life if all is well.
    func beat() async {
        do {
            try await central.answers()
            for loop in loops.makeIterator() { try await loop.submit {}.get() }
        } catch {
            return notifier.status("the store does not answer: \(error)")
        }
        notifier.status("listening")
        notifier.alive()
    }
}
