internal import Attendance
internal import TerminalKit

/// One read of the log.
///
/// A controller gives its oldest event and nothing else, again and again until that event is
/// removed; and it removes whatever is oldest just then. The rule that keeps every event:
///
/// - An event counts once it has been read twice alike: the checksums are weak, and what has been
///   removed cannot be read again.
/// - "Remove" is said only while the oldest event, read since the last "remove", is byte for byte
///   on disk. It then removes that event or, if it was gone already, a twin with the same bytes:
///   either way nothing goes that is not kept.
/// - After a "remove" without an answer comes a reading, never another "remove". If the same event
///   is still there, it is said once more.
///
/// Why so: docs/decisions/0013-removing-soyal-events.md.
struct LogReader {
    /// Readings of one event before the line is given up.
    private static let mostReadings = 6
    /// So often in a row an event may come again after it was removed. A clock that stands still
    /// makes true twins; a controller that removes nothing makes them for ever.
    private static let mostTwins = 100

    private let dialogue: Dialogue
    private var position: LogPosition?
    private var received = 0
    /// The newest events handed on.
    private var kept: [EventFrame] = []

    init(_ dialogue: Dialogue, from position: LogPosition?) {
        self.dialogue = dialogue
        let fits = position?.recordSize == EventFrame.length + 1
        self.position = fits ? position : nil
    }

    /// Reads the oldest event and leaves it there. What stands behind it cannot be reached, and
    /// whether another program removes events cannot be seen, so this never claims to be whole.
    mutating func look(_ keep: (LogPage) async throws -> Void) async throws -> LogRead {
        let event = try await oldest(unless: position?.proof.last)
        if case .event(let event) = event { try await hand(event, keep) }
        try await handPolled(keep)
        return LogRead(
            extent: .oldest, received: received, total: event == .empty ? 0 : 1,
            isComplete: false, lostPosition: false)
    }

    /// Reads event after event until the log is empty, and removes each once `keep` has returned.
    mutating func drain(_ keep: (LogPage) async throws -> Void) async throws -> LogRead {
        var last: EventFrame?
        var unanswered: EventFrame?
        var twins = 0
        while case .event(let event) = try await oldest() {
            twins = event == last ? twins + 1 : 0
            guard twins <= Self.mostTwins else { throw refused(Order.removeOldest.name, 0) }
            last = event
            try await hand(event, again: event == unanswered, keep)
            do {
                CrashPoint.confirming.reached()
                try await remove()
                CrashPoint.confirmed.reached()
                unanswered = nil
            } catch LinkError.silent where unanswered != event {
                unanswered = event
            }
        }
        try await handPolled(keep)
        return LogRead(
            extent: received == 0 ? .unchanged : .full, received: received, total: 0,
            isComplete: true, lostPosition: false, isDrained: true)
    }

    // MARK: Steps

    private enum Reading: Hashable {
        case empty
        /// The one that was read last time.
        case known
        case event(EventFrame)
    }

    /// Reads until two readings in a row are alike.
    ///
    /// - Parameter known: The hash of an event that need not be read twice.
    private func oldest(unless known: UInt64? = nil) async throws -> Reading {
        var last: EventFrame?
        for _ in 0..<Self.mostReadings {
            switch try await dialogue.oldest() {
            case .acknowledged: return .empty
            case .event(let event):
                if event == last { return .event(event) }
                if LogPosition.hash(of: event.bytes) == known { return .known }
                last = event
            case .refused(let code): throw refused(Question.oldest.name, code)
            case .status(let bytes), .data(let bytes):
                throw DriverError.garbled(what: "no event", bytes: bytes)
            }
        }
        throw DriverError.garbled(what: "an event that changes", bytes: last?.bytes ?? [])
    }

    private func remove() async throws {
        let answer = try await dialogue.tell(.removeOldest)
        if case .refused(let code) = answer { throw refused(Order.removeOldest.name, code) }
    }

    private func refused(_ question: String, _ code: UInt8) -> DriverError {
        .refused(question: question, code: Int(code))
    }

    // MARK: Handing on

    /// Hands an event on with the position behind it; returns when it is on disk.
    ///
    /// - Parameter again: Whether it is the one that was handed on last.
    private mutating func hand(
        _ event: EventFrame, again: Bool = false, _ keep: (LogPage) async throws -> Void
    ) async throws {
        if !again {
            received += 1
            position = LogPosition(
                count: (position?.count ?? 0) + 1, recordSize: EventFrame.length + 1,
                proof: (position?.proof ?? []) + [LogPosition.hash(of: event.bytes)])
        }
        try await keep(LogPage(records: [Records.decode(event)], position: position))
        kept = kept.suffix(9) + [event]
    }

    /// Hands on what came in answer to a poll and was not read as the oldest event.
    private func handPolled(_ keep: (LogPage) async throws -> Void) async throws {
        let events = dialogue.takePolled().filter { !kept.contains($0) }
        guard !events.isEmpty else { return }
        try await keep(LogPage(records: events.map(Records.decode), position: position))
    }
}
