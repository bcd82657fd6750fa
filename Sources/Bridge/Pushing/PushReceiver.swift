import Attendance
import Logging
import ServiceLifecycle
import TerminalKit
import Transports
import ZKTeco

/// Waits for terminals that send by themselves, until the daemon stops.
///
/// Off unless the configuration has a section `[push]`.
public struct PushReceiver: Service {
    /// How often is looked whether a terminal has fallen silent.
    static let watch = Duration.seconds(15)
    /// Connections at the same time.
    static let mostConnections = 64

    private let push: Configuration.Push
    private let place: CollectingPlace
    private let desk: PushDesk

    public init(_ push: Configuration.Push, at place: CollectingPlace) {
        self.push = push
        self.place = place
        desk = PushDesk(push, at: place)
    }

    /// Never throws: a port that cannot be had is tried again, for ever.
    public func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watch() }
                group.addTask { await self.listen() }
            }
        }
    }

    private func watch() async {
        while (try? await place.pace.sleep(Self.watch)) != nil { await desk.passed() }
    }

    private func listen() async {
        var backoff = Backoff()
        var said: String?
        while !Task.isCancelled {
            do throws(LinkError) {
                let listener = try await Listener.open(
                    host: push.host, port: push.port, most: Self.mostConnections)
                place.logger.notice(
                    "waiting for pushes", metadata: ["port": "\(listener.port)"])
                said = nil
                backoff.reset()
                try await serve(listener)
            } catch {
                if error == .cancelled { return }
                let problem = error.problem
                for terminal in push.terminals { await place.board.note(problem, terminal.name) }
                if said != problem.code {
                    said = problem.code
                    place.logger.warning(
                        "no pushes are received",
                        metadata: [
                            "code": "\(problem.code)", "problem": "\(problem.line(.english))",
                        ])
                }
            }
            try? await place.pace.sleep(backoff.next(jitter: place.pace.jitter()))
        }
    }

    /// - Throws: What ended the listening.
    private func serve(_ listener: Listener) async throws(LinkError) {
        // Discarding: a month of heartbeats would fill a group that remembers its tasks.
        let end = await withDiscardingTaskGroup(returning: LinkError.self) { group in
            while true {
                do throws(LinkError) {
                    let caller = try await listener.accept()
                    group.addTask { await self.converse(with: caller) }
                } catch {
                    listener.close()
                    group.cancelAll()
                    return error
                }
            }
        }
        throw end
    }

    private func converse(with caller: Listener.Caller) async {
        let desk = desk
        let talk = PushConversation(link: caller.link, peer: caller.peer, pace: place.pace) {
            await desk.answer($0, from: $1)
        }
        await talk.run()
        await caller.link.close()
    }
}
