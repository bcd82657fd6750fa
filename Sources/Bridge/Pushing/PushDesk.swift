import Attendance
import Exchange
import Journal
import Logging
import TerminalKit
import ZKTeco

/// Answers the requests of the terminals that may push, and keeps what they bring.
///
/// A terminal forgets rows when it hears 200, so that is said only after the journal has
/// committed them. Pushed rows never extend coverage: nothing shows that none is missing.
actor PushDesk {
    private let place: CollectingPlace
    private let setsClock: Bool
    /// By serial number.
    private var stations: [String: PushStation]

    init(_ push: Configuration.Push, at place: CollectingPlace) {
        self.place = place
        setsClock = push.setsClock
        let now = place.pace.now()
        stations = Dictionary(
            push.terminals.map { ($0.serialNumber, PushStation($0, at: now)) }
        ) { first, _ in first }
    }

    /// Whether the body of a request is worth keeping until it is whole.
    nonisolated static func keeps(_ head: PushHead) -> Bool {
        PushQuestion(head) == .punches
    }

    /// Answers one request.
    ///
    /// - Parameter peer: The address it came from.
    func answer(_ request: PushRequest, from peer: String) async -> PushAnswer {
        let question = PushQuestion(request.head)
        if question == .unknown { return .notFound }
        let serial = request.head["SN"] ?? ""
        guard stations[serial] != nil else {
            await refuse(serial, from: peer)
            return .notAllowed
        }
        await heard(serial)
        switch question {
        case .punches: return await keep(request.body, of: serial)
        case .options:
            return .options(for: request.head, settingClockTo: isClockToBeSet ? place.zone : nil)
        case .time: return await time(for: serial)
        case .unwanted(let table):
            passOver(table, of: serial)
            return .ok
        case .heartbeat, .courtesy, .unknown: return .ok
        }
    }

    private func refuse(_ serial: String, from peer: String) async {
        guard await place.board.refuse(serial, from: peer) else { return }
        place.logger.warning(
            "unknown terminal refused",
            metadata: [
                "serial_number": "\(PushReport.shown(serial))", "peer": "\(peer)",
                "remedy": "add it as [[push.terminal]] if it is one of this office",
            ])
    }

    // MARK: Punches

    private func keep(_ body: [UInt8], of serial: String) async -> PushAnswer {
        guard let terminal = stations[serial]?.terminal else { return .notAllowed }
        var records = ZKTecoDriver.records(inPush: body)
        var count = 0
        do {
            while true {
                var bodies: [EntryBody] = []
                while bodies.count < Recorder.chunk, let record = records.next() {
                    bodies.append(Self.body(record, of: terminal.id))
                }
                if bodies.isEmpty { break }
                try await write(bodies, of: serial)
                count += bodies.count
            }
        } catch {
            await failed(Problem(explaining: error), serial)
            return .notStored
        }
        await stored(serial)
        return .stored(count)
    }

    private static func body(_ record: LogRecord, of id: TerminalID) -> EntryBody {
        switch record {
        case .punch(let punch): .punch(id, punch, via: .push)
        case .oddity(let oddity): .oddity(id, oddity, via: .push)
        }
    }

    private func write(_ bodies: [EntryBody], of serial: String) async throws {
        let recorded = try await place.journal.record(bodies, at: place.moment())
        stations[serial]?.newPunches += recorded.new
        if recorded.new + recorded.odd + recorded.sightings > 0 { place.written() }
    }

    private func stored(_ serial: String) async {
        guard let station = stations[serial] else { return }
        stations[serial]?.said = nil
        let total = station.newPunches
        await place.board.update(station.terminal.name) { $0.newPunches = total }
        if station.said != nil {
            await place.board.enter(.online, station.terminal.name, because: nil)
        }
    }

    private func failed(_ problem: Problem, _ serial: String) async {
        guard let station = stations[serial] else { return }
        let name = station.terminal.name
        await place.board.note(problem, name)
        guard station.said != problem.code else { return }
        stations[serial]?.said = problem.code
        place.logger.warning(
            "punches cannot be kept",
            metadata: [
                "terminal": "\(name)", "code": "\(problem.code)",
                "problem": "\(problem.line(.english))",
            ])
    }

    private func passOver(_ table: String, of serial: String) {
        let shown = PushReport.shown(table)
        guard let station = stations[serial], station.unwanted.count < 16,
            !station.unwanted.contains(shown)
        else { return }
        stations[serial]?.unwanted.insert(shown)
        place.logger.info(
            "pushed table not kept",
            metadata: ["terminal": "\(station.terminal.name)", "table": "\(shown)"])
    }

    // MARK: Clock

    /// A clock is set only from one that something keeps right.
    private var isClockToBeSet: Bool { setsClock && place.host.isSynced() }

    private func time(for serial: String) async -> PushAnswer {
        guard isClockToBeSet, let station = stations[serial] else { return .ok }
        let now = place.host.now()
        let day = now.day(in: place.zone)
        if station.clockDay != day {
            // Never silently: once a day the journal says so, before the terminal hears it.
            let event = EntryBody.terminal(
                station.terminal.id, .clockSet, detail: "\(station.terminal.name): by push")
            guard (try? await write([event], of: serial)) != nil else { return .ok }
            place.written()
            stations[serial]?.clockDay = day
        }
        return .time(place.host.now(), in: place.zone)
    }

    // MARK: There and gone

    private func heard(_ serial: String) async {
        guard let change = stations[serial]?.heard(at: place.pace.now()),
            let terminal = stations[serial]?.terminal
        else { return await touch(serial) }
        await touch(serial)
        await place.board.enter(.online, terminal.name, because: nil)
        switch change {
        case .found: await tellNews(of: terminal)
        case .regained(let wait):
            let seconds = wait.components.seconds
            place.logger.notice(
                "terminal regained",
                metadata: ["terminal": "\(terminal.name)", "after_s": "\(seconds)"])
            await tell(.seen, terminal, detail: "\(terminal.name): after \(seconds) s")
        case .lost: break
        }
    }

    private func touch(_ serial: String) async {
        guard let terminal = stations[serial]?.terminal else { return }
        let now = place.host.now().description
        await place.board.update(terminal.name) { status in
            status.lastContact = now
            status.terminal = terminal.id.description
        }
    }

    private func tellNews(of terminal: Configuration.Push.Terminal) async {
        switch await place.roll.news(of: terminal.id, as: terminal.name) {
        case .nothing: return
        case .first:
            guard await tell(.seen, terminal, detail: terminal.name) else { return }
        case .replaced(let former):
            let detail = "\(terminal.name): \(former)"
            guard await tell(.replaced, terminal, detail: detail) else { return }
        }
        // If this cannot be written, the terminal is told as seen once more after a restart.
        try? await place.roll.remember(terminal.id, as: terminal.name)
    }

    /// - Returns: Whether it is on disk; what cannot be written now is on the board all the same.
    @discardableResult
    private func tell(
        _ event: EntryBody.TerminalEvent, _ terminal: Configuration.Push.Terminal, detail: String
    ) async -> Bool {
        let body = EntryBody.terminal(terminal.id, event, detail: detail)
        guard (try? await place.journal.record([body], at: place.moment())) != nil else {
            return false
        }
        place.written()
        return true
    }

    /// Looks after terminals from which nothing comes any more.
    func passed() async {
        let now = place.pace.now()
        for serial in stations.keys.sorted() {
            guard case .lost(let since) = stations[serial]?.passed(at: now),
                let terminal = stations[serial]?.terminal
            else { continue }
            let problem = PushTrouble.silent(after: now - since).problem
            await place.board.enter(.lost, terminal.name, because: problem)
            place.logger.warning(
                "terminal lost",
                metadata: ["terminal": "\(terminal.name)", "code": "\(problem.code)"])
            guard await place.roll.lastSeen(as: terminal.name) != nil else { continue }
            await tell(.lost, terminal, detail: "\(terminal.name): \(problem.code)")
        }
    }
}
