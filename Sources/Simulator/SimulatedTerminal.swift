public import Attendance
import Synchronization

/// How a simulated terminal is to be.
public struct SimulatorSettings: Hashable, Sendable {
    public var records = 100
    /// Records in a log that is full; nil: 50,000 (Anviz), else it only grows.
    public var logSize: Int?
    public var users = 20
    public var seed: UInt64 = 1
    public var serialNumber: String
    /// Punches a second made by themselves; 0 for none.
    public var live = 0.0
    /// ZKTeco's communication key, Anviz's connection password; 0 for none.
    public var commKey: UInt32 = 0
    /// Bytes in a ZKTeco log record.
    public var recordSize = 40
    /// The number of the terminal on its line (Anviz, SOYAL).
    public var deviceNumber: UInt32 = 1
    /// The numbers of several terminals on one line; none: there is only one terminal.
    public var stations: [UInt32] = []
    /// Seconds between two signs of life of a terminal that has dialled in.
    public var heartbeat = 300
    public var zone = Zone.wita
    /// The last moment of the log that the terminal comes with: fixed, so that a seed says it all.
    public var logEnd = WallTime(seconds: 1_795_195_800)  // 2026-11-20T17:30:00
    public var faults: [Fault] = []
    /// Anviz: whether punches are pushed from the start.
    var pushes = true

    public init(serialNumber: String) {
        self.serialNumber = serialNumber
    }

    /// One for each terminal on the line, each with people and a serial number of its own.
    var ofEach: [SimulatorSettings] {
        guard !stations.isEmpty else { return [self] }
        return stations.enumerated().map { index, station in
            var one = self
            one.stations = []
            // Terminals that push on a line they share talk into each other's answers.
            one.pushes = false
            one.deviceNumber = station
            one.seed = seed &+ UInt64(index)
            let number = String(station)
            one.serialNumber = serialNumber.dropLast(number.count) + number
            return one
        }
    }
}

/// A terminal that does not exist: its memory, its clock, and how often it was asked for what.
///
/// Shared by all its lines and its control port.
final class SimulatedTerminal: Sendable {
    typealias Listener = @Sendable (SimulatedPunch) -> Void

    struct State: Sendable {
        var book: TerminalBook
        var clockOffset: Int64 = 0
        var live: Double
        var commands: [String: Int] = [:]
        var connections = 0
        var disabled = 0
        var cleared = 0
        var clockSet = 0
        var templateRequests = 0
        var wrongKeys = 0
        /// Anviz: records before this one are not "new" any more, and how far a download has come.
        /// SOYAL: records before this one have been removed.
        var confirmed = 0
        var download: AnvizDownload?
        /// ZKTeco: the log as the terminal would send it, kept while the log only grows.
        var encoded: [UInt8] = []
        var encodedCount = 0
        var injector: FaultInjector
        var listeners: [Int: Listener] = [:]
        var nextListener = 0
        /// ZKTeco: sessions given so far.
        var sessions = 0
        /// Anviz: whether punches are pushed.
        var isRealTime = true
        /// SOYAL: TCP connections that are open.
        var masters = 0
        /// The simulation has ended: nobody is dialled any more.
        var isGone = false

        /// Erases the log, and every place in it that somebody has kept.
        mutating func clearLog() {
            book.clear()
            confirmed = 0
            download = nil
            encoded = []
            encodedCount = 0
        }

        /// Makes room for one record in a full ring.
        mutating func overwriteOldest() {
            book.dropOldest()
            confirmed = max(0, confirmed - 1)
            if let going = download { download = going.shifted }
            encoded = []
            encodedCount = 0
        }
    }

    let make: String
    let settings: SimulatorSettings
    private let now: @Sendable () -> Int64
    private let started: Int64
    private let state: Mutex<State>

    /// 2010-11-09T00:00:00, what a controller shows whose clock was never set.
    private static let unsetClock: Int64 = 1_289_260_800

    /// - Parameter now: Seconds since 1970 UTC; the terminal's clock follows it.
    init(make: String, settings: SimulatorSettings, now: @escaping @Sendable () -> Int64) {
        self.make = make
        self.settings = settings
        self.now = now
        started = now()
        var injector = FaultInjector(seed: settings.seed)
        for fault in settings.faults { injector.apply(fault) }
        state = Mutex(
            State(
                book: TerminalBook(
                    users: settings.users, records: settings.records, seed: settings.seed,
                    end: settings.logEnd),
                live: settings.live, injector: injector, isRealTime: settings.pushes))
    }

    /// Reads or changes the terminal; short, because every line waits meanwhile.
    func with<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }

    /// What the terminal's screen shows.
    func clock(_ state: State) -> WallTime {
        if state.injector.has(.unsetClock) != nil {
            return WallTime(seconds: Self.unsetClock + now() - started)
        }
        return WallTime(secondsSince1970: now() + state.clockOffset, in: settings.zone)
    }

    func setClock(to time: WallTime, _ state: inout State) {
        state.clockOffset = time.secondsSince1970(in: settings.zone) - now()
    }

    func count(_ command: String, _ state: inout State) {
        state.commands[command, default: 0] += 1
    }

    /// Records after which the oldest is overwritten; nil: the log only grows.
    var ringCapacity: Int? {
        let usual = make == "anviz" ? max(SimulatedAnviz.capacity, settings.records) : nil
        return settings.logSize ?? usual
    }

    // MARK: Masters

    /// Whether one more TCP connection is taken: a SOYAL controller has one at a time.
    func admitsMaster() -> Bool {
        with { state in
            guard make != "soyal" || state.masters == 0 else { return false }
            state.masters += 1
            return true
        }
    }

    func masterLeft() {
        with { $0.masters -= 1 }
    }

    // MARK: Punches

    /// Somebody puts a finger on the terminal, `count` times.
    ///
    /// - Parameters:
    ///   - time: Of the first; the others follow a second apart, exactly. nil: the terminal's
    ///     clock.
    ///   - code: SOYAL's function code.
    ///   - count: How often.
    ///   - pin: Who; nil for anybody.
    func add(_ count: Int, pin: UInt32? = nil, at time: WallTime? = nil, code: UInt8? = nil) {
        let (punches, listeners) = with { state -> ([SimulatedPunch], [Listener]) in
            guard state.injector.strikes(.noEvents) == nil else { return ([], []) }
            let now = clock(state)
            let punches = (0..<max(0, count)).map { number in
                if let capacity = ringCapacity, state.book.log.count >= capacity {
                    state.overwriteOldest()
                }
                return state.book.add(
                    pin: pin, at: time?.advanced(by: Int64(number)) ?? now,
                    isExact: time != nil, code: code)
            }
            let order = state.listeners.keys.sorted()
            return (punches, order.compactMap { state.listeners[$0] })
        }
        for punch in punches {
            for listener in listeners { listener(punch) }
        }
    }

    /// Calls `body` for every new punch until the number it returns is given to ``unlisten(_:)``.
    func listen(_ body: @escaping @Sendable (SimulatedPunch) -> Void) -> Int {
        with { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = body
            return state.nextListener
        }
    }

    func unlisten(_ number: Int?) {
        guard let number else { return }
        with { state in state.listeners[number] = nil }
    }
}

/// How far an Anviz download has come; the terminal has only one, for all who ask.
struct AnvizDownload: Sendable {
    var next: Int
    let end: Int
    var last: [UInt8] = [0]

    /// The same place after the oldest record has gone.
    var shifted: AnvizDownload {
        AnvizDownload(next: max(0, next - 1), end: max(0, end - 1), last: last)
    }
}
