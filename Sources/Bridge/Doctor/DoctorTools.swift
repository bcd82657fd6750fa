import Attendance
import Exchange
import FoundationEssentials
import Glibc
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
    /// How worn the medium under a folder is; nil where the kernel does not tell.
    public var medium: @Sendable (_ path: String) -> MediumHealth?
    public var openLine: @Sendable (Address) async throws -> any Link
    /// Names of network interfaces that are up and carry something, the loopback left out.
    public var interfaces: @Sendable () -> [String]
    /// Posts nothing to a path of the centre, over a line that trusts only these pins.
    public var knock: @Sendable (_ url: String, _ pins: [String]) async throws -> HTTPAnswer
    /// Programs that hold a serial port.
    public var holders: @Sendable (_ path: String) -> [String]
    /// The program that sets the box's clock from the network; nil if none runs.
    public var timeKeeper: @Sendable () -> String?
    /// How long one terminal, and the centre, may take.
    public var patience = Duration.seconds(6)

    /// Whether the file is there, and only this user may not read it.
    func isForbidden(_ path: String) -> Bool {
        access(path, R_OK) != 0 && errno == EACCES && geteuid() != 0
    }

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
        ask = { try ControlClient.ask(socket: socket, request: $0, within: .seconds(3)) }
        medium = { MediumHealth(under: $0) }
        disk = { DiskSpace(at: $0) }
        openLine = { try await $0.open(within: .seconds(5)) }
        interfaces = { NetworkInterfaces().carrying }
        timeKeeper = { TimeKeepers().running }
        knock = { url, pins in
            let proxy = try? Configuration.load(path: configuration).server.proxy
            return try await HTTPS(origin: url, pins: pins, through: proxy).post(
                "/api/v1/sync", body: [], contentType: "application/x-ndjson")
        }
        holders = { path in
            PortHolders().holding(Self.node(of: path)).map { "\($0.program) (\($0.process))" }
        }
    }
}

extension DoctorTools {
    /// The device file that a link such as `/dev/serial/by-id/…` leads to.
    static func node(of path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}

/// The programs that set a clock from the network, as the kernel names them: the first 15 letters.
struct TimeKeepers {
    static let names = [
        "systemd-timesyn": "systemd-timesyncd", "chronyd": "chronyd", "ntpd": "ntpd",
    ]
    var root = "/proc"

    var running: String? {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        for process in processes where Int(process) != nil {
            guard let name = try? String(contentsOfFile: "\(root)/\(process)/comm", encoding: .utf8)
            else { continue }
            if let known = Self.names[name.filter { $0 != "\n" }] { return known }
        }
        return nil
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
