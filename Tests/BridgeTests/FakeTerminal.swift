import Attendance
import Exchange
import struct Foundation.URL
import Journal
import Logging
import Synchronization
import TerminalKit
import Transports

@testable import Bridge

/// A terminal without bytes: what it holds, and what is wrong with it, can be set at any time.
final class FakeTerminal: Sendable {
    struct State {
        var serial = "BWXP20126001"
        var mac: String?
        var log: [LogRecord] = []
        var live: [[Punch]] = []
        /// Terminal minus host, in seconds.
        var offset: Int64 = 0
        /// Thrown when the talk begins.
        var refusal: (any Error)?
        /// The line breaks after so many pages of the next read.
        var breaksAfterPages: Int?
        var isComplete = true
        /// Its driver goes on looking for the former place where a read was cut off.
        var remembersWhatIsSought = false
        /// Thrown when the clock is asked for.
        var clockTrouble: DriverError?
        /// Called in the middle of a read.
        var during: (@Sendable () -> Void)?
        var opened = 0
        var reads = 0
    }

    let state = Mutex(State())
    let host: FakeHost

    init(_ host: FakeHost) {
        self.host = host
    }

    func set(_ change: @Sendable (inout State) -> Void) {
        state.withLock { change(&$0) }
    }

    /// Punches of different people, one a minute, on the terminal's own clock.
    func addPunches(_ count: Int, at start: String = "2026-11-21T07:00:00") {
        guard let start = WallTime(start) else { return }
        state.withLock { state in
            let first = state.log.count
            state.log += (0..<count).map { .punch(Self.punch($0 + first, start)) }
        }
    }

    static func punch(_ number: Int, _ start: WallTime) -> Punch {
        Punch(
            pin: Pin(UInt64(number % 50 + 1)), time: start.advanced(by: Int64(number) * 60),
            verify: .finger, verifyNumber: 1, state: .checkIn, stateNumber: 0)
    }

    var driver: any TerminalDriver { Driver(terminal: self) }

    private struct Driver: TerminalDriver {
        let make = "zkteco"
        let terminal: FakeTerminal

        func open(_ link: any Link) async throws -> any TerminalSession {
            let refusal = terminal.state.withLock { state in
                state.opened += 1
                return state.refusal
            }
            if let refusal { throw refusal }
            return FakeSession(terminal)
        }

        func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {}
    }
}

private final class FakeSession: TerminalSession {
    static let page = 10
    private let terminal: FakeTerminal

    init(_ terminal: FakeTerminal) {
        self.terminal = terminal
    }

    func identify() async throws -> TerminalIdentity {
        let (serial, mac) = terminal.state.withLock { ($0.serial, $0.mac) }
        let id = try TerminalID(make: "zkteco", reportedSerial: serial, mac: mac)
        return TerminalIdentity(id: id, serial: serial, mac: mac, model: "Contoh")
    }

    func readClock() async throws -> WallTime {
        let (offset, trouble) = terminal.state.withLock { ($0.offset, $0.clockTrouble) }
        if let trouble { throw trouble }
        return terminal.host.now.wallTime(in: .wita).advanced(by: offset)
    }

    func counters() async throws -> LogCounters {
        LogCounters(records: terminal.state.withLock { $0.log.count }, recordCapacity: 100)
    }

    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let state = terminal.state.withLock { state in
            state.reads += 1
            return state
        }
        let hashes = state.log.map(Self.hash)
        let proven = position.flatMap { $0.end(in: hashes) }
        let start = proven ?? 0
        let sought = proven == nil ? position?.proof : position?.sought
        var pages = 0
        for first in stride(from: start, to: state.log.count, by: Self.page) {
            if let limit = state.breaksAfterPages, pages == limit {
                terminal.set { $0.breaksAfterPages = nil }
                throw LinkError.closed(reason: "reset")
            }
            let end = min(first + Self.page, state.log.count)
            try await keep(
                LogPage(
                    records: Array(state.log[first..<end]),
                    position: LogPosition(
                        count: end, recordSize: 40, proof: Array(hashes[..<end]),
                        sought: state.remembersWhatIsSought ? sought : nil)))
            pages += 1
        }
        if state.breaksAfterPages == pages, pages > 0 {
            terminal.set { $0.breaksAfterPages = nil }
            throw LinkError.closed(reason: "reset")
        }
        if state.log.isEmpty, let position, position.count > 0 {
            let nothing = LogPosition(count: 0, recordSize: 40, proof: [])
            try await keep(LogPage(records: [], position: nothing))
        }
        state.during?()
        return LogRead(
            extent: proven == nil ? .full : pages == 0 ? .unchanged : .tail,
            received: state.log.count - start, total: state.log.count,
            isComplete: state.isComplete,
            lostPosition: (position?.count ?? 0) > 0
                && (proven == nil || position?.sought != nil))
    }

    func nextLive(within limit: Duration) async throws -> [Punch] {
        terminal.state.withLock { $0.live.isEmpty ? [] : $0.live.removeFirst() }
    }

    func close() async {}

    private static func hash(_ record: LogRecord) -> UInt64 {
        switch record {
        case .punch(let punch): LogPosition.hash(of: "\(punch.pin) \(punch.time)".utf8)
        case .oddity(let oddity): LogPosition.hash(of: oddity.raw)
        }
    }
}

/// A line that carries nothing.
struct FakeLink: Link {
    let isDatagram = false

    func send(_ bytes: [UInt8]) async throws(LinkError) {}
    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        throw .silent(after: limit)
    }
    func close() async {}
}

/// A box whose clocks are set by hand.
final class FakeHost: Sendable {
    private let milliseconds = Mutex(Int64(1_795_219_200_000))  // 2026-11-21 08:00 WITA

    var now: UTCTime { UTCTime(milliseconds: milliseconds.withLock { $0 }) }

    func pass(_ time: Duration) {
        milliseconds.withLock { $0 += time.milliseconds }
    }

    var host: Host {
        Host(
            now: { self.now }, uptime: { self.now.milliseconds - 1_795_000_000_000 },
            bootID: "boot", hostname: "kotak-contoh", isSynced: { true })
    }

    /// Waiting takes no time, it only moves the clocks.
    var pace: Pace {
        let start = now.milliseconds
        return Pace(
            now: { .milliseconds(self.now.milliseconds - start) },
            sleep: { self.pass($0) }, jitter: { 1 })
    }
}

/// Counts log lines.
final class LogBook: Sendable {
    private let book = Mutex<[String]>([])

    var lines: [String] { book.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            book.book.withLock { $0.append("\(event.message)") }
        }
    }
}

/// An office with real disk and everything else fake.
struct FakeOffice {
    let host = FakeHost()
    let log = LogBook()
    let folder: String
    let journal: Journal
    let board: StatusBoard
    let place: CollectingPlace

    /// - Parameter terminals: By the name in the configuration.
    init(
        in folder: URL, _ configured: [Configuration.Terminal], key: SigningKey = SigningKey(),
        push: Configuration.Push? = nil,
        terminals: @escaping @Sendable (String) -> FakeTerminal?
    ) throws {
        self.folder = folder.path
        var random = SystemRandomNumberGenerator()
        journal = try Journal(folder: folder.path, publicKey: key.verifying, using: &random)
        board = StatusBoard(configured, push: push, now: host.host.now)
        var place = CollectingPlace(
            zone: .wita, journal: journal, host: host.host, boot: 1, board: board,
            state: StateFolder(path: folder.path), pace: host.pace, logger: log.logger, written: {})
        place.openLine = { _ in FakeLink() }
        place.driver = { configured in
            guard let terminal = terminals(configured.name) else {
                throw LinkError.unreachable(address: "tcp://…", reason: "refused")
            }
            return terminal.driver
        }
        self.place = place
    }

    static func configured(
        _ name: String = "lobi", _ link: String = "tcp://192.168.1.201:4370", poll: Int = 30
    ) throws -> Configuration.Terminal {
        Configuration.Terminal(
            name: name, driver: "zkteco", address: try Address(link), poll: .seconds(poll))
    }

    func kinds() async throws -> [String] {
        try await journal.lines(from: 1, limit: 100_000).compactMap { line in
            EntryFields(line: line.line).map { $0.event ?? $0.kind ?? "" }
        }
    }

    func punches() async throws -> Int { try await journal.status().punches }
}
