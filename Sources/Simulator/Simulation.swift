import Attendance
import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A simulated terminal on its lines, with its control port and its living people.
public final class Simulation: Sendable {
    private let terminal: SimulatedTerminal
    /// Where it is to be found, as links of a configuration.
    public let links: [String]
    private let control: String?
    private let ptys: [String]

    /// Puts the terminal on all its lines.
    ///
    /// - Parameters:
    ///   - make: `zkteco`, `anviz` or `soyal`.
    ///   - control: `HOST:PORT` of the control port, or nil for none.
    ///   - push: Where a ZKTeco terminal sends by itself, or nil if it only answers.
    /// - Throws: ``ListenError`` or ``Attendance/InvalidValue``; nothing is left listening that
    ///   the process's end does not close.
    public init(
        make: String, settings: SimulatorSettings, listen: [ListenAddress], control: String?,
        push: PushAddress? = nil
    ) throws {
        // A client that goes away must not end the terminal.
        signal(SIGPIPE, SIG_IGN)
        let terminal = SimulatedTerminal(make: make, settings: settings) {
            Int64(Glibc.time(nil))
        }
        self.terminal = terminal
        // A SOYAL controller is only found by its number.
        let station = make == "soyal" ? "?station=\(settings.deviceNumber)" : ""
        links = try listen.map { try Lines.open($0, terminal) + station }
        ptys = listen.compactMap { if case .pty(let path) = $0 { path } else { nil } }
        if let control {
            let place = try ListenAddress.place(control, rule: "a control port is HOST:PORT")
            let socket = try BoundSocket(SOCK_STREAM, place.0, place.1)
            let port = ControlPort(terminal: terminal)
            socket.serve { port.serve($0) }
            self.control = "\(place.0):\(socket.port)"
        } else {
            self.control = nil
        }
        if let push {
            let pusher = PushingZKTeco(terminal: terminal, address: push)
            DispatchQueue(label: "titian-sim.push").async { pusher.run() }
        }
        DispatchQueue(label: "titian-sim.people").async { Self.live(terminal) }
    }

    /// `ready` and one JSON object: who the terminal is and where it is to be found.
    public var readyLine: String {
        struct Ready: Encodable {
            var terminal: String
            var serial: String
            var listen: [String]
            var control: String?
        }
        let ready = Ready(
            terminal: "\(terminal.make):\(terminal.settings.serialNumber)",
            serial: terminal.settings.serialNumber, listen: links, control: control)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(ready)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return "ready \(json)"
    }

    /// Takes the symbolic links of ptys away.
    public func end() {
        for path in ptys { unlink(path) }
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
