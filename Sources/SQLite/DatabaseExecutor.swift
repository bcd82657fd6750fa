import Dispatch

/// Runs an actor's work on one thread of its own queue, so that waiting for a disk never holds up
/// the threads that everything else shares.
public final class DatabaseExecutor: SerialExecutor {
    private let queue: DispatchQueue

    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
