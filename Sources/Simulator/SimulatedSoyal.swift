import Attendance
import Soyal
import TerminalKit

/// One connection to a simulated SOYAL controller.
///
/// Answers as docs/reference/protocols/soyal.md says real ones do: silence on a wrong checksum and
/// on another controller's number, the oldest event again and again until it is removed, and
/// never a word unasked.
struct SimulatedSoyal: Conversation {
    /// An AR-821EF v5 with firmware 4V6, as the unit that was recorded.
    private static let type: UInt8 = 0xC3
    private static let firmware: UInt8 = 0x46

    let terminal: SimulatedTerminal
    private var decoder = PacketDecoder()
    private var hasAnswered = false

    init(_ terminal: SimulatedTerminal) {
        self.terminal = terminal
        terminal.with { $0.connections += 1 }
    }

    private var node: UInt8 { UInt8(truncatingIfNeeded: terminal.settings.deviceNumber) }

    func checksumPlace(_ count: Int) -> Int { count - 1 }

    func announce(_ punch: SimulatedPunch) -> Reply? { nil }

    mutating func answer(_ bytes: [UInt8]) -> [[Reply]] {
        var answers: [[Reply]] = []
        if terminal.with({ $0.injector.has(.echo) != nil }) {
            answers.append([Reply(bytes: bytes)])
        }
        decoder.feed(bytes)
        while let event = decoder.next() {
            guard case .packet(let packet) = event, packet.node == node,
                let reply = respond(to: packet)
            else { continue }
            hasAnswered = true
            answers.append([Reply(bytes: reply.bytes)])
        }
        return answers
    }

    private func respond(to packet: Packet) -> Packet? {
        terminal.with { state in
            let name = Command.name(packet.command)
            terminal.count(
                name ?? "command-\([packet.command].hex.uppercased())h", &state)
            guard state.injector.strikes(.lostRequest) == nil else { return nil }
            return answer(to: packet, &state)
        }
    }

    private func answer(
        to packet: Packet, _ state: inout SimulatedTerminal.State
    ) -> Packet? {
        switch packet.command {
        case Command.poll: return reply(packet, 0x09, [node, 0, 1, 0, 0x10, 0x40])
        case Command.clock: return clock(packet, &state)
        case Command.parameters: return reply(packet, 0x03, [node, Self.type, Self.firmware])
        case Command.oldest: return oldest(packet, state)
        case Command.removeOldest:
            if state.confirmed < state.book.log.count { state.confirmed += 1 }
            return state.injector.strikes(.lostAnswer) == nil ? acknowledged(packet) : nil
        default: return forbidden(packet, &state)
        }
    }

    private func reply(_ packet: Packet, _ code: UInt8, _ data: [UInt8]) -> Packet {
        Packet(packet.head, node: 0, command: code, data: data)
    }

    /// With the status bytes of the unit that was recorded.
    private func acknowledged(_ packet: Packet) -> Packet {
        reply(
            packet, 0x04,
            [node, Self.type, Self.firmware, 0x0F, 0x91, 0x10, 0x10, 0, 0, 0, 0])
    }

    private func clock(_ packet: Packet, _ state: inout SimulatedTerminal.State) -> Packet {
        let type = state.injector.has(.noType) == nil ? Self.type : 0
        let time = ClockFields.encode(terminal.clock(state))
        return reply(
            packet, 0x03,
            [node] + time + [Self.firmware, 1, 2, 0, type, 0, 4, 1]
                + [UInt8](repeating: 0x80, count: 16))
    }

    // MARK: The log

    private func oldest(_ packet: Packet, _ state: SimulatedTerminal.State) -> Packet {
        guard state.confirmed < state.book.log.count else { return acknowledged(packet) }
        let event = Self.event(state.book.log[state.confirmed], node: node)
        return reply(packet, event.code, event.data)
    }

    /// A punch as the controller writes it down.
    static func event(_ punch: SimulatedPunch, node: UInt8) -> EventFrame {
        let code = punch.code ?? (punch.verify == 2 ? EventCode.card : EventCode.finger)
        var data = [node] + ClockFields.encode(punch.time) + [0x11]
        data.appendBE(UInt64(punch.slot), count: 2)
        data += [punch.state << 5, 0, 0x10, 0]
        // An invented card.
        data +=
            code == EventCode.card
            ? [0x12, 0x34, 1, 0, 0x56, UInt8(punch.slot & 0xFF)] : [0, 0, 1]
        return EventFrame(code: code, data: data)
    }

    // MARK: What our own programs never send

    /// Known here so that sending it shows in the counts, and has its effect.
    private func forbidden(
        _ packet: Packet, _ state: inout SimulatedTerminal.State
    ) -> Packet? {
        switch packet.command {
        case 0x2D:
            state.cleared += 1
            state.clearLog()
            return acknowledged(packet)
        case 0x23:
            state.clockSet += 1
            if let time = ClockFields.decode(packet.data) { terminal.setClock(to: time, &state) }
            return acknowledged(packet)
        case 0x87:
            // Silent where it is the first thing said on a connection.
            guard hasAnswered, packet.data.count == 3 else { return nil }
            let count = min(Int(packet.data[2]), 10)
            return reply(packet, 0x03, [node] + [UInt8](repeating: 0xFF, count: 24 * count))
        case 0x8F:
            state.templateRequests += 1
            return reply(packet, 0x0C, [node])
        default: return reply(packet, 0x05, [node])
        }
    }
}
