import Attendance
import Exchange
import Journal
import Logging
public import ServiceLifecycle
import TerminalKit
import Transports

/// Looks after one line and the terminals on it, until the daemon stops.
///
/// A line with one terminal hears live punches between reads; on a line that several share they are
/// visited in turn, and one that is dead is visited less and less often. A line that is dead delays
/// no other. Terminals that dial in at one port have a line each.
public struct LineTask: Service {
    public let name: String
    private let terminals: [Configuration.Terminal]
    private let place: CollectingPlace

    /// One task for each line of the configuration, in its order.
    public static func all(
        of configuration: Configuration, at place: CollectingPlace
    ) -> [LineTask] {
        var names: [String] = []
        var groups: [String: [Configuration.Terminal]] = [:]
        for terminal in configuration.terminals {
            let isAlone = terminal.address.isListening
            let line = terminal.address.lineName + (isAlone ? " \(terminal.name)" : "")
            if groups[line] == nil { names.append(line) }
            groups[line, default: []].append(terminal)
        }
        return names.map { LineTask(name: $0, terminals: groups[$0, default: []], place: place) }
    }

    /// Never throws: a terminal that is gone is waited for, for ever.
    public func run() async {
        await cancelWhenGracefulShutdown {
            let line = Line(terminals, at: place)
            while !Task.isCancelled { await line.step() }
            await line.close()
            line.end()
        }
    }
}

/// The state of a line, owned by its task.
final class Line {
    /// A connection that stays open is asked for a sign of life this often.
    static let beat = Duration.seconds(60)
    /// The pause after a ring of the plug bell.
    static let settling = Duration.milliseconds(200)

    /// How long a terminal that dials in is waited for before that is a failure.
    static let callWait = Duration.seconds(30)

    private let stations: [Station]
    private let place: CollectingPlace
    /// What the line is called where it says that it is at work.
    private let task: String
    private var link: (any Link)?

    init(_ terminals: [Configuration.Terminal], at place: CollectingPlace) {
        let isShared = terminals.count > 1
        stations = terminals.map { Station($0, at: place, sharesLine: isShared) }
        self.place = place
        task = "line of " + terminals.map(\.name).joined(separator: ", ")
    }

    /// The rings of the plug bell that have been taken note of.
    private var plugsSeen = 0

    private var isShared: Bool { stations.count > 1 }

    /// Does the next thing: visits the terminal that is due, or waits for it and listens.
    func step() async {
        guard let station = stations.min(by: { $0.due < $1.due }) else { return }
        do {
            // Whatever is plugged in during a visit that fails is not missed.
            if station.due <= place.pace.now() { plugsSeen = place.plugs.rings }
            let wait = station.due - place.pace.now()
            place.liveness.expect(task, within: max(wait, .zero))
            if wait > .zero {
                try await idle(station, for: wait)
            } else {
                try await visit(station)
                await succeeded(station)
            }
        } catch {
            guard !Task.isCancelled else { return await close() }
            await failed(station, error)
        }
    }

    /// The line's task ends.
    func end() {
        place.liveness.excuse(task)
    }

    /// Ends all talks and closes the line.
    func close() async {
        for station in stations { await part(station) }
        await link?.close()
        link = nil
    }

    /// Ends the talk with one terminal.
    private func part(_ station: Station) async {
        await station.session?.close()
        station.session = nil
        await station.collector.leave()
    }

    private func visit(_ station: Station) async throws {
        try await place.journal.probe()
        try await station.collector.read(try await session(with: station))
    }

    private func session(with station: Station) async throws -> any TerminalSession {
        if let session = station.session { return session }
        place.liveness.expect(task, within: Self.callWait)  // opening has the shorter limit
        let driver = try place.driver(station.terminal)
        let session = try await driver.open(try await openLink(to: station.terminal))
        station.session = session
        try await station.collector.greet(session)
        return session
    }

    private func openLink(to terminal: Configuration.Terminal) async throws -> any Link {
        if let link { return link }
        let opened: any Link
        if let reception = place.receptions[terminal.address.lineName] {
            opened = try await reception.line(
                for: terminal.name, within: Self.callWait, at: place.pace)
        } else {
            opened = try await place.openLine(terminal.address)
        }
        let watched = WatchedLink(inner: opened, task: task, liveness: place.liveness)
        link = watched
        return watched
    }

    /// Waits until the station is due; where there is a connection, listens meanwhile. On a line
    /// that several share nobody listens: two may talk at once there, and the log holds it all.
    private func idle(_ station: Station, for wait: Duration) async throws {
        guard !isShared, let session = station.session else {
            return try await waitUnplugged(for: wait)
        }
        let slice = min(wait, Self.beat)
        let start = place.pace.now()
        if station.terminal.live {
            let heard = try await station.collector.watch(session, within: slice)
            if heard { return }  // the next step goes on with what is left of the wait
        }
        // A terminal without live events gives the time back at once.
        let left = slice - (place.pace.now() - start)
        let isRung = left > .zero ? try await sleep(left) : false
        // A cable may have been pulled out: only who asks finds out, and then the port is closed
        // at once, or the adapter comes back under another number.
        if wait > slice || isRung { try await station.collector.beat(session) }
    }

    /// Waits without a connection; a cable that is plugged in ends the wait for those who miss
    /// theirs.
    private func waitUnplugged(for wait: Duration) async throws {
        guard try await sleep(wait) else { return }
        // Between the visits of several stations the line is open and nobody hears it hang up.
        await close()
        for station in stations where station.isUnplugged {
            station.backoff.reset()
            station.due = place.pace.now()
        }
    }

    /// Sleeps; on a line with a cable until the plug bell rings, and then for a moment more.
    ///
    /// - Returns: Whether it rang.
    private func sleep(_ wait: Duration) async throws -> Bool {
        place.liveness.expect(task, within: wait)
        guard stations.contains(where: { $0.terminal.address.isPlugged }) else {
            try await place.pace.sleep(wait)
            return false
        }
        try await withThrowingTaskGroup(of: Void.self) { [place, plugsSeen] group in
            group.addTask { try await place.pace.sleep(wait) }
            group.addTask { await place.plugs.wait(after: plugsSeen) }
            defer { group.cancelAll() }
            try await group.next()
        }
        guard place.plugs.rings > plugsSeen else { return false }
        // One cable rings several times; its node and permissions come a little after the first.
        try await place.pace.sleep(Self.settling)
        plugsSeen = place.plugs.rings
        return true
    }

    // MARK: What became of it

    private func succeeded(_ station: Station) async {
        let now = place.pace.now()
        station.succeeded(at: now)
        let name = station.terminal.name
        let remark = station.collector.remark
        await place.board.enter(.online, name, because: remark)
        if let remark { say("terminal needs attention", remark, station) }
        guard case .regained(let wait) = station.health.succeeded(at: now) else { return }
        let seconds = wait.components.seconds
        place.logger.notice(
            "terminal regained", metadata: ["terminal": "\(name)", "after_s": "\(seconds)"])
        // What cannot be written now is on the board all the same.
        try? await station.collector.tell(.seen, detail: "\(name): after \(seconds) s")
    }

    private func failed(_ station: Station, _ error: any Error) async {
        station.failed()
        // One station that is silent says nothing about the line; when all are, it may hang.
        if isShared, Self.spares(error), !stations.allSatisfy(\.isFailing) {
            await part(station)
        } else {
            await closeAfterFailure()
        }
        let now = place.pace.now()
        let problem = Problem(explaining: error)
        let name = station.terminal.name
        let verdict = station.verdict(on: error)
        station.isUnplugged = error is LinkError
        switch verdict {
        case .lost:
            // Who dials in is waited for where it dials in.
            let isAwaited = if case LinkError.notCalled = error { true } else { false }
            let wait = station.backoff.next(jitter: place.pace.jitter())
            station.due = isAwaited ? now : now + wait
            await lost(station, problem, at: now)
        case .unreadable, .blocked:
            let isRare = verdict == .blocked
            let soon = station.backoff.next(jitter: place.pace.jitter())
            station.due = now + (isRare ? Backoff.blocked : soon)
            await place.board.enter(.blocked, name, because: problem)
            say("terminal blocked", problem, station)
        case .ours:
            // The disk may be free again at any moment, and nobody says so.
            station.due = now + Backoff.ours
            await place.board.note(problem, name)
            say("punches cannot be kept", problem, station)
        }
    }

    /// Taking a USB device from a driver of the kernel and giving it back rings the bell too; what
    /// we have rung ourselves is no reason to try again.
    private func closeAfterFailure() async {
        let isOurRing = link != nil && stations.contains { $0.terminal.address.isUSB }
        await close()
        guard isOurRing else { return }
        try? await place.pace.sleep(Self.settling)
        plugsSeen = place.plugs.rings
    }

    /// Whether an error leaves the line as good as it was.
    private static func spares(_ error: any Error) -> Bool {
        guard let error = error as? LinkError else { return true }
        return if case .silent = error { true } else { false }
    }

    private func lost(_ station: Station, _ problem: Problem, at now: Duration) async {
        let name = station.terminal.name
        guard case .lost(let since) = station.health.failed(at: now) else {
            if station.health.isLost {
                await place.board.enter(.lost, name, because: problem)
            } else {
                await place.board.note(problem, name)
            }
            return
        }
        await place.board.enter(.lost, name, because: problem)
        let ago = place.host.now().advanced(byMilliseconds: -(now - since).milliseconds)
        await place.board.update(name) { $0.since = ago.description }
        say("terminal lost", problem, station)
        try? await station.collector.tell(.lost, detail: "\(name): \(problem.code)")
    }

    /// One line for one trouble, however often it repeats.
    private func say(_ message: Logger.Message, _ problem: Problem, _ station: Station) {
        guard station.said != problem.code else { return }
        station.said = problem.code
        place.logger.warning(
            message,
            metadata: [
                "terminal": "\(station.terminal.name)", "code": "\(problem.code)",
                "problem": "\(problem.line(.english))",
            ])
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
