internal import Attendance
public import TerminalKit

/// Controllers of SOYAL over a serial line or TCP.
public struct SoyalDriver: TerminalDriver {
    public static let make = "soyal"
    public static let defaultPort = 1621

    private let options: DriverOptions

    public init(options: DriverOptions = DriverOptions()) {
        self.options = options
    }

    public var make: String { Self.make }

    public func open(_ link: any Link) async throws -> any TerminalSession {
        throw DriverError.unsupported(what: "SOYAL", code: 0)
    }

    public func decode(_ talk: Talk) -> [DecodedItem] {
        []
    }
}
