import Synchronization

/// Waits for an answer, but not longer than `limit`.
///
/// What is late is cancelled and left behind, not waited for: a name server or a kernel call that
/// hangs keeps nobody.
///
/// - Parameters:
///   - body: What is waited for.
///   - late: What is thrown when the time is over.
///   - limit: How long to wait.
func withTimeLimit<Result: Sendable>(
    _ limit: Duration, orThrow late: any Error & Sendable,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let waiting = Waiting(continuation)
        let work = Task { try await body() }
        let alarm = Task {
            try await Task.sleep(for: limit)
            waiting.end(.failure(late))
            work.cancel()
        }
        Task {
            waiting.end(await work.result)
            alarm.cancel()
        }
    }
}

/// Somebody who waits for the first of several answers.
private final class Waiting<Result: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Result, any Error>?>

    init(_ continuation: CheckedContinuation<Result, any Error>) {
        self.continuation = Mutex(continuation)
    }

    func end(_ result: Swift.Result<Result, any Error>) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(with: result)
    }
}
