import Attendance
import TerminalKit

@testable import ZKTeco

/// A terminal in memory that answers as real ones do, and as badly as a test wants it to.
///
/// A silence takes no time: when there is nothing to receive, the limit is over at once.
actor ModelTerminal: Link {
    struct Setup: Sendable {
        var isDatagram = false
        /// nil: no key is asked for.
        var key: UInt32?
        var connectAnswer: UInt16?
        var options = [
            "~SerialNumber": "BWXP20126001", "MAC": "00:17:61:8A:2B:3C", "~DeviceName": "X100-C",
            "~Platform": "ZEM560_TFT",
        ]
        var absentOptionAnswer = Command.ackError
        var records: [[UInt8]] = []
        /// The data of the answer to "what do you hold"; nil: made of the records.
        var freeSizes: [UInt8]?
        /// Answers to the newer way of reading; 0 stands for silence.
        var prepareAnswer: UInt16?
        var oldWayAnswer: UInt16?
        /// The size announced by the newer way; nil: the true one.
        var announced: Int?
        /// Bytes the table's first word is off by.
        var headerError = 0
        var directBelow = 1_024
        /// DATA packets of this many bytes over a stream; nil: one for each piece.
        var chunk: Int?
        /// Streams are handed over in pieces of this many bytes, glued together; nil: a packet
        /// at a time.
        var cut: Int?
        var time: WallTime = WallTime(seconds: 1_780_000_000)
    }

    nonisolated let isDatagram: Bool
    var setup: Setup
    private(set) var received: [Packet] = []
    private var outgoing: [[UInt8]] = []
    private var isAuthorised = false
    /// The table as it was when the newer way was asked for.
    private var buffer: [UInt8] = []
    /// Changes what is sent, packet by packet; the number counts all packets sent.
    private var mangle: @Sendable (_ number: Int, _ packet: Packet) -> [[UInt8]]?
    private var sent = 0
    /// Done once, when the first piece of a table is asked for.
    private var meanwhile: (@Sendable (inout Setup) -> [Packet])?

    static let session: UInt16 = 0x45CF

    init(
        _ setup: Setup,
        mangle: @escaping @Sendable (_ number: Int, _ packet: Packet) -> [[UInt8]]? = {
            _, _ in nil
        },
        meanwhile: (@Sendable (inout Setup) -> [Packet])? = nil
    ) {
        isDatagram = setup.isDatagram
        self.setup = setup
        self.mangle = mangle
        self.meanwhile = meanwhile
    }

    // MARK: The line

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        let datagram = isDatagram ? bytes[...] : bytes.dropFirst(Packet.prefixLength)
        guard let packet = Packet(datagram: datagram) else { return }
        received.append(packet)
        for answer in answers(packet) { transmit(answer) }
        if let cut = setup.cut, !isDatagram {
            let all = outgoing.flatMap(\.self)
            outgoing = stride(from: 0, to: all.count, by: cut).map {
                Array(all[$0..<min(all.count, $0 + cut)])
            }
        }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard !outgoing.isEmpty else { throw .silent(after: limit) }
        return outgoing.removeFirst()
    }

    func close() async {}

    func change(_ change: @Sendable (inout Setup) -> Void) { change(&setup) }

    /// Sends an event by itself.
    func emit(_ packets: Packet...) { for packet in packets { transmit(packet) } }

    /// Sends several packets in one piece.
    func emitGlued(_ packets: [Packet]) { outgoing.append(packets.flatMap(\.frame)) }

    private func transmit(_ packet: Packet) {
        sent += 1
        let plain = isDatagram ? packet.datagram : packet.frame
        outgoing += mangle(sent, packet) ?? [plain]
    }

    // MARK: Answers

    private func answers(_ packet: Packet) -> [Packet] {
        func answer(_ command: UInt16, _ data: [UInt8] = []) -> [Packet] {
            [Packet(command: command, session: Self.session, reply: packet.reply, data: data)]
        }
        if packet.command == Command.connect {
            isAuthorised = setup.key == nil
            return answer(
                setup.connectAnswer
                    ?? (setup.key == nil ? Command.ackOK : Command.ackUnauthorised))
        }
        if packet.command == Command.auth {
            let ticks = packet.data.count == 4 ? packet.data[2] : 0
            isAuthorised =
                packet.data
                == CommKey.scramble(key: setup.key ?? 0, session: Self.session, ticks: ticks)
            return answer(isAuthorised ? Command.ackOK : Command.ackUnauthorised)
        }
        guard isAuthorised else { return answer(Command.ackUnauthorised) }
        switch packet.command {
        case Command.ackOK: return []
        case Command.optionRead:
            let name = String(decoding: packet.data.prefix { $0 != 0 }, as: UTF8.self)
            guard let value = setup.options[name] else {
                return answer(setup.absentOptionAnswer)
            }
            return answer(Command.ackOK, Array("\(name)=\(value)\0".utf8))
        case Command.version: return answer(Command.ackOK, Array("Ver 6.60 Jul 25 2013\0".utf8))
        case Command.timeRead:
            var data: [UInt8] = []
            data.appendLE(PackedTime.encode(setup.time))
            return answer(Command.ackOK, data)
        case Command.freeSizes: return answer(Command.ackOK, setup.freeSizes ?? sizes())
        case Command.prepareBuffer: return prepare(answer)
        case Command.readBuffer: return piece(packet, answer)
        case Command.logRead: return wholeLog(answer)
        case Command.event, Command.exit, Command.freeData: return answer(Command.ackOK)
        default: return answer(Command.ackErrorCommand)
        }
    }

    private var table: [UInt8] {
        let records = setup.records.flatMap(\.self)
        var table: [UInt8] = []
        table.appendLE(UInt32(records.count + setup.headerError))
        return table + records
    }

    private func sizes() -> [UInt8] {
        Self.sizes(records: setup.records.count)
    }

    /// 80 bytes as a terminal for 100,000 records has them.
    static func sizes(records: Int, capacity: Int = 100_000) -> [UInt8] {
        var words = [UInt32](repeating: 0, count: 20)
        words[4] = 7
        words[8] = UInt32(records)
        words[15] = 3_000
        words[16] = UInt32(capacity)
        words[18] = 2_993
        words[19] = UInt32(capacity - records)
        var data: [UInt8] = []
        for word in words { data.appendLE(word) }
        return data
    }

    private func prepare(_ answer: (UInt16, [UInt8]) -> [Packet]) -> [Packet] {
        if let code = setup.prepareAnswer { return code == 0 ? [] : answer(code, []) }
        buffer = table
        if setup.announced == nil, table.count < setup.directBelow {
            return answer(Command.data, table)
        }
        var data: [UInt8] = [0]
        let size = UInt32(truncatingIfNeeded: setup.announced ?? table.count)
        data.appendLE(size)
        data.appendLE(size)
        data.appendLE(UInt32(0x23EFCD))
        return answer(Command.ackOK, data)
    }

    private func piece(
        _ packet: Packet, _ answer: (UInt16, [UInt8]) -> [Packet]
    ) -> [Packet] {
        var events: [Packet] = []
        if let meanwhile {
            self.meanwhile = nil
            events = meanwhile(&setup)
        }
        var reader = ByteReader(packet.data)
        guard let offset = reader.u32LE().map(Int.init), let length = reader.u32LE().map(Int.init),
            offset + length <= buffer.count
        else { return answer(Command.ackError, []) }
        return events + transfer(Array(buffer[offset..<(offset + length)]), packet.reply)
    }

    private func wholeLog(_ answer: (UInt16, [UInt8]) -> [Packet]) -> [Packet] {
        if let code = setup.oldWayAnswer { return code == 0 ? [] : answer(code, []) }
        if setup.records.isEmpty { return answer(Command.ackError, []) }
        guard isDatagram || setup.chunk != nil else { return answer(Command.data, table) }
        return transfer(table, received.last?.reply ?? 0)
    }

    /// PREPARE_DATA, the DATA packets with their index, OK.
    private func transfer(_ bytes: [UInt8], _ reply: UInt16) -> [Packet] {
        var size: [UInt8] = []
        size.appendLE(UInt32(bytes.count))
        size.appendLE(UInt32(1_024))
        var packets = [
            Packet(
                command: Command.prepareData, session: Self.session, reply: reply, data: size)
        ]
        let chunk = isDatagram ? 1_024 : setup.chunk ?? max(1, bytes.count)
        for (index, start) in stride(from: 0, to: bytes.count, by: chunk).enumerated() {
            packets.append(
                Packet(
                    command: Command.data, session: UInt16(truncatingIfNeeded: index),
                    reply: reply, data: Array(bytes[start..<min(bytes.count, start + chunk)])))
        }
        return packets + [Packet(command: Command.ackOK, session: Self.session, reply: reply)]
    }
}
