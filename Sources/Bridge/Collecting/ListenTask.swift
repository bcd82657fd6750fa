import Attendance
import Logging
public import ServiceLifecycle
import TerminalKit
import Transports

/// Looks after one port where terminals dial in, until the daemon stops.
///
/// Every caller is asked who it is; whom the configuration expects is handed to its own task (see
/// `Reception`), anybody else is closed, counted, shown, and logged once.
public struct ListenTask: Service {
    /// How long a caller may take to say who it is.
    static let introduction = Duration.seconds(30)
    /// How long the port may be out of order before it is tried again.
    static let pause = Duration.seconds(5)

    private let host: String
    private let port: Int
    private let terminals: [Configuration.Terminal]
    private let reception: Reception
    private let place: CollectingPlace

    /// One task for each port of the configuration.
    ///
    /// - Parameters:
    ///   - configuration: All terminals, also those that are dialled.
    ///   - place: Learns of every `Reception`, for the tasks of the terminals.
    public static func all(
        of configuration: Configuration, at place: inout CollectingPlace
    ) -> [ListenTask] {
        var tasks: [ListenTask] = []
        let listening = configuration.terminals.filter(\.address.isListening)
        for terminal in listening {
            let name = terminal.address.lineName
            guard case .listen(let host, let port) = terminal.address.line,
                place.receptions[name] == nil
            else { continue }
            let here = listening.filter { $0.address.lineName == name }
            let reception = Reception(at: name, for: here)
            place.receptions[name] = reception
            tasks.append(
                ListenTask(
                    host: host, port: port, terminals: here, reception: reception, place: place))
        }
        return tasks
    }

    /// Never throws: a port that cannot be had is tried for ever.
    public func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                var said: String?
                while !Task.isCancelled {
                    do {
                        let listener = try await Listener.open(host: host, port: port)
                        said = nil
                        defer { listener.close() }
                        while true {
                            let caller = try await listener.accept()
                            group.addTask { await receive(caller) }
                        }
                    } catch {
                        guard !Task.isCancelled else { break }
                        await note(error, &said)
                        try? await place.pace.sleep(Self.pause)
                    }
                }
                group.cancelAll()
            }
        }
    }

    private func note(_ error: any Error, _ said: inout String?) async {
        let problem = Problem(explaining: error)
        for terminal in terminals { await place.board.note(problem, terminal.name) }
        guard said != problem.code else { return }
        said = problem.code
        place.logger.warning(
            "terminals cannot dial in",
            metadata: ["port": "\(reception.address)", "problem": "\(problem.line(.english))"])
    }

    // MARK: Callers

    private func receive(_ caller: Listener.Caller) async {
        let link = CallerLink(caller.link)
        let trouble: CallerTrouble
        switch await introduce(link) {
        case .success(let identity):
            if reception.seat(identity, on: link) != nil { return }
            trouble = .unknown(identity.id, station: identity.station)
        case .failure(let nameless):
            trouble = nameless
        }
        await link.close()
        guard !Task.isCancelled else { return }
        let isNews = await place.board.refuse(trouble, from: caller.peer, at: reception.address)
        guard isNews else { return }
        place.logger.warning(
            "caller refused",
            metadata: [
                "port": "\(reception.address)", "peer": "\(caller.peer)",
                "code": "\(trouble.problem.code)",
                "problem": "\(trouble.problem.line(.english))",
            ])
    }

    /// Asks who has dialled in.
    private func introduce(_ link: CallerLink) async -> Result<TerminalIdentity, CallerTrouble> {
        await withTaskGroup(of: Result<TerminalIdentity, CallerTrouble>.self) { group in
            group.addTask { await identify(link) }
            group.addTask {
                try? await place.pace.sleep(Self.introduction)
                let silence = LinkError.silent(after: Self.introduction)
                return .failure(.nameless(because: silence.problem))
            }
            defer { group.cancelAll() }
            let silence = LinkError.silent(after: Self.introduction)
            return await group.next() ?? .failure(.nameless(because: silence.problem))
        }
    }

    private func identify(_ link: CallerLink) async -> Result<TerminalIdentity, CallerTrouble> {
        guard var terminal = terminals.first else {
            return .failure(.nameless(because: LinkError.cancelled.problem))
        }
        // Whoever it is may answer, and nothing is confirmed before that is known.
        terminal.station = nil
        terminal.confirm = .never
        do {
            let session = try await place.driver(terminal).open(link)
            return .success(try await session.identify())
        } catch {
            return .failure(.nameless(because: Problem(explaining: error)))
        }
    }
}
