import Attendance
import Exchange
import FoundationEssentials
public import TerminalKit
public import Transports

/// What a doctor looks with: the box, its daemon, its lines. A test brings a patient of its own.
public struct DoctorTools: Sendable {
    public var configurationPath: String
    public var state: StateFolder
    public var host: Host
    /// Asks the daemon's control socket; throws `ControlError`.
    public var ask: @Sendable (ControlRequest) async throws -> [UInt8]
    /// Whether the journal on disk is whole, while no daemon runs: nil if it is, else why not.
    public var journalTrouble: @Sendable () async -> (any Error)?
    public var disk: @Sendable (_ path: String) -> DiskSpace?
    public var openLine: @Sendable (Address) async throws -> any Link
    /// Names of network interfaces that are up and carry something, the loopback left out.
    public var interfaces: @Sendable () -> [String]
    /// Posts nothing to a path of the centre, over a line that trusts only these pins.
    public var knock: @Sendable (_ url: String, _ pins: [String]) async throws -> HTTPAnswer
    /// Programs that hold a serial port.
    public var holders: @Sendable (_ path: String) -> [String]
    /// How long one terminal may take.
    public var patience = Duration.seconds(8)

    /// The box itself.
    ///
    /// - Parameters:
    ///   - configuration: The configuration file's path.
    ///   - socket: The daemon's control socket.
    ///   - state: The bridge's state folder.
    ///   - journalTrouble: See ``journalTrouble``.
    public init(
        configuration: String, state: StateFolder, socket: String,
        journalTrouble: @escaping @Sendable () async -> (any Error)?
    ) {
        configurationPath = configuration
        self.state = state
        self.journalTrouble = journalTrouble
        host = .system
        ask = { try ControlClient.ask(socket: socket, request: $0, within: .seconds(5)) }
        disk = { DiskSpace(at: $0) }
        openLine = { try await $0.open(within: .seconds(5)) }
        interfaces = { NetworkInterfaces().carrying }
        knock = { url, pins in
            try await HTTPS(origin: url, pins: pins).post(
                "/api/v1/sync", body: [], contentType: "application/x-ndjson")
        }
        holders = { path in PortHolders().holding(path).map { "\($0.program) (\($0.process))" } }
    }
}

/// The network interfaces, as the kernel tells of them in `/sys/class/net`.
struct NetworkInterfaces {
    var root = "/sys/class/net"

    var carrying: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.sorted().filter { name in
            name != "lo" && TextFile.read("\(root)/\(name)/carrier", limit: 16)?.trimmedLine == "1"
        }
    }
}
