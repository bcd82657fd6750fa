public import Attendance
public import Journal
public import Logging
public import TerminalKit
public import Transports

/// Everything that the lines of one office share, and all that reaches into the world.
public struct CollectingPlace: Sendable {
    public var zone: Zone
    public var journal: Journal
    public var host: Host
    /// The number of this start of the box.
    public var boot: Int64
    public var board: StatusBoard
    var roll: TerminalRoll
    public var pace: Pace
    public var logger: Logger
    /// Where each line says that it is at work.
    let liveness: Liveness
    /// Rung when a cable is plugged in or pulled out.
    public var plugs = PlugBell()
    /// Opens a line.
    public var openLine: @Sendable (Address) async throws -> any Link
    /// Makes the driver of a configured terminal.
    public var driver: @Sendable (Configuration.Terminal) throws -> any TerminalDriver
    /// Where terminals dial in, by the address of the port.
    var receptions: [String: Reception] = [:]
    /// Called when there is something new to send.
    public var written: @Sendable () -> Void

    /// How long the opening of a line may take.
    static let openLimit = Duration.seconds(10)

    /// - Parameters:
    ///   - board: Where each terminal's state is shown.
    ///   - boot: The journal's number of this start of the box.
    ///   - host: The box and its clocks.
    ///   - journal: The journal to write to.
    ///   - logger: Where the few lines of the log go.
    ///   - pace: Waiting and chance.
    ///   - written: Called after each commit.
    ///   - zone: The office's zone.
    ///   - state: Holds `terminals.json`.
    public init(
        zone: Zone, journal: Journal, host: Host, boot: Int64, board: StatusBoard,
        state: StateFolder, pace: Pace, logger: Logger, written: @escaping @Sendable () -> Void
    ) {
        self.zone = zone
        self.journal = journal
        self.host = host
        self.boot = boot
        self.board = board
        roll = TerminalRoll(path: state.terminalsFile)
        self.pace = pace
        liveness = Liveness(now: pace.now)
        self.logger = logger
        self.written = written
        openLine = { try await $0.open(within: Self.openLimit) }
        driver = { terminal in
            let options = try terminal.driverOptions()
            guard let driver = KnownDrivers.driver(named: terminal.driver, options: options) else {
                throw ConfigurationError.unknownDriver(
                    "driver", value: terminal.driver,
                    nearest: KnownDrivers.nearest(to: terminal.driver), line: nil)
            }
            return driver
        }
    }

    /// The clocks of just now, for what is written.
    var moment: @Sendable () -> Moment {
        { [host, boot] in Moment(at: host.now(), boot: boot, up: host.uptime()) }
    }
}
