import Attendance
import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A simulated terminal on its lines, with its control port and its living people.
public final class Simulation: Sendable {
    /// All on its lines; one, unless there are stations.
    let terminals: [SimulatedTerminal]
    /// Where it is to be found, as links of a configuration.
    public let links: [String]
    private let control: String?
    private let ptys: [String]

    /// Puts the terminal on all its lines.
    ///
    /// - Parameters:
    ///   - make: `zkteco`, `anviz` or `soyal`.
    ///   - settings: What it holds and how it behaves.
    ///   - listen: Every line it is on.
    ///   - control: `HOST:PORT` of the control port, or nil for none.
    ///   - push: Where a ZKTeco terminal sends by itself, or nil if it only answers.
    /// - Throws: ``ListenError`` or `InvalidValue`; nothing is left listening that
    ///   the process's end does not close.
    public init(
        make: String, settings: SimulatorSettings, listen: [ListenAddress], control: String?,
        push: PushAddress? = nil
    ) throws {
        // A client that goes away must not end the terminal.
        signal(SIGPIPE, SIG_IGN)
        let terminals = settings.ofEach.map { settings in
            SimulatedTerminal(make: make, settings: settings) { Int64(Glibc.time(nil)) }
        }
        self.terminals = terminals
        // A SOYAL controller is only found by its number.
        let isFoundByNumber = make == "soyal" && terminals.count == 1
        let station = isFoundByNumber ? "?station=\(settings.deviceNumber)" : ""
        links = try listen.map { try Lines.open($0, terminals) + station }
        ptys = listen.compactMap { if case .pty(let path) = $0 { path } else { nil } }
        if let control {
            let place = try ListenAddress.place(control, rule: "a control port is HOST:PORT")
            let socket = try BoundSocket(SOCK_STREAM, place.0, place.1)
            if let port = ControlPort(terminals: terminals) { socket.serve { port.serve($0) } }
            self.control = "\(place.0):\(socket.port)"
        } else {
            self.control = nil
        }
        if let push, let first = terminals.first {
            let pusher = PushingZKTeco(terminal: first, address: push)
            DispatchQueue(label: "titian-sim.push").async { pusher.run() }
        }
        for terminal in terminals {
            DispatchQueue(label: "titian-sim.people").async { Self.live(terminal) }
        }
    }

    /// `ready` and one JSON object: who the terminal is and where it is to be found.
    public var readyLine: String {
        struct Station: Encodable {
            var station: UInt32
            var terminal: String
        }
        struct Ready: Encodable {
            var terminal: String?
            var serial: String?
            var listen: [String]
            var control: String?
            var stations: [Station]?
        }
        let names = terminals.map { "\($0.make):\($0.settings.serialNumber)" }
        let stations = zip(terminals, names).map {
            Station(station: $0.settings.deviceNumber, terminal: $1)
        }
        let ready = Ready(
            terminal: names.first, serial: terminals.first?.settings.serialNumber, listen: links,
            control: control, stations: stations.count > 1 ? stations : nil)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(ready)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return "ready \(json)"
    }

    /// Takes the symbolic links of ptys away and dials nobody any more.
    public func end() {
        for path in ptys { unlink(path) }
        for terminal in terminals { terminal.with { $0.isGone = true } }
    }

    /// People come by at the rate that holds just then.
    private static func live(_ terminal: SimulatedTerminal) {
        while true {
            let rate = terminal.with { $0.live }
            guard rate > 0 else {
                usleep(100_000)
                continue
            }
            usleep(UInt32(clamping: Int(1_000_000 / min(rate, 10_000))))
            if terminal.with({ $0.live }) > 0 { terminal.add(1) }
        }
    }
}
