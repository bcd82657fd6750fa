import Anviz
import Attendance
import TerminalKit

/// One connection to a simulated Anviz terminal.
///
/// Answers as docs/reference/protocols/anviz.md says real ones do: silence on a wrong checksum or
/// another terminal's number, one download for all who ask, pushes whenever a finger is read.
struct SimulatedAnviz: Conversation {
    /// Records in the ring, unless the terminal comes with more.
    static let capacity = 50_000

    let terminal: SimulatedTerminal
    private var decoder = PacketDecoder()
    /// The password was right, or none is asked for.
    private var isOpen: Bool

    init(_ terminal: SimulatedTerminal) {
        self.terminal = terminal
        isOpen = terminal.settings.commKey == 0
        terminal.with { $0.connections += 1 }
    }

    private var device: UInt32 { terminal.settings.deviceNumber }

    func checksumPlace(_ count: Int) -> Int { count - 1 }

    mutating func answer(_ bytes: [UInt8]) -> [[Reply]] {
        decoder.feed(bytes)
        var answers: [[Reply]] = []
        while let event = decoder.next() {
            guard case .packet(let packet) = event, !packet.isAnswer,
                packet.device == device || packet.device == 0
            else { continue }
            let first = terminal.with { $0.injector.strikes(.pushFirst) }.flatMap { _ in newest }
            answers.append([first, respond(to: packet)].compactMap(\.self))
        }
        return answers
    }

    func beat() -> Reply? {
        Reply(bytes: Packet(request: Command.heartbeat, device: device).bytes)
    }

    /// A push of the newest row.
    private var newest: Reply? {
        terminal.with { $0.book.log.last }.map { punch in
            Reply(
                bytes: Packet(answer: Command.live, device: device, data: Self.row(punch)).bytes)
        }
    }

    func announce(_ punch: SimulatedPunch) -> Reply? {
        guard terminal.with({ $0.isRealTime }) else { return nil }
        return Reply(
            bytes: Packet(answer: Command.live, device: device, data: Self.row(punch)).bytes)
    }

    private static func row(_ punch: SimulatedPunch) -> [UInt8] {
        Records.encode(
            user: UInt64(punch.pin), time: punch.time, backup: punch.verify == 2 ? 8 : 1,
            type: punch.state, work: punch.work)
    }

    private mutating func respond(to packet: Packet) -> Reply {
        if packet.command == Command.authenticate { isOpen = knowsPassword(packet) }
        let isOpen = isOpen
        let answer = terminal.with { state in
            terminal.count(
                Command.name(packet.command) ?? "command-\(packet.command)", &state)
            if let fault = state.injector.strikes(.answerCode) {
                let code = UInt8(clamping: fault.code ?? Int(AnswerCode.idle))
                return Packet(answer: packet.command, device: device, result: code)
            }
            let asksWhy = packet.command == Command.configuration3
            guard isOpen || asksWhy else { return failed(packet) }
            return self.answer(to: packet, &state)
        }
        return Reply(bytes: answer.bytes)
    }

    /// User, then password, twelve bytes each; only the password counts.
    private func knowsPassword(_ packet: Packet) -> Bool {
        let password = packet.data.dropFirst(12).prefix { $0 != 0 }
        let key = terminal.settings.commKey
        let isRight = key == 0 || password.elementsEqual(String(key).utf8)
        if !isRight { terminal.with { $0.wrongKeys += 1 } }
        return isRight
    }

    private func answer(
        to packet: Packet, _ state: inout SimulatedTerminal.State
    ) -> Packet {
        switch packet.command {
        case Command.authenticate: return ok(packet)
        case Command.configuration3:
            let wants: UInt8 = terminal.settings.commKey == 0 ? 0 : 1
            return ok(packet, [0, 0, 0, wants] + [UInt8](repeating: 0, count: 11))
        case Command.counters:
            if state.injector.strikes(.clearFlags) != nil { state.confirmed = state.book.log.count }
            let rest = state.injector.has(.longCounters) == nil ? 0 : 16
            return ok(packet, counters(&state).data + [UInt8](repeating: 0, count: rest))
        case Command.capacity:
            let records = terminal.ringCapacity ?? Self.capacity
            return ok(packet, Capacity(users: 5_000, fingerprints: 3_000, records: records).data)
        case Command.clock: return ok(packet, ClockFields.encode(terminal.clock(state)))
        case Command.serialNumber: return ok(packet, text(terminal.settings.serialNumber, 16))
        case Command.model: return ok(packet, text("TC400", 8))
        case Command.deviceID, Command.deviceID2:
            return ok(packet, withUnsafeBytes(of: device.bigEndian) { Array($0) })
        case Command.configuration1: return ok(packet, text("05.18.A1", 18))
        case Command.configuration2:
            let push: UInt8 = state.isRealTime ? 1 : 0
            return ok(packet, [1, 0x80, 0, 1, push, 1, 0, 5, 0, 0, 100, 0, 0, 5, 0])
        case Command.network:
            return ok(
                packet,
                [192, 168, 1, 218, 255, 255, 255, 0, 0x00, 0x22, 0xCA, 0x11, 0x22, 0x33]
                    + [UInt8](repeating: 0, count: 13))
        case Command.download: return download(packet, &state)
        case Command.clear: return clear(packet, &state)
        default: return refused(packet, &state)
        }
    }

    private func ok(_ packet: Packet, _ data: [UInt8] = []) -> Packet {
        Packet(answer: packet.command, device: device, data: data)
    }

    private func failed(_ packet: Packet) -> Packet {
        Packet(answer: packet.command, device: device, result: AnswerCode.failure)
    }

    private func text(_ text: String, _ length: Int) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(length))
        return bytes + [UInt8](repeating: 0, count: length - bytes.count)
    }

    private func counters(_ state: inout SimulatedTerminal.State) -> Counters {
        guard state.injector.strikes(.countersZero) == nil else {
            return Counters(
                users: 0, fingerprints: 0, passwords: 0, cards: 0, records: 0, newRecords: 0)
        }
        let users = state.book.pins.count
        let records = state.book.log.count
        return Counters(
            users: users, fingerprints: users * 2, passwords: 0, cards: 0, records: records,
            newRecords: records - state.confirmed)
    }

    // MARK: The log

    private func download(
        _ packet: Packet, _ state: inout SimulatedTerminal.State
    ) -> Packet {
        guard packet.data.count == 2 else { return failed(packet) }
        let most = state.injector.has(.eightRows) == nil ? Download.largestBlock : 8
        if packet.data[0] == Download.next, state.injector.strikes(.movePlace) != nil,
            let place = state.download
        {
            state.download?.next = min(place.end, place.next + most)
        }
        if state.injector.strikes(.emptyBlock) != nil { return ok(packet, [0]) }
        let end = state.book.log.count
        switch packet.data[0] {
        case Download.all: state.download = AnvizDownload(next: 0, end: end)
        case Download.new: state.download = AnvizDownload(next: state.confirmed, end: end)
        case Download.again: return state.download.map { ok(packet, $0.last) } ?? failed(packet)
        case Download.next: break
        default: return failed(packet)
        }
        guard var download = state.download else { return failed(packet) }
        let count = min(Int(packet.data[1]), most, download.end - download.next)
        let rows = state.book.log[download.next..<(download.next + max(0, count))]
        download.next += rows.count
        download.last = Records.block(rows.map(Self.row))
        state.download = download
        return ok(packet, download.last)
    }

    private func clear(_ packet: Packet, _ state: inout SimulatedTerminal.State) -> Packet {
        var reader = ByteReader(packet.data)
        guard let type = reader.u8(), let number = reader.uBE(3) else { return failed(packet) }
        var affected = min(Int(number), state.book.log.count - state.confirmed)
        if type == Clear.oldestFlags {
            state.confirmed += affected
        } else {
            state.cleared += 1
            affected = state.book.log.count
            if type == 0 { state.clearLog() }
            state.confirmed = state.book.log.count
        }
        var data: [UInt8] = []
        data.appendBE(UInt64(affected), count: 3)
        return ok(packet, data)
    }

    private func refused(_ packet: Packet, _ state: inout SimulatedTerminal.State) -> Packet {
        switch packet.command {
        case 0x39:
            state.clockSet += 1
            guard let time = ClockFields.decode(packet.data) else { break }
            terminal.setClock(to: time, &state)
            return ok(packet)
        case 0x33 where packet.data.count == 15:
            // 0xFF leaves a setting as it is; only the push of punches is looked at.
            if packet.data[4] != 0xFF { state.isRealTime = packet.data[4] == 1 }
            return ok(packet)
        case 0x43...0x45, 0x2A...0x2C: state.templateRequests += 1
        default: break
        }
        return failed(packet)
    }
}
