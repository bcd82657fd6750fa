internal import Attendance
public import TerminalKit

/// Controllers of SOYAL over a serial line or TCP.
///
/// Reads clock and log. By default nothing in the controller is changed, and then only the oldest
/// event of its log can be read; with `ConfirmPolicy.deleteOldest` each event is removed once it
/// is on disk.
public struct SoyalDriver: TerminalDriver {
    public static let make = "soyal"
    public static let defaultPort = 1621

    private let options: DriverOptions

    public init(options: DriverOptions = DriverOptions()) {
        self.options = options
    }

    public var make: String { Self.make }

    public func open(_ link: any Link) async throws -> any TerminalSession {
        guard let station = options.station, let node = UInt8(exactly: station),
            Node.controllers.contains(node)
        else { throw DriverError.stationMissing }
        let dialogue = Dialogue(link, node: node, turnaround: options.turnaround)
        do {
            guard case .data(let data) = try await dialogue.ask(.clock) else {
                throw DriverError.refused(question: Question.clock.name, code: 0)
            }
            guard let info = ControllerInfo(data) else {
                throw DriverError.garbled(what: "a clock of another length", bytes: data)
            }
            return SoyalSession(dialogue, options, info)
        } catch let error as LinkError {
            throw reason(for: error, dialogue)
        }
    }

    public func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        Recording.decode(talk, found)
    }

    public func clean(_ talk: Talk, _ redaction: Redaction) -> Talk? {
        Cleaning.clean(talk, redaction)
    }

    /// Bytes that are no frames may mean that somebody else lives there. A bus of several
    /// controllers is no place to say things in other languages, so nothing is asked.
    private func reason(for error: LinkError, _ dialogue: Dialogue) -> any Error {
        guard !dialogue.hasHeardFrames else { return error }
        return Stranger.error(for: dialogue.strangeBytes) ?? error
    }
}
