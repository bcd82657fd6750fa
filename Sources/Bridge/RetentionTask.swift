import Attendance
import Journal
import Logging
import ServiceLifecycle

/// Forgets, once a day, the lines that are old, receipted and in the centre's own backup.
///
/// Their digests and identities stay, so the chain verifies and an old log read again adds
/// nothing. As long as the centre has announced no backup nothing is forgotten.
struct RetentionTask: Service {
    /// How long a line is kept on the box at least.
    static let keep = Duration.seconds(90 * 86_400)
    /// The start of a box is the worst time for work that can wait.
    static let pause = (first: Duration.seconds(3_600), next: Duration.seconds(86_400))

    let journal: Journal
    let now: @Sendable () -> UTCTime
    let pace: Pace
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            var pause = Self.pause.first
            while (try? await pace.sleep(pause)) != nil {
                await forget()
                pause = Self.pause.next
            }
        }
    }

    private func forget() async {
        let limit = now().advanced(byMilliseconds: -Self.keep.components.seconds * 1_000)
        do {
            let forgotten = try await journal.prune(writtenBefore: limit)
            if forgotten > 0 {
                logger.info("old lines forgotten", metadata: ["lines": "\(forgotten)"])
            }
        } catch {
            let problem = Problem(explaining: error)
            logger.warning(
                "old lines could not be forgotten", metadata: ["code": "\(problem.code)"])
        }
    }
}
