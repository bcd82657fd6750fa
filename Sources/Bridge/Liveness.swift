import Synchronization
import TerminalKit

/// Which tasks of the daemon are at work, so that the watchdog fires when the work stops and not
/// only when the process does.
///
/// Before each step a task says how long that may take by its own time limits. A slow line says so
/// again and again and is well; a task that is not back by then hangs, whatever holds it up.
final class Liveness: Sendable {
    private let now: @Sendable () -> Duration
    private let due = Mutex<[String: Duration]>([:])

    /// - Parameter now: How long ago some fixed moment was; never goes back.
    init(now: @escaping @Sendable () -> Duration) {
        self.now = now
    }

    /// The task will be back, for its next step, within `limit`.
    func expect(_ task: String, within limit: Duration) {
        let end = now() + limit
        due.withLock { $0[task] = end }
    }

    /// Nothing is expected of the task until it says otherwise: it has ended, or waits for a person.
    func excuse(_ task: String) {
        _ = due.withLock { $0.removeValue(forKey: task) }
    }

    /// The tasks that should have been back more than `slack` ago, in order of their names.
    func late(by slack: Duration) -> [String] {
        let now = now()
        return due.withLock { due in due.filter { $0.value + slack < now }.keys.sorted() }
    }
}

/// A line each of whose waits is a step of its own: a log that takes an hour to read is no hang, a
/// wait that outlasts its own limit is.
struct WatchedLink: Link {
    /// Above the time limits of all links' sends.
    static let sendLimit = Duration.seconds(20)

    let inner: any Link
    let task: String
    let liveness: Liveness

    var isDatagram: Bool { inner.isDatagram }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        liveness.expect(task, within: Self.sendLimit)
        try await inner.send(bytes)
        liveness.expect(task, within: .zero)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        liveness.expect(task, within: limit)
        let bytes = try await inner.receive(within: limit)
        liveness.expect(task, within: .zero)
        return bytes
    }

    func close() async {
        await inner.close()
    }
}
