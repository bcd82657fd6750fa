public import Exchange

/// Why a call was not taken, and where the bridge should begin instead.
public struct SyncRefusal: Error, Hashable, Sendable {
    public let problem: SyncProblem
    /// With `SyncProblem.gap`: the entry the centre wants next.
    public let sendFrom: Int64?

    public init(_ problem: SyncProblem, sendFrom: Int64? = nil) {
        self.problem = problem
        self.sendFrom = sendFrom
    }

    public var document: ProblemDocument { ProblemDocument(problem, sendFrom: sendFrom) }
}
