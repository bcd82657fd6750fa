import Anviz
import Attendance
import Soyal
public import TerminalKit
import ZKTeco

/// The makes this bridge speaks. A new make is a folder of its own and a line here.
public enum KnownDrivers {
    private struct Make: Sendable {
        let name: String
        let defaultPort: Int
        let confirms: [ConfirmPolicy]
        var tellsWhoItIs = true
        let make: @Sendable (DriverOptions) -> any TerminalDriver
    }

    private static let makes = [
        Make(
            name: ZKTecoDriver.make, defaultPort: ZKTecoDriver.defaultPort, confirms: [.never],
            make: { ZKTecoDriver(options: $0) }),
        Make(
            name: AnvizDriver.make, defaultPort: AnvizDriver.defaultPort,
            confirms: [.never, .flags], make: { AnvizDriver(options: $0) }),
        Make(
            name: SoyalDriver.make, defaultPort: SoyalDriver.defaultPort,
            confirms: [.never, .deleteOldest], tellsWhoItIs: false,
            make: { SoyalDriver(options: $0) }),
    ]

    /// Names as the key `driver` takes them.
    public static let names = makes.map(\.name)

    /// - Returns: nil if there is no such make.
    public static func driver(
        named name: String, options: DriverOptions = DriverOptions()
    ) -> (any TerminalDriver)? {
        makes.first { $0.name == name }?.make(options)
    }

    /// The TCP or UDP port terminals of this make listen on when they leave the factory.
    public static func defaultPort(of name: String) -> Int? {
        makes.first { $0.name == name }?.defaultPort
    }

    /// The ways of confirming that this make has; `ConfirmPolicy.never` is always
    /// the first.
    public static func confirmPolicies(of name: String) -> [ConfirmPolicy] {
        makes.first { $0.name == name }?.confirms ?? [.never]
    }

    /// Whether terminals of this make tell their serial number and answer without being called by
    /// their number on the line. Of one that does not, the configuration has to say both.
    public static func tellsWhoItIs(_ name: String) -> Bool {
        makes.first { $0.name == name }?.tellsWhoItIs ?? true
    }

    /// The name that was probably meant.
    public static func nearest(to name: String) -> String {
        NearestWord.to(name, in: names) ?? ""
    }
}
