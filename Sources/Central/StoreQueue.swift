import Dispatch

/// The queue on which the centre's store works: SQLite blocks, and may not block the threads
/// that everything else shares.
final class StoreQueue: SerialExecutor {
    private let queue = DispatchQueue(label: "titian.centre")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}
