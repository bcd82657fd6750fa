import Attendance
import Exchange
import Journal
import TerminalKit

/// Reads one terminal: who it is, its clock, its log, its clock again, and what happens live.
///
/// Belongs to the task of the terminal's line. It opens nothing and retries nothing; a failure
/// passes through, and what was kept before is on disk all the same.
final class Collector {
    let terminal: Configuration.Terminal
    private let place: CollectingPlace
    private var recorder: Recorder?
    private var clock = ClockEvidence()
    private var coverage = Coverage()
    private var coverageEvidence = CoverageEvidence()
    private var wasNearlyFull = false
    /// What somebody should know of the last read, though it went well.
    private(set) var remark: Problem?
    /// The entry that the coverage rests on: what was on disk when it was last moved.
    private var coveredSeq: Int64 = 0

    init(_ terminal: Configuration.Terminal, at place: CollectingPlace) {
        self.terminal = terminal
        self.place = place
    }

    // MARK: Who it is

    /// Asks a terminal that has just been reached who it is, and goes on where its log was left.
    func greet(_ session: any TerminalSession) async throws {
        let identity = try await session.identify()
        if let expected = terminal.serialNumber, expected != identity.serial {
            throw TerminalTrouble.otherSerial(expected: expected, found: identity.serial)
        }
        let id = try await place.roll.admit(identity, as: terminal.name)
        if recorder?.terminal != id { try await resume(id) }
        try await tellNews(of: id)
        let counters = try await Self.answered { try await session.counters() }
        await place.board.update(terminal.name) { status in
            status.terminal = id.description
            status.model = identity.model
            status.firmware = identity.firmware
            status.records = counters?.records ?? status.records
            status.recordCapacity = counters?.recordCapacity ?? status.recordCapacity
            status.users = counters?.users ?? status.users
        }
    }

    /// Takes up what the journal knows of this terminal.
    private func resume(_ id: TerminalID) async throws {
        let journal = place.journal
        let clock = ClockMemory(try await journal.newestClock(of: id))
        let covered = try await journal.newestCoverage(of: id)
        let interval = CoverageInterval(covered)
        coveredSeq = covered?.seq ?? 0
        self.clock =
            clock.map {
                ClockEvidence(
                    offsetMilliseconds: $0.offset, errorMilliseconds: $0.error, at: $0.host)
            } ?? ClockEvidence()
        let recorder = try await Recorder(
            id, in: journal, moment: place.moment, written: place.written)
        coverage = Coverage(
            interval: interval, clock: clock.map { ($0.offset, $0.error, $0.host) },
            position: recorder.mark?.position)
        coverageEvidence = CoverageEvidence(written: interval)
        wasNearlyFull = false
        self.recorder = recorder
    }

    private func tellNews(of id: TerminalID) async throws {
        let event: EntryBody
        switch await place.roll.news(of: id, as: terminal.name) {
        case .nothing: return
        case .first: event = .terminal(id, .seen, detail: terminal.name)
        case .replaced(let former):
            event = .terminal(id, .replaced, detail: "\(terminal.name): \(former)")
        }
        try await recorder?.keep([event])
        try await place.roll.remember(id, as: terminal.name)
    }

    // MARK: Reading

    /// Reads what is new in the log, with the clock before and after.
    func read(_ session: any TerminalSession) async throws {
        guard let recorder else { return }
        let startedAt = place.host.now()
        let hostSynced = place.host.isSynced()
        let before = try await readClock(session)
        let known = recorder.newPunches
        let (log, logStart) = try await readLog(session, recorder)
        if recorder.newPunches > known { sawPunches() }
        let isStuck = log.extent == .oldest && log.total > 0
        remark = isStuck ? DriverError.onlyOldest.problem : nil
        let after = try await readClock(session)
        let read = Coverage.Read(
            startedAt: startedAt, hostSynced: hostSynced, before: before, after: after, log: log,
            logStart: logStart.time)
        let isLost = coverage.hasLostPlace(read)
        let change = coverage.finished(read, in: place.zone)
        if change != .none { coveredSeq = recorder.lastSeq }
        try await keepEvidence(
            log: log, isLost: isLost, reading: after, hostSynced: hostSynced, change: change)
        await show(log, reading: after)
    }

    /// Keeps the log's pages, each with what it would mean if it were the last that came.
    private func readLog(
        _ session: any TerminalSession, _ recorder: Recorder
    ) async throws -> (LogRead, LogStart) {
        let position = recorder.mark?.position
        var logStart = recorder.mark?.start ?? LogStart()
        var isFirstPage = true
        var isWhole = false
        coverage.takeUp(recorder.mark?.broken)
        let log = try await session.readLog(from: position) { page in
            if isFirstPage, page.beginsTheLog {
                logStart = LogStart()
                // A log that is emptied event by event is never read anew.
                isWhole = terminal.confirm != .deleteOldest
            }
            isFirstPage = false
            for record in page.records { logStart.see(record) }
            let isTold = !isWhole || page.position?.sought != nil
            let broken = isTold ? coverage.broken : coverage.brokenIfCut(after: position)
            try await recorder.keep(page, start: logStart, broken: broken)
        }
        return (log, logStart)
    }

    /// Writes down what this read showed beside punches, where that is due.
    private func keepEvidence(
        log: LogRead, isLost: Bool, reading: ClockReading?, hostSynced: Bool,
        change: Coverage.Change
    ) async throws {
        guard let recorder else { return }
        var bodies: [EntryBody] = []
        let id = recorder.terminal
        if isLost {
            bodies.append(.terminal(id, .logCleared, detail: "\(log.total) records now"))
        }
        if let event = await fillEvent(total: log.total) {
            bodies.append(.terminal(id, .nearlyFull, detail: event))
        }
        if let reading, clock.isWorthAnEntry(reading, in: place.zone) {
            bodies.append(.clock(id, reading, hostSynced: hostSynced))
        }
        if let interval = coverage.interval,
            coverageEvidence.isWorthAnEntry(interval, after: change, in: place.zone)
        {
            bodies.append(.coverage(id, interval, records: log.total))
        }
        try await recorder.keep(bodies, broken: coverage.broken)
    }

    /// Said once when the log passes nine tenths of what the terminal holds.
    private func fillEvent(total: Int) async -> String? {
        let row = await place.board.terminals.first { $0.name == terminal.name }
        guard let capacity = row?.recordCapacity, capacity > 0 else { return nil }
        let isNearlyFull = total >= capacity - capacity / 10
        defer { wasNearlyFull = isNearlyFull }
        return isNearlyFull && !wasNearlyFull ? "\(total) of \(capacity)" : nil
    }

    /// A short question that shows that the terminal is still there.
    func beat(_ session: any TerminalSession) async throws {
        let reading = try await readClock(session)
        let now = place.host.now().description
        await place.board.update(terminal.name) { status in
            status.lastContact = now
            status.take(reading)
        }
    }

    private func readClock(_ session: any TerminalSession) async throws -> ClockReading? {
        let asked = place.host.now()
        let time = try await Self.answered { try await session.readClock() }
        guard let time else { return nil }
        return ClockReading(
            device: time, asked: asked, answered: place.host.now(), zone: place.zone)
    }

    /// A question that a terminal may refuse, or answer with nonsense such as a date that does
    /// not exist: its punches are worth reading all the same.
    private static func answered<Answer>(
        _ question: () async throws -> Answer
    ) async throws -> Answer? {
        do {
            return try await question()
        } catch DriverError.refused, DriverError.garbled {
            return nil
        }
    }

    // MARK: Live

    /// Keeps the punches that come within `limit`; returns after the first.
    ///
    /// - Returns: Whether there were any.
    func watch(_ session: any TerminalSession, within limit: Duration) async throws -> Bool {
        guard let recorder else { return false }
        let punches = try await session.nextLive(within: limit)
        guard !punches.isEmpty else { return false }
        let known = recorder.newPunches
        try await recorder.keep(live: punches)
        if recorder.newPunches > known { sawPunches() }
        let now = place.host.now().description
        let total = recorder.newPunches
        await place.board.update(terminal.name) { status in
            status.lastContact = now
            status.newPunches = total
        }
        return true
    }

    /// Keeps a fact about the terminal, if it ever said who it is.
    func tell(_ event: EntryBody.TerminalEvent, detail: String?) async throws {
        var id = recorder?.terminal
        if id == nil { id = await place.roll.lastSeen(as: terminal.name) }
        guard let id else { return }
        let body = EntryBody.terminal(id, event, detail: detail)
        try await place.journal.record([body], at: place.moment())
        place.written()
    }

    /// The line is closed.
    func leave() async {
        await place.roll.leave(terminal.name)
    }

    // MARK: Showing

    private func sawPunches() {
        clock.sawPunches()
        coverageEvidence.sawPunches()
    }

    private func show(_ log: LogRead, reading: ClockReading?) async {
        let now = place.host.now().description
        let total = recorder?.newPunches ?? 0
        let stretch = coverage.interval
        let seq = coveredSeq
        await place.board.update(terminal.name) { status in
            status.lastContact = now
            status.lastRead = now
            status.records = log.total
            status.newPunches = total
            status.take(reading)
            status.coverage = stretch.map {
                CoverageStatus(
                    from: $0.from.description, through: $0.through.description, seq: seq)
            }
        }
    }
}

/// What the newest clock entry of the journal says.
private struct ClockMemory {
    let offset: Int64
    let error: Int64
    let host: UTCTime

    init?(_ fields: EntryFields?) {
        guard let fields, let offset = fields.offsetMilliseconds,
            let error = fields.errorMilliseconds, let at = fields.at.flatMap(UTCTime.init)
        else { return nil }
        self.offset = offset
        self.error = error
        host = at
    }
}

extension LogPage {
    /// Nothing of the log stands before this page, as far as it can tell.
    fileprivate var beginsTheLog: Bool {
        guard let position else { return true }
        return position.count <= records.count
    }
}

extension CoverageInterval {
    /// What the newest coverage entry of the journal says.
    fileprivate init?(_ fields: EntryFields?) {
        guard let fields, let from = fields.fromTime.flatMap(UTCTime.init),
            let through = fields.through.flatMap(UTCTime.init)
        else { return nil }
        self.init(from: from, through: through)
    }
}

extension TerminalStatus {
    fileprivate mutating func take(_ reading: ClockReading?) {
        guard let reading else { return }
        offsetMilliseconds = reading.offsetMilliseconds
        errorMilliseconds = reading.errorMilliseconds
        clockAt = reading.host.description
    }
}
