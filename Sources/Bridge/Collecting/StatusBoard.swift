import Attendance
import Exchange
import Transports

/// How every configured terminal is, for whoever asks: the control socket and the heartbeat.
///
/// Lines write here; nobody waits for them.
public actor StatusBoard {
    private var statuses: [TerminalStatus]
    /// Who is refused at the port for pushes; nil where there is none.
    private(set) var push: PushReport?
    /// Who has dialled in and was refused, the newest last.
    private(set) var refused: [RefusedCaller] = []
    private let now: @Sendable () -> UTCTime
    private let changed: @Sendable () -> Void

    /// - Parameters:
    ///   - now: The wall clock.
    ///   - push: The terminals that send by themselves.
    ///   - terminals: The terminals of the configuration.
    ///   - changed: Called when a terminal enters another state or has another problem, or somebody
    ///     was refused.
    public init(
        _ terminals: [Configuration.Terminal], push: Configuration.Push? = nil,
        now: @escaping @Sendable () -> UTCTime,
        changed: @escaping @Sendable () -> Void = {}
    ) {
        self.now = now
        self.changed = changed
        let since = now().description
        statuses = terminals.map {
            TerminalStatus(
                name: $0.name, driver: $0.driver, link: $0.address.description, state: .starting,
                since: since)
        }
        self.push = push.map { PushReport(listen: $0.place) }
        for terminal in push?.terminals ?? [] {
            statuses.append(
                TerminalStatus(
                    name: terminal.name, driver: terminal.id.make, link: push?.place ?? "",
                    state: .starting, since: since))
        }
    }

    /// In the order of the configuration.
    public var terminals: [TerminalStatus] { statuses }

    /// Changes the row of one terminal.
    func update(_ name: String, _ change: @Sendable (inout TerminalStatus) -> Void) {
        guard let index = statuses.firstIndex(where: { $0.name == name }) else { return }
        change(&statuses[index])
    }

    /// The terminal is in this state; `since` moves only if that is news.
    func enter(_ state: TerminalStatus.State, _ name: String, because problem: Problem?) {
        let time = now().description
        alter(name) { status in
            if status.state != state { status.since = time }
            status.state = state
            status.problem = problem.map(StatusProblem.init)
        }
    }

    /// Something is wrong that does not change the state.
    func note(_ problem: Problem, _ name: String) {
        alter(name) { $0.problem = StatusProblem(problem) }
    }

    /// Counts a request to push of a terminal that may not.
    ///
    /// - Returns: Whether this caller is news.
    func refuse(_ serial: String, from peer: String) -> Bool {
        push?.refuse(serial, from: peer, at: now()) ?? false
    }

    /// Somebody who dialled in was refused.
    ///
    /// - Returns: Whether this is the first time.
    func refuse(_ trouble: CallerTrouble, from peer: String, at address: String) -> Bool {
        let time = now().description
        var caller = RefusedCaller(trouble, peer: peer, address: address, at: time)
        let known = refused.firstIndex { $0.isSame(as: caller) }
        if let known {
            caller.count += refused[known].count
            refused.remove(at: known)
        }
        refused.append(caller)
        if refused.count > Self.mostRefused { refused.removeFirst() }
        changed()
        return known == nil
    }

    /// A port that the whole internet knocks at must not fill the memory.
    private static let mostRefused = 16

    /// Changes a row in a way that is news if its state or problem is another one after it.
    private func alter(_ name: String, _ change: @Sendable (inout TerminalStatus) -> Void) {
        let before = statuses.first { $0.name == name }
        update(name, change)
        let after = statuses.first { $0.name == name }
        if before?.state != after?.state || before?.problem?.code != after?.problem?.code {
            changed()
        }
    }
}

extension StatusProblem {
    /// Summary and remedy, in both languages.
    init(_ problem: Problem) {
        self.init(
            code: problem.code, id: problem.line(.indonesian), en: problem.line(.english))
        remedyIndonesian = problem.remedy.indonesian
        remedyEnglish = problem.remedy.english
    }
}
