import Attendance
import TerminalKit
import ZKTeco

/// One connection to a simulated ZKTeco terminal.
///
/// Answers as docs/reference/protocols/zkteco.md says real ones do. Commands that change a
/// terminal are carried out and counted; those about fingerprints are refused and counted.
struct SimulatedZKTeco: Conversation {
    let terminal: SimulatedTerminal
    let isDatagram: Bool
    private var session: UInt16 = 0
    private var decoder = PacketDecoder()
    /// A session is given and not yet ended.
    private var isConnected = false
    /// The key was right, or none is asked for.
    private var isOpen: Bool
    private var wantsEvents = false
    private var buffer: [UInt8] = []
    private var eventNumber: UInt16 = 0

    init(_ terminal: SimulatedTerminal, isDatagram: Bool) {
        self.terminal = terminal
        self.isDatagram = isDatagram
        isOpen = terminal.settings.commKey == 0
        terminal.with { $0.connections += 1 }
    }

    private var size: Int { terminal.settings.recordSize }

    func checksumPlace(_ count: Int) -> Int { isDatagram ? 2 : Packet.prefixLength + 2 }

    mutating func answer(_ bytes: [UInt8]) -> [[Reply]] {
        if isDatagram { return Packet(datagram: bytes).map { [respond(to: $0)] } ?? [] }
        decoder.feed(bytes)
        var answers: [[Reply]] = []
        while let event = decoder.next() {
            switch event {
            case .packet(let packet): answers.append(respond(to: packet))
            case .noise: continue
            case .desync: decoder = PacketDecoder()  // bytes of no packet are not answered
            }
        }
        return answers
    }

    mutating func announce(_ punch: SimulatedPunch) -> Reply? {
        guard wantsEvents else { return nil }
        let data = ZKTecoTables.event(punch, size: size)
        return reply(
            Packet(
                command: Command.event, session: Command.attendanceEvent, reply: eventNumber,
                data: data))
    }

    // MARK: Answers

    private mutating func respond(to packet: Packet) -> [Reply] {
        if packet.command == Command.ackOK { return [] }  // an event was taken
        let name = Command.name(of: packet.command)
        let isStale = terminal.with { state in
            terminal.count(name, &state)
            return packet.command != Command.connect
                && state.injector.strikes(.staleReply) != nil
        }
        let answer = packets(for: packet).map(reply)
        guard isStale, !answer.isEmpty else { return closing(answer, after: packet) }
        let late = Packet(
            command: Command.ackOK, session: session, reply: packet.reply &- 1, data: [1, 2, 3, 4])
        return closing([reply(late)] + answer, after: packet)
    }

    private func closing(_ answer: [Reply], after packet: Packet) -> [Reply] {
        guard packet.command == Command.exit, let last = answer.last, !isDatagram else {
            return answer
        }
        return answer.dropLast() + [Reply(bytes: last.bytes, closes: true)]
    }

    private func reply(_ packet: Packet) -> Reply {
        Reply(bytes: isDatagram ? packet.datagram : packet.frame)
    }

    private mutating func packets(for packet: Packet) -> [Packet] {
        if packet.command == Command.connect { return [connect(packet)] }
        // What a terminal does with a session that is not its own is not known: silence.
        guard isConnected, packet.session == session else { return [] }
        switch packet.command {
        case Command.auth: return [authorise(packet)]
        case Command.exit: return [goodbye(packet)]
        default: break
        }
        guard isOpen else { return [plain(Command.ackUnauthorised, packet)] }
        switch packet.command {
        case Command.version: return [ok(packet, Array("Ver 6.60 Nov 20 2026\0".utf8))]
        case Command.optionRead: return [option(packet)]
        case Command.freeSizes: return [ok(packet, freeSizes())]
        case Command.timeRead: return [ok(packet, time())]
        case Command.pinWidthRead: return [ok(packet, [9])]
        case Command.event:
            wantsEvents = packet.data.contains { $0 != 0 }
            return [ok(packet)]
        case Command.logRead: return whole(log(), for: packet)
        case Command.tableRead where packet.data.first == Command.userTable:
            return whole(users(), for: packet)
        case Command.prepareBuffer: return prepare(packet)
        case Command.readBuffer: return piece(packet)
        case Command.freeData:
            buffer = []
            return [ok(packet)]
        default: return [ZKTecoOrders(terminal: terminal, packet: packet).answer]
        }
    }

    private func plain(_ command: UInt16, _ packet: Packet, _ data: [UInt8] = []) -> Packet {
        Packet(command: command, session: session, reply: packet.reply, data: data)
    }

    private func ok(_ packet: Packet, _ data: [UInt8] = []) -> Packet {
        plain(Command.ackOK, packet, data)
    }

    /// A second CONNECT gets the session of the first.
    private mutating func connect(_ packet: Packet) -> Packet {
        let (strange, number) = terminal.with { state in
            if !isConnected { state.sessions += 1 }
            return (state.injector.strikes(.vendorHandshake), state.sessions)
        }
        if let strange { return plain(UInt16(truncatingIfNeeded: strange.code ?? 6_001), packet) }
        if !isConnected { session = UInt16(truncatingIfNeeded: 0x1D2C &+ number &* 7) }
        isConnected = true
        return isOpen ? ok(packet) : plain(Command.ackUnauthorised, packet)
    }

    private mutating func goodbye(_ packet: Packet) -> Packet {
        isConnected = false
        isOpen = terminal.settings.commKey == 0
        wantsEvents = false
        buffer = []
        return ok(packet)
    }

    private mutating func authorise(_ packet: Packet) -> Packet {
        let key = terminal.settings.commKey
        let ticks = packet.data.count == 4 ? packet.data[2] : 0
        isOpen = packet.data == CommKey.scramble(key: key, session: session, ticks: ticks)
        let tries = terminal.with { state in
            state.wrongKeys = isOpen ? 0 : state.wrongKeys + 1
            return state.wrongKeys
        }
        if isOpen { return ok(packet) }
        return plain(tries > 5 ? Command.authLocked : Command.ackUnauthorised, packet)
    }

    private func option(_ packet: Packet) -> Packet {
        let name = String(decoding: packet.data.prefix { $0 != 0 }, as: UTF8.self)
        let known = [
            "~SerialNumber": terminal.settings.serialNumber, "~DeviceName": "X100-C",
            "~Platform": "ZEM560_TFT", "MAC": "00:17:61:8a:2b:3c", "~OS": "1",
            "~ZKFPVersion": "10", "~PIN2Width": "9", "WorkCode": "0", "DeviceID": "1",
            "IPAddress": "192.0.2.201", "NetMask": "255.255.255.0", "GATEIPAddress": "192.0.2.1",
        ]
        guard let value = known[name] else {
            // The boards with records of 22 bytes know no such command for it.
            return plain(size == 22 ? Command.ackUnknown : Command.ackError, packet)
        }
        return ok(packet, Array("\(name)=\(value)\0".utf8))
    }

    private func freeSizes() -> [UInt8] {
        terminal.with { state in
            guard size != 22, state.injector.strikes(.countersZero) == nil else {
                return [UInt8](repeating: 0, count: 4)
            }
            return ZKTecoTables.freeSizes(
                users: state.book.pins.count, records: state.book.log.count,
                capacity: terminal.ringCapacity)
        }
    }

    private func time() -> [UInt8] {
        let packed = terminal.with { PackedTime.encode(terminal.clock($0)) }
        var data: [UInt8] = []
        data.appendLE(packed)
        return data
    }

    // MARK: Tables

    private func log() -> [UInt8] {
        terminal.with { state in
            if state.encodedCount > state.book.log.count {
                state.encoded = []
                state.encodedCount = 0
            }
            for punch in state.book.log[state.encodedCount...] {
                ZKTecoTables.append(punch, size: size, to: &state.encoded)
            }
            state.encodedCount = state.book.log.count
            return ZKTecoTables.counted(state.encoded)
        }
    }

    private func users() -> [UInt8] {
        terminal.with { ZKTecoTables.users($0.book.pins, recordSize: size) }
    }

    /// The old way: the table in one go.
    private func whole(_ table: [UInt8], for packet: Packet) -> [Packet] {
        guard table.count > 4 else { return [plain(Command.ackError, packet)] }
        if !isDatagram, terminal.with({ $0.injector.strikes(.singleData) }) != nil {
            return [plain(Command.data, packet, table)]
        }
        return stream(table[...], for: packet, chunk: isDatagram ? 1_024 : 65_536)
    }

    private mutating func prepare(_ packet: Packet) -> [Packet] {
        // The boards with records of 8 bytes are older than this command.
        guard size != 8 else { return [plain(Command.ackError, packet)] }
        let refusal = terminal.with { $0.injector.strikes(.refuse1503) }
        if let refusal {
            return [plain(UInt16(truncatingIfNeeded: refusal.code ?? 2_001), packet)]
        }
        guard packet.data.count == 11 else { return [plain(Command.ackError, packet)] }
        switch UInt16(packet.data[1]) | UInt16(packet.data[2]) << 8 {
        case Command.logRead: buffer = log()
        case Command.tableRead where packet.data[3] == Command.userTable: buffer = users()
        default: return [ZKTecoOrders(terminal: terminal, packet: packet).answer]
        }
        if buffer.count <= 1_024 { return [plain(Command.data, packet, buffer)] }
        var data: [UInt8] = [0]
        for _ in 0..<2 { data.appendLE(UInt32(buffer.count)) }
        data.appendLE(UInt32(0x23EF_CD00))
        return [ok(packet, data)]
    }

    private func piece(_ packet: Packet) -> [Packet] {
        var reader = ByteReader(packet.data)
        guard let offset = reader.u32LE(), let length = reader.u32LE(),
            Int(offset) + Int(length) <= buffer.count, length > 0
        else { return [plain(Command.ackError, packet)] }
        let isChain = terminal.with { $0.injector.has(.chain) != nil }
        let chunk = isDatagram ? 1_024 : isChain ? 1_008 : Int(length)
        return stream(buffer[Int(offset)..<Int(offset + length)], for: packet, chunk: chunk)
    }

    /// PREPARE_DATA, DATA numbered from 0 in the session field, and a last OK.
    private func stream(_ bytes: ArraySlice<UInt8>, for packet: Packet, chunk: Int) -> [Packet] {
        var head: [UInt8] = []
        head.appendLE(UInt32(bytes.count))
        head.appendLE(UInt32(chunk))
        var packets = [plain(Command.prepareData, packet, head)]
        var index: UInt16 = 0
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: chunk) {
            let part = Array(bytes[start..<min(start + chunk, bytes.endIndex)])
            packets.append(
                Packet(command: Command.data, session: index, reply: packet.reply, data: part))
            index &+= 1
        }
        return packets + [ok(packet)]
    }
}
