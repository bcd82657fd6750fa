import Attendance
public import Exchange

/// How sending goes, for `titian status` and `titian sync status`.
public struct SyncStatus: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case notEnrolled = "not-enrolled"
        /// Nothing waits.
        case idle
        case sending
        /// The last call failed; the next one is at `next_call_at`.
        case waiting
        /// The centre does not accept this bridge; entries wait.
        case refused
        /// The centre has other lines under the same numbers: the journal has to begin anew.
        case forked
    }

    public var state: State
    /// The centre's address.
    public var centre: String?
    public var lastReceiptAt: String?
    public var lastProblem: StatusProblem?
    /// Since when calls fail.
    public var failingSince: String?
    public var nextCallAt: String?
    /// Host minus centre at the last answer, in milliseconds, with its error.
    public var hostOffsetMilliseconds: Int64?
    public var hostErrorMilliseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case state, centre
        case lastReceiptAt = "last_receipt_at"
        case lastProblem = "last_problem"
        case failingSince = "failing_since"
        case nextCallAt = "next_call_at"
        case hostOffsetMilliseconds = "host_offset_ms"
        case hostErrorMilliseconds = "host_error_ms"
    }

    public init(state: State, centre: String? = nil) {
        self.state = state
        self.centre = centre
    }

    mutating func answered(_ receipt: Receipt, asked: UTCTime, answered: UTCTime) {
        lastReceiptAt = answered.description
        lastProblem = nil
        failingSince = nil
        nextCallAt = nil
        guard let centre = UTCTime(receipt.serverTime) else { return }
        let trip = max(0, answered.milliseconds - asked.milliseconds)
        hostOffsetMilliseconds = asked.milliseconds + trip / 2 - centre.milliseconds
        hostErrorMilliseconds = trip / 2
    }

    /// A call that hangs may take minutes: what failed before it stays in view until one succeeds.
    mutating func calling(again: Bool) {
        nextCallAt = nil
        if !again { state = .sending }
    }

    mutating func failed(_ problem: Problem, at now: UTCTime, next: UTCTime) {
        lastProblem = StatusProblem(
            code: problem.code, id: problem.summary.indonesian, en: problem.summary.english)
        failingSince = failingSince ?? now.description
        nextCallAt = next.description
    }
}
