import Attendance
import FoundationEssentials
import Glibc

/// The control port of a simulated terminal: one JSON object a line each way.
///
/// The operations are listed in docs/reference/simulator.md.
struct ControlPort: Sendable {
    let terminal: SimulatedTerminal
    /// All on the line; a request may name one by its number.
    private let others: [SimulatedTerminal]

    init(terminal: SimulatedTerminal) {
        self.terminal = terminal
        others = []
    }

    /// - Parameter terminals: At least one; the first is meant where a request names none.
    init?(terminals: [SimulatedTerminal]) {
        guard let first = terminals.first else { return nil }
        terminal = first
        others = terminals
    }

    private struct Request: Decodable {
        var op: String
        var station: UInt32?
        var n: Int?
        var pin: String?
        var time: String?
        var rate: Double?
        var offset_s: Int64?
        var set: String?
        var name: Fault.Name?
        var every: Int?
        var count: Int?
        var after: Int?
        var bytes: Int?
        var ms: Int?
        var code: Int?

        var fault: Fault? {
            guard let name else { return nil }
            var fault = Fault(name)
            (fault.every, fault.after, fault.bytes) = (every, after, bytes)
            (fault.ms, fault.code, fault.count) = (ms, code, count)
            return fault
        }
    }

    private struct Stats: Encodable {
        var records: Int
        var users: Int
        var connections: Int
        var commands: [String: Int]
        var disabled: Int
        var cleared: Int
        var clock_set: Int
        var template_requests: Int
        var new_records: Int
        var clock: String
        var live: Double
        var faults: [Fault]
    }

    private struct Log: Encodable {
        struct Row: Encodable {
            var pin: String
            var time: String
            var verify: UInt8
            var state: UInt8
            var work: UInt32
            var slot: Int
            var code: UInt8?
        }
        var log: [Row]
    }

    /// Answers every line that comes over the connection until it ends.
    func serve(_ connection: Int32) {
        var pending: [UInt8] = []
        while true {
            let bytes = readSome(connection)
            guard !bytes.isEmpty else { return }
            pending += bytes
            while let end = pending.firstIndex(of: 0x0A) {
                let line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                guard writeAll(connection, answer(line) + [0x0A]) else { return }
            }
        }
    }

    /// - Returns: One JSON object without a newline.
    func answer(_ line: [UInt8]) -> [UInt8] {
        guard let request = try? JSONDecoder().decode(Request.self, from: Data(line)) else {
            return Array("{\"error\":\"not a request\"}".utf8)
        }
        if let station = request.station, station != terminal.settings.deviceNumber {
            let other = others.first { $0.settings.deviceNumber == station }
            guard let other else { return Array("{\"error\":\"no such station\"}".utf8) }
            return ControlPort(terminal: other).answer(line)
        }
        switch request.op {
        case "add":
            if let problem = add(request) { return encode(["error": problem]) }
        case "log": return encode(log())
        case "live": terminal.with { $0.live = max(0, request.rate ?? 0) }
        case "clock": setClock(request)
        case "clear": terminal.with { $0.clearLog() }
        case "fault":
            guard let fault = request.fault else {
                return Array("{\"error\":\"no such fault\"}".utf8)
            }
            terminal.with { $0.injector.apply(fault) }
        case "stats": break
        default: return Array("{\"error\":\"no such operation\"}".utf8)
        }
        return encode(stats())
    }

    /// - Returns: What is wrong with the request.
    private func add(_ request: Request) -> String? {
        let pin = request.pin.flatMap { UInt32($0) }
        guard request.pin == nil || pin != nil else { return "a PIN is a number of 32 bits" }
        let time = request.time.flatMap { WallTime($0) }
        guard request.time == nil || time != nil else { return "a time is YYYY-MM-DDThh:mm:ss" }
        let count = request.n ?? 1
        guard (0...1_000_000).contains(count) else { return "n is 0 to 1,000,000" }
        let code = request.code.flatMap(UInt8.init(exactly:))
        guard request.code == nil || code != nil else { return "a code is 0 to 255" }
        terminal.add(count, pin: pin, at: time, code: code)
        return nil
    }

    private func setClock(_ request: Request) {
        terminal.with { state in
            if let offset = request.offset_s { state.clockOffset = offset }
            if let time = request.set.flatMap({ WallTime($0) }) {
                terminal.setClock(to: time, &state)
            }
        }
    }

    private func stats() -> Stats {
        terminal.with { state in
            Stats(
                records: state.book.log.count, users: state.book.pins.count,
                connections: state.connections, commands: state.commands,
                disabled: state.disabled, cleared: state.cleared, clock_set: state.clockSet,
                template_requests: state.templateRequests,
                new_records: state.book.log.count - state.confirmed,
                clock: terminal.clock(state).description, live: state.live,
                faults: state.injector.faults)
        }
    }

    private func log() -> Log {
        let punches = terminal.with { $0.book.log }
        return Log(
            log: punches.map {
                Log.Row(
                    pin: String($0.pin), time: $0.time.description, verify: $0.verify,
                    state: $0.state, work: $0.work, slot: $0.slot, code: $0.code)
            })
    }

    private func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { Array($0) } ?? Array("{}".utf8)
    }
}
