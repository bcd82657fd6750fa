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
        let dialogue = Dialogue(link, device: options.station, turnaround: options.turnaround)
        let access = Access(dialogue: dialogue, key: options.commKey)
        do {
            try await access.request()
            let answer = try await dialogue.ask(.counters)
            guard Counters(answer.data) != nil else { throw try await access.reason(for: answer) }
        } catch let error as LinkError {
            throw await reason(for: error, dialogue, link)
        }
        return AnvizSession(dialogue, options)
    }

    public func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        Recording.decode(talk, found)
    }

    public func clean(_ talk: Talk, _ redaction: Redaction) -> Talk? {
        Cleaning.clean(talk, redaction)
    }

    /// Silence and a line that is closed at once may mean that somebody else lives there. Where
    /// several share the line nobody looks: another make's greeting would go to all of them.
    private func reason(
        for error: LinkError, _ dialogue: Dialogue, _ link: any Link
    ) async -> any Error {
        guard !dialogue.hasHeardFrames else { return error }
        if let stranger = Stranger.error(for: dialogue.strangeBytes) { return stranger }
        guard case .silent = error, options.station == nil,
            let stranger = await Stranger.look(behind: link)
        else {
            return error
        }
        return stranger
    }
}
