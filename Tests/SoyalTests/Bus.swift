import Attendance
import TerminalKit

@testable import Simulator
@testable import Soyal

/// A line in memory to one or more simulated controllers, with faults on request. Its clock is only
/// moved by waiting.
actor Bus: Link {
    enum Fault {
        case loseRequest
        case loseAnswer
        /// The answer comes after so many milliseconds; the asker gives up after 2,000.
        case lateAnswer(Int)
        /// Two bits of one column are flipped, so that neither checksum notices.
        case changeAnswer
        case damageAnswer
        /// Another frame comes just before the answer.
        case before([UInt8])
        /// Another frame comes, and the answer does not.
        case instead([UInt8])
    }

    nonisolated let isDatagram = false

    private var controllers: [SimulatedSoyal]
    /// Faults by the number of the request, from 0.
    private var faults: [Int: Fault] = [:]
    /// Faults of the first request of this command.
    private var faultOfCommand: [UInt8: [Fault]] = [:]
    /// The cable is pulled after so many bytes in either direction.
    private let cut: Cut?

    private(set) var requests: [Packet] = []
    private(set) var sent = 0
    private(set) var received = 0
    private var decoder = PacketDecoder()
    private var queue: [(due: Int, bytes: [UInt8])] = []
    private var now = 0
    private var isCut = false
    /// Milliseconds until an answer comes, request by request; the last holds for all that follow.
    private var latencies = [20]

    struct Cut: Hashable, Sendable {
        var afterSent = Int.max
        var afterReceived = Int.max
    }

    init(_ terminals: SimulatedTerminal..., cut: Cut? = nil) {
        controllers = terminals.map { SimulatedSoyal($0) }
        self.cut = cut
    }

    func fault(_ fault: Fault, of command: UInt8) {
        faultOfCommand[command, default: []].append(fault)
    }

    func fault(_ fault: Fault, at number: Int) { faults[number] = fault }

    func delay(_ milliseconds: [Int]) { latencies = milliseconds }

    var commands: [UInt8] { requests.map(\.command) }

    // MARK: Link

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        guard !isCut else { throw .closed(reason: "cut") }
        let room = (cut?.afterSent ?? .max) - sent
        sent += bytes.count
        take(Array(bytes.prefix(max(0, room))))
        guard room >= bytes.count else {
            isCut = true
            throw .closed(reason: "cut")
        }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard !isCut else { throw .closed(reason: "cut") }
        let end = now + Int(limit / .milliseconds(1))
        guard let next = queue.first, next.due <= end else {
            now = end
            throw .silent(after: limit)
        }
        now = max(now, next.due)
        let bytes = queue.removeFirst().bytes
        let room = (cut?.afterReceived ?? .max) - received
        received += bytes.count
        guard room < bytes.count else { return bytes }
        isCut = true
        guard room > 0 else { throw .closed(reason: "cut") }
        return Array(bytes.prefix(room))
    }

    func close() async {}

    // MARK: Behaviour

    /// Every whole frame goes to all controllers on its own, so that each can have its fault.
    private func take(_ bytes: [UInt8]) {
        decoder.feed(bytes)
        while let event = decoder.next() {
            guard case .packet(let packet) = event else { continue }
            let number = requests.count
            requests.append(packet)
            defer { if latencies.count > 1 { latencies.removeFirst() } }
            let ofCommand = faultOfCommand[packet.command]?.first
            if ofCommand != nil { faultOfCommand[packet.command]?.removeFirst() }
            pass(packet, faults[number] ?? ofCommand)
        }
    }

    private func pass(_ packet: Packet, _ fault: Fault?) {
        if case .loseRequest = fault { return }
        if case .before(let bytes) = fault { say(bytes, after: 10) }
        for index in controllers.indices {
            for var answer in controllers[index].answer(packet.bytes).flatMap(\.self).map(\.bytes) {
                switch fault {
                case .loseAnswer: continue
                case .instead(let bytes): say(bytes)
                case .lateAnswer(let milliseconds): say(answer, after: milliseconds)
                case .damageAnswer:
                    answer[answer.count - 3] ^= 0x40
                    say(answer)
                case .changeAnswer: say(Self.changed(answer))
                default: say(answer)
                }
            }
        }
    }

    /// Flips one bit from 0 to 1 and the same bit of another byte from 1 to 0.
    static func changed(_ answer: [UInt8]) -> [UInt8] {
        var answer = answer
        let data = 5..<(answer.count - 2)
        guard let one = data.first(where: { answer[$0] & 1 == 1 }),
            let zero = data.first(where: { answer[$0] & 1 == 0 })
        else { return answer }
        answer[one] ^= 1
        answer[zero] ^= 1
        return answer
    }

    private func say(_ bytes: [UInt8], after milliseconds: Int? = nil) {
        // A line keeps its order, however late it is.
        let due = now + (milliseconds ?? latencies.first ?? 20)
        queue.append((max(due, queue.map(\.due).max() ?? 0), bytes))
    }
}

/// 2026-11-20 17:45:00 in Makassar.
let someTime: Int64 = 1_795_167_900

/// A controller whose right time never moves.
func controller(
    records: Int = 5, node: UInt32 = 1, faults: [Fault.Name] = []
) -> SimulatedTerminal {
    var settings = SimulatorSettings(serialNumber: "821EF0001")
    settings.records = records
    settings.users = 5
    settings.deviceNumber = node
    settings.faults = faults.map(Simulator.Fault.init)
    return SimulatedTerminal(make: "soyal", settings: settings) { someTime }
}

func options(
    _ confirm: ConfirmPolicy = .never, node: UInt32 = 1, serial: String? = "821EF0001"
) -> DriverOptions {
    var options = DriverOptions()
    options.confirm = confirm
    options.station = node
    options.serialNumber = serial
    return options
}

/// What a journal would hold: every record once, however often it is handed on, and the position.
actor Shelf {
    private(set) var records: Set<LogRecord> = []
    private(set) var position: LogPosition?
    private(set) var pages = 0

    func keep(_ page: LogPage) {
        pages += 1
        records.formUnion(page.records)
        position = page.position
    }
}

extension SimulatedTerminal {
    /// Everything that ever happened at this controller, as a driver would hand it on.
    var truth: Set<LogRecord> {
        let node = UInt8(truncatingIfNeeded: settings.deviceNumber)
        return with { state in
            Set(state.book.log.map { Records.decode(SimulatedSoyal.event($0, node: node)) })
        }
    }

    /// What is not in the controller any more.
    var removed: [LogRecord] {
        let node = UInt8(truncatingIfNeeded: settings.deviceNumber)
        return with { state in
            state.book.log[..<state.confirmed].map {
                Records.decode(SimulatedSoyal.event($0, node: node))
            }
        }
    }

    /// A person of the user table comes by at eight, always with a finger, so that two of the same
    /// person are twins to the byte.
    func come(_ person: Int, times: Int = 1, code: UInt8 = 39) {
        let pins = with { $0.book.pins }
        for _ in 0..<times {
            add(1, pin: pins[person], at: WallTime("2026-11-20T08:00:00"), code: code)
        }
    }

    var waiting: Int { with { $0.book.log.count - $0.confirmed } }
}

/// One visit, as the bridge makes it.
@discardableResult
func visit(
    _ link: some Link, _ shelf: Shelf, _ options: DriverOptions
) async throws -> LogRead {
    let session = try await SoyalDriver(options: options).open(link)
    _ = try await session.identify()
    _ = try? await session.readClock()
    let position = await shelf.position
    let read = try await session.readLog(from: position) { await shelf.keep($0) }
    await session.close()
    return read
}
