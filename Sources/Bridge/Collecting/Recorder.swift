import Attendance
import Exchange
import Journal
import TerminalKit

/// Puts what one terminal says on disk: the page and its position in one transaction, so that
/// what is kept and how far was read can never disagree.
///
/// Belongs to the task of the terminal's line.
final class Recorder {
    /// Records in one transaction: enough to make a flush of the disk cheap, few enough to leave
    /// memory small and the control socket answering.
    static let chunk = 2_000

    let terminal: TerminalID
    /// Punches that were not known before, since this recorder was made.
    private(set) var newPunches = 0
    /// The last entry the journal had when this terminal last wrote.
    private(set) var lastSeq: Int64
    /// How far the log has been read, as the journal has it.
    private(set) var mark: Mark?

    /// A place in the log, and from when on the log up to there speaks: a first read that is cut
    /// by a power failure goes on later and still knows where it began.
    struct Mark: Hashable, Sendable, Codable {
        var position: LogPosition
        var start: LogStart
        /// Why the coverage cannot go on from where it was, until a new stretch is on disk.
        var broken: Coverage.Break?
    }

    private let journal: Journal
    private let moment: @Sendable () -> Moment
    private let written: @Sendable () -> Void

    /// - Parameters:
    ///   - moment: The clocks at the time of writing.
    ///   - written: Called when there is something new to send.
    init(
        _ terminal: TerminalID, in journal: Journal, moment: @escaping @Sendable () -> Moment,
        written: @escaping @Sendable () -> Void
    ) async throws {
        self.terminal = terminal
        self.journal = journal
        self.moment = moment
        self.written = written
        lastSeq = await journal.headSeq
        // A position that cannot be read is none: then the whole log is read again.
        mark = try await journal.position(of: terminal).flatMap {
            try? WireJSON.decode(Mark.self, from: $0.utf8)
        }
    }

    /// Keeps a page of the log. Returns when it is on disk.
    ///
    /// - Parameters:
    ///   - start: From when on the log speaks, this page included.
    ///   - broken: What holds of the coverage if nothing comes behind this page.
    func keep(
        _ page: LogPage, start: LogStart, broken: Coverage.Break? = nil
    ) async throws {
        CrashPoint.pageReceived.reached()
        var rest = page.records[...]
        while rest.count > Self.chunk {
            try await write(rest.prefix(Self.chunk).map(body))
            rest = rest.dropFirst(Self.chunk)
        }
        let moved = page.position.map { Mark(position: $0, start: start, broken: broken) }
        guard !rest.isEmpty || (moved != nil && moved != mark) else { return }
        try await write(rest.map(body), mark: moved)
    }

    /// Keeps punches that were seen as they happened.
    func keep(live punches: [Punch]) async throws {
        guard !punches.isEmpty else { return }
        CrashPoint.liveReceived.reached()
        try await write(punches.map { .punch(terminal, $0, via: .live) })
    }

    /// Keeps other facts.
    func keep(_ bodies: [EntryBody]) async throws {
        guard !bodies.isEmpty else { return }
        try await write(bodies)
    }

    /// Keeps what a read that came to its end has shown, and with it, in one transaction, what that
    /// means for the coverage.
    func keep(_ bodies: [EntryBody], broken: Coverage.Break?) async throws {
        let settled = mark.map {
            Mark(position: $0.position.settled, start: $0.start, broken: broken)
        }
        let moved = settled == mark ? nil : settled
        guard !bodies.isEmpty || moved != nil else { return }
        try await write(bodies, mark: moved)
    }

    private func body(_ record: LogRecord) -> EntryBody {
        switch record {
        case .punch(let punch): .punch(terminal, punch, via: .log)
        case .oddity(let oddity): .oddity(terminal, oddity, via: .log)
        }
    }

    private func write(_ bodies: [EntryBody], mark moved: Mark? = nil) async throws {
        var positions: [TerminalID: String] = [:]
        if let moved {
            positions[terminal] = String(decoding: try WireJSON.encode(moved), as: UTF8.self)
        }
        let recorded = try await journal.record(bodies, positions: positions, at: moment())
        CrashPoint.pageKept.reached()
        if let moved { mark = moved }
        newPunches += recorded.new
        if recorded.lastSeq > lastSeq { written() }
        lastSeq = max(lastSeq, recorded.lastSeq)
    }
}
