import Synchronization

/// Runs a task to its end on the thread that asks, one job after the other.
///
/// A dialogue is `async` because a line is slow; a scripted one is not. Without a thread to hop to,
/// a talk costs no more than its packets, and runs the same way every time.
final class InlineExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// - Returns: nil if the task waits for something that never comes.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () async -> Value
    ) -> Value? {
        let executor = InlineExecutor()
        let result = Mutex<Value?>(nil)
        Task(executorPreference: executor) {
            let value = await body()
            result.withLock { $0 = value }
        }
        while let job = executor.next() {
            job.runSynchronously(on: executor.asUnownedTaskExecutor())
        }
        return result.withLock { $0 }
    }

    private func next() -> UnownedJob? {
        jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
