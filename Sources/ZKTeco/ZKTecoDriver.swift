internal import Attendance
public import TerminalKit

/// The make ZKTeco and its rebrands, over TCP and UDP: the protocol that listens on port 4370; and
/// over HTTP: the small web server of older boards.
///
/// Reading only. Models, quirks and evidence: README.md in this folder; facts with their
/// sources: docs/reference/protocols/zkteco.md.
public struct ZKTecoDriver: TerminalDriver {
    public static let make = "zkteco"
    public static let defaultPort = 4370

    private let options: DriverOptions

    public init(options: DriverOptions = DriverOptions()) {
        self.options = options
    }

    public var make: String { Self.make }

    public func open(_ link: any Link) async throws -> any TerminalSession {
        if options.usesWebService { return SoapSession(link, options: options) }
        return ZKTecoSession(
            try await Greeting.exchange(on: link, options: options), options: options)
    }

    public func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        Recording.decode(talk, found)
    }

    public func clean(_ talk: Talk, _ redaction: Redaction) -> Talk? {
        Cleaning.clean(talk, redaction)
    }
}
