public import Attendance
import TerminalKit
import Transports

/// Looks for terminals on one serial port.
///
/// First it listens, because what sends unasked is no terminal of ours or one that must not be
/// disturbed; then each make whose frames are published is asked in turn, at each speed. ZKTeco
/// frames are never sent: nobody has published what such a terminal takes over a serial line.
///
/// Source: docs/reference/protocols/serial-lines.md, anviz.md and soyal.md.
public struct SerialSearch: Sendable {
    public enum Outcome: Hashable, Sendable {
        case terminals([FoundTerminal])
        /// Bytes come without being asked for.
        case talking([UInt8], baud: UInt32)
        /// Something answers that is not understood.
        case stranger(Problem)
        case silent
        case unusable(Problem)
    }

    /// The factory speed first, then what menus offer.
    public static let speeds: [UInt32] = [9_600, 19_200, 38_400, 57_600, 115_200]
    public static let allSpeeds: [UInt32] = speeds + [4_800, 2_400, 1_200]
    /// Numbers on a line that are asked for one by one in a thorough search.
    public static let stations: ClosedRange<UInt32> = 1...8

    private let path: String
    private let isThorough: Bool
    private let zone: Zone
    private let now: @Sendable () -> UTCTime
    /// How long to listen before anything is asked, and how long to wait for an answer.
    var listening = Duration.milliseconds(600)
    var limits = SerialSearch.usualLimits

    /// - Parameters:
    ///   - path: As it is to stand in the configuration.
    ///   - isThorough: All speeds, and each station from 1 to 8.
    ///   - zone: The office's zone, for the clock's offset.
    ///   - now: The host's clock.
    public init(
        _ path: String, isThorough: Bool = false, zone: Zone,
        now: @escaping @Sendable () -> UTCTime = Host.system.now
    ) {
        self.path = path
        self.isThorough = isThorough
        self.zone = zone
        self.now = now
    }

    /// How many questions ``run(step:)`` asks at most.
    public var steps: Int {
        let speeds = isThorough ? Self.allSpeeds : Self.speeds
        return speeds.count
            * KnownDrivers.searchedOnSerial.map { stations(of: $0).count }
            .reduce(0, +)
    }

    /// - Parameter step: Called before each question with what is tried: `anviz 9600`.
    public func run(step: @Sendable (String) -> Void) async -> Outcome {
        do {
            if let bytes = try await listen() { return .talking(bytes, baud: 9_600) }
            var stranger: Problem?
            for baud in isThorough ? Self.allSpeeds : Self.speeds {
                let (found, other) = try await ask(at: baud, step)
                // One speed serves a whole line.
                if !found.isEmpty { return .terminals(found) }
                stranger = stranger ?? other
            }
            return stranger.map { .stranger($0) } ?? .silent
        } catch {
            return .unusable(Problem(explaining: error))
        }
    }

    /// - Returns: What came unasked; nil if the line is quiet.
    private func listen() async throws -> [UInt8]? {
        let link = try await open(try address(9_600, station: nil))
        var heard: [UInt8] = []
        do {
            while heard.count < 256 { heard += try await link.receive(within: listening) }
        } catch LinkError.silent {}
        await link.close()
        return heard.isEmpty ? nil : heard
    }

    private func ask(
        at baud: UInt32, _ step: @Sendable (String) -> Void
    ) async throws -> (found: [FoundTerminal], other: Problem?) {
        var found: [FoundTerminal] = []
        var other: Problem?
        for make in KnownDrivers.searchedOnSerial where found.isEmpty {
            for station in stations(of: make) {
                step("\(make) \(baud)" + (station.map { " #\($0)" } ?? ""))
                let address = try address(baud, station: station)
                let asking = Asking(
                    make: make, address: address, limits: limits, zone: zone, now: now)
                switch await asking.ask(over: try await open(address)) {
                case .terminal(let terminal): found.append(terminal)
                case .other(let problem, _): other = other ?? problem
                case .nobody: break
                }
            }
        }
        return (found, other)
    }

    /// An Anviz terminal answers for itself to the number 0; a SOYAL node only to its own, which
    /// is 1 when it leaves the factory.
    private func stations(of make: String) -> [UInt32?] {
        if isThorough { return (make == "anviz" ? [nil] : []) + Self.stations.map { $0 } }
        return make == "anviz" ? [nil] : [1]
    }

    private func address(_ baud: UInt32, station: UInt32?) throws -> Address {
        let station = station.map { "&station=\($0)" } ?? ""
        return try Address("serial://\(path)?baud=\(baud)\(station)")
    }

    private func open(_ address: Address) async throws(LinkError) -> any Link {
        try await address.open(within: .seconds(5))
    }

    private static var usualLimits: ShortLink.Limits {
        var limits = ShortLink.Limits()
        limits.answer = .milliseconds(800)
        limits.total = .seconds(6)
        limits.neverSent = KnownDrivers.neverOnSerial
        return limits
    }
}
