public import Attendance
public import TerminalKit
public import Transports

/// What `/etc/titian/bridge.toml` says, checked.
///
/// Every key is explained in `docs/reference/configuration.md`, whose tables are made from the
/// keys that the readers go by; a test keeps the example file with them.
public struct Configuration: Hashable, Sendable {
    public static let defaultPath = "/etc/titian/bridge.toml"

    public var office: OfficeID
    public var zone: Zone
    public var server: Server
    public var terminals: [Terminal]
    /// Terminals that send by themselves; nil where none may.
    public var push: Push?
    public var stick = Stick()
    public var page = Page()
    /// Where metrics are written; nil for nowhere.
    public var metricsFile: String? = "/run/titian/titian.prom"

    /// The section `[page]`: what the people of the office see.
    public struct Page: Hashable, Sendable {
        /// Where the page is written; nil for nowhere.
        public var file: String?
        /// Whom to call, as it stands on the page.
        public var contact: String?

        public init(file: String? = "/run/titian/status.html", contact: String? = nil) {
            self.file = file
            self.contact = contact
        }
    }

    /// The section `[stick]`.
    public struct Stick: Hashable, Sendable {
        /// Whether files of terminals are taken in by themselves when a stick is mounted.
        public var isOn: Bool
        /// Folders at or below which sticks are mounted.
        public var watch: [String]

        public init(isOn: Bool = true, watch: [String] = ["/media", "/run/media", "/mnt"]) {
            self.isOn = isOn
            self.watch = watch
        }
    }

    /// The section `[server]`.
    public struct Server: Hashable, Sendable {
        /// `https://…` without a slash at its end; nil as long as the office has none.
        public var url: String?
        /// `sha256//…`, where the pins are not left to `titian enroll`.
        public var pins: [String]
        /// The office's own way to the internet; nil for the direct one, or what the environment says.
        public var proxy: Proxy?
        /// The wait after the first failed call; it doubles from there.
        public var retryBase: Duration
        /// The longest silence towards the centre.
        public var heartbeat: Duration

        public init(
            url: String? = nil, pins: [String] = [], retryBase: Duration = .seconds(30),
            heartbeat: Duration = .seconds(300)
        ) {
            self.url = url
            self.pins = pins
            self.retryBase = retryBase
            self.heartbeat = heartbeat
        }
    }

    /// One section `[[terminal]]`.
    public struct Terminal: Hashable, Sendable {
        /// A label for people; who a terminal is, its own serial number says.
        public var name: String
        public var driver: String
        public var address: Address
        /// The time between two reads of the log.
        public var poll: Duration
        /// Whether punches are shown as they happen, where the terminal can.
        public var live: Bool
        public var commKeyFile: String?
        /// The only serial number this address may lead to; for a make that cannot tell its own,
        /// who the terminal is.
        public var serialNumber: String?
        public var confirm: ConfirmPolicy
        /// The terminal's number on a line that several share.
        public var station: UInt32?
        /// Bytes in a log record, where it cannot be found out.
        public var recordSize: Int?
        /// How long its line must be quiet before it is talked on; nil for what suits the line.
        public var pause: Duration?
        /// Other terminals are on its line.
        public var sharesLine = false

        public init(
            name: String, driver: String, address: Address, poll: Duration = .seconds(30),
            live: Bool = true, commKeyFile: String? = nil, serialNumber: String? = nil,
            confirm: ConfirmPolicy = .never, station: UInt32? = nil, recordSize: Int? = nil
        ) {
            self.name = name
            self.driver = driver
            self.address = address
            self.poll = poll
            self.live = live
            self.commKeyFile = commKeyFile
            self.serialNumber = serialNumber
            self.confirm = confirm
            self.station = station
            self.recordSize = recordSize
        }

        /// What its driver is told; reads the communication key from its file.
        public func driverOptions() throws(ConfigurationError) -> DriverOptions {
            var options = DriverOptions()
            options.confirm = confirm
            options.station = station
            options.recordSize = recordSize
            options.serialNumber = serialNumber
            options.turnaround = pause ?? usualPause
            options.usesWebService = address.isWebService
            if let commKeyFile {
                options.commKey = try CommKeyFile.read(
                    CommKeyFile.path(of: commKeyFile), named: commKeyFile,
                    for: "\(name).comm_key_file")
            }
            return options
        }

        /// Serial lines may be half duplex, and need a moment to turn round; where several share
        /// one, the terminals need it too.
        private var usualPause: Duration {
            if sharesLine { return .milliseconds(200) }
            return if case .serial = address.line { .milliseconds(20) } else { .zero }
        }
    }

    public init(
        office: OfficeID, zone: Zone, server: Server = Server(), terminals: [Terminal] = [],
        push: Push? = nil
    ) {
        self.office = office
        self.zone = zone
        self.server = server
        self.terminals = terminals
        self.push = push
    }

    /// Reads and checks a file.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong, not only the first.
    public static func load(path: String) throws(ConfigurationProblems) -> Configuration {
        guard let text = TextFile.read(path, limit: 1 << 20) else {
            let reason = SystemError(path).reason
            throw ConfigurationProblems(
                path: path, errors: [.unreadable(path: path, reason: reason)])
        }
        return try Configuration(parsing: text, path: path)
    }

    /// - Parameters:
    ///   - text: TOML.
    ///   - path: Only for the words of an error.
    public init(parsing text: String, path: String) throws(ConfigurationProblems) {
        var reader = ConfigurationReader(text)
        guard let configuration = reader.read() else {
            throw ConfigurationProblems(path: path, errors: reader.errors)
        }
        self = configuration
    }
}
