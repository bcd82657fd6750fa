import Attendance
import TerminalKit

@testable import Anviz

/// A terminal in memory at the other end of a line, with faults on request.
actor ModelTerminal: Link {
    enum Fault {
        case loseRequest
        case loseAnswer
        /// The answer comes just after the asker has given up.
        case lateAnswer
        case damageAnswer
        case doubleAnswer
        /// The answer comes with the answer to the next request.
        case delayAnswer
        case pushBefore([UInt8])
        case echo
        /// A finger is read just before the request is carried out.
        case punch([UInt8])
        /// Another program begins its own download just before.
        case rewind
        case clear
        /// Another program takes the next block for itself just before.
        case steal
        /// Another program clears the flags of so many rows just before.
        case clearFlags(Int)
        /// Nothing is done, and this is the answer's code.
        case fail(UInt8)
        /// A block without rows, though there are some.
        case emptyBlock
        /// The answer comes a byte a second.
        case drip
        /// Bytes that mean nothing come first.
        case noiseBefore([UInt8])
        /// Frames that nobody asked for come first.
        case framesBefore([Packet])
        /// Other rows of the same number just before.
        case replace([[UInt8]])
    }

    nonisolated let isDatagram = false

    var device: UInt32 = 1
    var log: [[UInt8]] = []
    /// Rows from the oldest whose flag is cleared.
    var confirmed = 0
    var capacity = 50_000
    var largestBlock = 25
    var tellsCapacity = true
    var tellsSerial = true
    var countsNothing = false
    /// More new rows are counted than there are.
    var countsTooManyNew = 0
    /// Bytes in the answer about the counters.
    var counterLength = 18
    /// What command 04 must say; nil if anybody may ask.
    var password: String?
    private var isOpen = false
    /// Faults by the number of the request, from 0.
    var faults: [Int: Fault] = [:]
    /// Faults of the first request of this command.
    var faultOfCommand: [UInt8: Fault] = [:]

    private(set) var requests: [Packet] = []
    /// When requests came and when the last byte to the asker arrived, in milliseconds.
    private(set) var sentAt: [Int] = []
    private(set) var heardAt: [Int] = []
    /// Answers that were sent to us: to heartbeats.
    private(set) var answersHeard: [Packet] = []
    private var decoder = PacketDecoder()
    /// What is under way to the asker, and when it arrives on a clock that only waiting moves.
    private var queue: [(due: Int, bytes: [UInt8])] = []
    private var now = 0
    private var delayed: [[UInt8]] = []
    private var cursor: Int?
    private var last: [UInt8]?

    init(rows: Int = 0) {
        log = (0..<rows).map { Self.row($0) }
    }

    /// The `number`th row of an invented log: another second each, forty people.
    static func row(_ number: Int, work: UInt32 = 0) -> [UInt8] {
        Records.encode(
            user: UInt64(1 + number % 40),
            time: WallTime(seconds: 1_795_000_000 + Int64(number)), work: work)
    }

    func change(_ body: @Sendable (isolated ModelTerminal) -> Void) { body(self) }

    func commands() -> [UInt8] { requests.map(\.command) }

    func downloads() -> [UInt8] {
        requests.filter { $0.command == Command.download }.compactMap(\.data.first)
    }

    func forgetRequests() { requests = [] }

    // MARK: Link

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        decoder.feed(bytes)
        while let event = decoder.next() {
            guard case .packet(let packet) = event else { continue }
            if packet.isAnswer { answersHeard.append(packet) }
            guard !packet.isAnswer else { continue }
            guard packet.device == 0 || packet.device == device else { continue }
            take(packet)
        }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let end = now + Int(limit / .milliseconds(1))
        let next = queue.indices.min { queue[$0].due < queue[$1].due }
        guard let next, queue[next].due <= end else {
            now = end
            throw .silent(after: limit)
        }
        now = max(now, queue[next].due)
        heardAt.append(now)
        return queue.remove(at: next).bytes
    }

    private func say(_ bytes: [UInt8], after milliseconds: Int = 20) {
        queue.append((now + milliseconds, bytes))
    }

    func close() async {}

    /// The line was cut and is there again: nothing of before arrives.
    func reconnect() {
        queue = []
        delayed = []
        decoder = PacketDecoder()
        isOpen = false
    }

    // MARK: Behaviour

    private func take(_ request: Packet) {
        let number = requests.count
        requests.append(request)
        sentAt.append(now)
        let fault =
            faults.removeValue(forKey: number)
            ?? faultOfCommand.removeValue(forKey: request.command)
        if case .loseRequest = fault { return }
        before(fault)
        var answer = self.answer(to: request, fault).bytes
        for bytes in delayed { say(bytes, after: 0) }
        delayed = []
        switch fault {
        case .loseAnswer: return
        case .lateAnswer: say(answer, after: 2_015)
        case .delayAnswer: delayed.append(answer)
        case .damageAnswer:
            answer[answer.count - 3] ^= 0x40
            say(answer)
        case .doubleAnswer:
            say(answer)
            say(answer)
        case .pushBefore(let row):
            say(Packet(answer: Command.live, device: device, data: row).bytes, after: 10)
            say(answer)
        case .echo:
            say(request.bytes, after: 10)
            say(answer)
        case .drip:
            for (index, byte) in answer.enumerated() { say([byte], after: 1_000 * (index + 1)) }
        case .noiseBefore(let bytes):
            say(bytes, after: 5)
            say(answer)
        case .framesBefore(let packets):
            for packet in packets { say(packet.bytes, after: 5) }
            say(answer)
        default: say(answer)
        }
    }

    private func before(_ fault: Fault?) {
        switch fault {
        case .punch(let row): add(row)
        case .rewind: cursor = confirmed
        case .clear: clear()
        case .steal: cursor = cursor.map { min(log.count, $0 + largestBlock) }
        case .clearFlags(let count): confirmed = min(log.count, confirmed + count)
        case .replace(let rows):
            clear()
            log = rows
        default: break
        }
    }

    func add(_ row: [UInt8]) {
        log.append(row)
        guard log.count > capacity else { return }
        log.removeFirst()
        confirmed = max(0, confirmed - 1)
    }

    func clear() {
        log = []
        confirmed = 0
        cursor = nil
    }

    private func answer(to request: Packet, _ fault: Fault?) -> Packet {
        if case .fail(let code) = fault {
            return Packet(answer: request.command, device: device, result: code)
        }
        if case .emptyBlock = fault { return ok(request, [0]) }
        if let password, !isOpen {
            switch request.command {
            case Command.authenticate:
                isOpen = request.data == Order.authenticate(password: password).data
                return isOpen ? ok(request, []) : failed(request)
            case Command.configuration3:
                return ok(request, [0, 1, 0, 1] + [UInt8](repeating: 0, count: 11))
            default: return failed(request)
            }
        }
        switch request.command {
        case Command.counters:
            let records = countsNothing ? 0 : log.count
            return ok(
                request,
                Counters(
                    users: 40, fingerprints: 80, passwords: 0, cards: 0, records: records,
                    newRecords: countsNothing ? 0 : log.count - confirmed + countsTooManyNew
                ).data + [UInt8](repeating: 0, count: counterLength - 18))
        case Command.capacity where tellsCapacity:
            return ok(
                request, Capacity(users: 3_000, fingerprints: 3_000, records: capacity).data)
        case Command.clock: return ok(request, [26, 11, 21, 8, 2, UInt8(9 + now / 1_000)])
        case Command.serialNumber where tellsSerial:
            return ok(request, Array("3005000012345678".utf8))
        case Command.model: return ok(request, Array("TC400\0\0\0".utf8))
        case Command.configuration1:
            return ok(request, Array("05.18.A1".utf8) + [UInt8](repeating: 0, count: 10))
        case Command.network:
            return ok(
                request,
                [UInt8](repeating: 1, count: 8) + [0x00, 0x22, 0xCA, 0x11, 0x22, 0x33]
                    + [UInt8](repeating: 0, count: 13))
        case Command.download: return download(request)
        case Command.clear: return clearFlags(request)
        default: return failed(request)
        }
    }

    private func ok(_ request: Packet, _ data: [UInt8]) -> Packet {
        Packet(answer: request.command, device: device, data: data)
    }

    private func failed(_ request: Packet) -> Packet {
        Packet(answer: request.command, device: device, result: AnswerCode.failure)
    }

    private func download(_ request: Packet) -> Packet {
        switch request.data[0] {
        case Download.all: cursor = 0
        case Download.new: cursor = confirmed
        case Download.again: return last.map { ok(request, $0) } ?? failed(request)
        default: break
        }
        guard let start = cursor else { return failed(request) }
        if start >= log.count, request.data[0] != Download.next { return failed(request) }
        let count = max(0, min(Int(request.data[1]), largestBlock, log.count - start))
        let block = Records.block(Array(log[min(start, log.count)...].prefix(count)))
        cursor = start + count
        last = block
        return ok(request, block)
    }

    private func clearFlags(_ request: Packet) -> Packet {
        let data = request.data
        guard data.count == 4, data[0] == Clear.oldestFlags else { return failed(request) }
        let number = Int(data[1]) << 16 | Int(data[2]) << 8 | Int(data[3])
        let affected = min(number, log.count - confirmed)
        confirmed += affected
        return ok(
            request,
            [UInt8(affected >> 16 & 255), UInt8(affected >> 8 & 255), UInt8(affected & 255)])
    }
}
