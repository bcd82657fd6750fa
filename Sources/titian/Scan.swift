import Attendance
import Bridge
import Speech
import Synchronization
import TerminalKit
import Transports

/// A search for terminals: what is asked, what is left alone, and what was found.
struct Scan {
    let zone: Zone
    let configured: [Configuration.Terminal]
    let isDaemonRunning: Bool
    /// Where `/sys`, `/dev` and `/proc` are.
    var root = "/"
    /// The addresses of a host by its name; a test brings names of its own.
    var resolve: @Sendable (String) async -> [String] = { await HostNames.addresses(of: $0) }
    /// Where the configured hosts are, under the names that the configuration has for them.
    private var hosts: [String: [String]] = [:]
    private(set) var report = ScanReport()

    /// The ranges that are named, else the box's own networks.
    ///
    /// - Throws: ``CommandError/usage(_:)`` for what is no private range, or too large a one.
    static func ranges(_ named: [String]) throws(CommandError) -> [(
        interface: String, subnet: Subnet
    )] {
        guard !named.isEmpty else { return Subnet.ofThisMachine() }
        var ranges: [(interface: String, subnet: Subnet)] = []
        for text in named {
            let range: Subnet
            do throws(InvalidValue) {
                range = try Subnet(text)
            } catch {
                throw .usage("--subnet \(error)")
            }
            guard !range.isTooLarge else {
                throw .usage("--subnet \(text): /\(Subnet.shortestPrefix)…/32")
            }
            ranges.append(("", range))
        }
        return ranges
    }

    init(zone: Zone, configured: [Configuration.Terminal], isDaemonRunning: Bool) {
        self.zone = zone
        self.configured = configured
        self.isDaemonRunning = isDaemonRunning
        report.takenNames = configured.map(\.name)
    }

    // MARK: Serial ports

    /// - Parameter only: Paths to look at instead of all ports there are.
    mutating func searchPorts(only paths: [String], isThorough: Bool, _ progress: Progress) async {
        let ports = SerialPorts(root: root)
        let chosen: [ScanReport.SerialLine] =
            paths.isEmpty
            ? ports.all().map { ScanReport.SerialLine(path: $0.stablePath, port: $0) }
            : paths.map { ScanReport.SerialLine(path: $0, port: ports.port(at: $0)) }
        report.looksAtPorts = true
        let zone = zone
        let lines = await withTaskGroup(of: (Int, ScanReport.SerialLine).self) { group in
            for (index, line) in chosen.enumerated() {
                let holder = holder(of: line)
                let isInUse =
                    holder == nil && PortHolders(root: root).isInUse(line.port?.node ?? line.path)
                group.addTask {
                    guard !isInUse else { return (index, Self.leftAlone(line)) }
                    let line = await Self.search(
                        line, heldBy: holder, isThorough: isThorough, zone, progress)
                    return (index, line)
                }
            }
            var done: [(Int, ScanReport.SerialLine)] = []
            for await line in group { done.append(line) }
            return done.sorted { $0.0 < $1.0 }.map(\.1)
        }
        report.lines = lines.map(marked)
    }

    private static func search(
        _ line: ScanReport.SerialLine, heldBy name: String?, isThorough: Bool, _ zone: Zone,
        _ progress: Progress
    ) async -> ScanReport.SerialLine {
        var line = line
        if let name {
            line.finding = .readByDaemon(name)
        } else if line.port?.usb?.vendor == 0x1B55 {
            // A ZKTeco terminal's own cable: nothing is sent that nobody has published.
            line.finding = .zkCable
        } else {
            let path = line.path
            let search = SerialSearch(path, isThorough: isThorough, zone: zone)
            line.finding = .searched(await search.run { progress.say("\(path) \($0)") })
        }
        return line
    }

    /// A port that somebody else uses: a console would print our frames, and its shell run them.
    private static func leftAlone(_ line: ScanReport.SerialLine) -> ScanReport.SerialLine {
        var line = line
        line.finding = .searched(.unusable(LinkError.busy(path: line.path).problem))
        return line
    }

    /// The configured terminal that the running daemon reads over this port.
    private func holder(of line: ScanReport.SerialLine) -> String? {
        guard isDaemonRunning else { return nil }
        return configured.first { isSame($0.address, line) }?.name
    }

    private func isSame(_ address: Address, _ line: ScanReport.SerialLine) -> Bool {
        guard case .serial(let path, _) = address.line else { return false }
        if path == line.path { return true }
        guard let port = line.port else { return false }
        return SerialPorts(root: root).port(at: path)?.node == port.node
    }

    private func marked(_ line: ScanReport.SerialLine) -> ScanReport.SerialLine {
        var line = line
        switch line.finding {
        case .searched(.terminals(let found)):
            let marked = found.map { terminal in
                var terminal = terminal
                terminal.configuredAs =
                    configured.first {
                        isSame($0.address, line)
                            && ($0.station ?? 1) == (terminal.address.station ?? 1)
                    }?.name
                return terminal
            }
            line.finding = .searched(.terminals(marked))
        case .searched(.unusable(let problem)) where problem.code == "line.busy":
            let holders = PortHolders(root: root)
            line.holders = holders.holding(line.port?.node ?? line.path).map(\.program)
            if line.holders.isEmpty { line.suspects = holders.running().map(\.program) }
        default: break
        }
        return line
    }

    // MARK: USB

    mutating func searchUSB() {
        report.looksAtUSB = true
        report.usb = AttachedUSB.all(root: root)
    }

    // MARK: Network

    mutating func searchNetwork(
        _ ranges: [(interface: String, subnet: Subnet)], _ progress: Progress
    ) async throws {
        report.looksAtNetwork = true
        report.ranges = ranges.map {
            ScanReport.Range(
                interface: $0.interface, text: $0.subnet.description, count: $0.subnet.count,
                isTooLarge: $0.subnet.isTooLarge)
        }
        await lookUpHosts()
        let hosts = ranges.filter { !$0.subnet.isTooLarge }.flatMap(\.subnet.hosts)
        let held = isDaemonRunning ? configured.flatMap(heldHosts) : []
        report.heldHosts = held.filter { held in hosts.contains(held.host) }
        let free = hosts.filter { host in !held.contains { $0.host == host } }
        let met = Mutex<[NetworkSearch.Event]>([])
        try await NetworkSearch(Self.unique(free), zone: zone).run { event in
            if case .progress(let done, let all) = event {
                progress.say(say(id: "jaringan \(done)/\(all)", en: "network \(done)/\(all)"))
            } else {
                met.withLock { $0.append(event) }
            }
        }
        for event in met.withLock({ $0 }) { take(event) }
        report.sort()
    }

    private mutating func take(_ event: NetworkSearch.Event) {
        switch event {
        case .terminal(var terminal):
            terminal.configuredAs = configured.first { isSame($0, terminal) }?.name
            report.networkTerminals.append(terminal)
        case .stranger(let host, let port, let problem):
            report.strangers.append(
                ScanReport.Stranger(host: host, port: port, problem: problem))
        case .progress: break
        }
    }

    private func isSame(
        _ configured: Configuration.Terminal, _ found: FoundTerminal
    ) -> Bool {
        configured.address.lineName == found.address.lineName
            || isSameHost(configured.address, found.address)
            || configured.serialNumber.map { $0 == found.identity?.serial } ?? false
    }

    /// Whether a host that is configured by its name was found at its address.
    private func isSameHost(_ configured: Address, _ found: Address) -> Bool {
        switch (configured.line, found.line) {
        case (.tcp(let name, let port), .tcp(let host, let here)),
            (.udp(let name, let port), .udp(let host, let here)):
            port == here && (name == host || hosts[name, default: []].contains(host))
        default: false
        }
    }

    private func heldHosts(_ terminal: Configuration.Terminal) -> [ScanReport.HeldHost] {
        guard let host = terminal.address.host else { return [] }
        return hosts[host, default: [host]].map {
            ScanReport.HeldHost(host: $0, name: terminal.name)
        }
    }

    /// All at once: a name server that is gone makes nobody wait twice.
    private mutating func lookUpHosts() async {
        let names = Set(configured.compactMap(\.address.host))
        let resolve = resolve
        hosts = await withTaskGroup(of: (String, [String]).self) { group in
            for name in names { group.addTask { (name, await resolve(name)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private static func unique(_ hosts: [String]) -> [String] {
        var seen: Set<String> = []
        return hosts.filter { seen.insert($0).inserted }
    }
}
