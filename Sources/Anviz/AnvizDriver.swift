internal import Attendance
public import TerminalKit

/// Terminals of Anviz over a serial line or TCP.
///
/// Reads identity, clock, counters and log. By default nothing in the terminal is changed; with
/// `ConfirmPolicy.flags` the "new" flags of exactly the punches that are on disk are
/// cleared.
public struct AnvizDriver: TerminalDriver {
    public static let make = "anviz"
    public static let defaultPort = 5010

    private let options: DriverOptions

    public init(options: DriverOptions = DriverOptions()) {
        self.options = options
    }

    public var make: String { Self.make }

    public func open(_ link: any Link) async throws -> any TerminalSession {
        let dialogue = Dialogue(link, device: options.station)
        do {
            let answer = try await dialogue.ask(.counters)
            guard Counters(answer.data) != nil else {
                throw DriverError.refused(
                    question: Question.counters.name, code: Int(answer.result ?? 0))
            }
        } catch let error as LinkError {
            throw await reason(for: error, dialogue, link)
        }
        return AnvizSession(dialogue, options)
    }

    public func decode(_ talk: Talk) -> [DecodedItem] {
        Recording.decode(talk)
    }

    /// Silence and a line that is closed at once may mean that somebody else lives there.
    private func reason(
        for error: LinkError, _ dialogue: Dialogue, _ link: any Link
    ) async -> any Error {
        guard !dialogue.hasHeardFrames else { return error }
        if let stranger = Stranger.error(for: dialogue.strangeBytes) { return stranger }
        guard case .silent = error, let stranger = await Stranger.look(behind: link) else {
            return error
        }
        return stranger
    }
}
