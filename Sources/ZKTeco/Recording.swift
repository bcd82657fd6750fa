internal import Attendance
import TerminalKit

/// Says what recorded bytes of this make mean, for `titian decode`.
///
/// A talk is a TCP stream in each direction, or datagrams, or bare records, one a line; its
/// bytes tell which. Nothing throws, and what cannot be read is said to be so.
struct Recording {
    private let found: (DecodedItem) -> Void
    private var questions = Questions()
    private var tables = RecordedTables()

    private init(_ found: @escaping (DecodedItem) -> Void) { self.found = found }

    static func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        let steps = talk.steps.lazy.compactMap(Stretch.init)
        var recording = Recording(found)
        if isStream(steps) {
            recording.stream(steps)
        } else if steps.contains(where: { Packet(datagram: $0.bytes) != nil })
            || !BareRecords.decode(steps.map(\.bytes), found)
        {
            recording.datagrams(steps)
        }
        recording.flush()
    }

    /// A direction begins with a magic, whole or, in a recording that was cut, half of one.
    static func isStream(_ steps: some Sequence<Stretch>) -> Bool {
        [true, false].contains { direction in
            let bytes = steps.lazy.filter { $0.toTerminal == direction }.flatMap(\.bytes)
            return PacketDecoder.mayBegin(Array(bytes.prefix(Packet.magic.count)))
        }
    }

    /// The bytes of one step of a talk.
    struct Stretch {
        let bytes: [UInt8]
        let toTerminal: Bool

        init?(_ step: Talk.Step) {
            switch step {
            case .toTerminal(let bytes): (self.bytes, toTerminal) = (bytes, true)
            case .fromTerminal(let bytes): (self.bytes, toTerminal) = (bytes, false)
            case .silence: return nil
            }
        }
    }

    // MARK: Packets

    private mutating func stream(_ steps: some Sequence<Stretch>) {
        var ours = PacketDecoder()
        var theirs = PacketDecoder()
        for step in steps {
            if step.toTerminal {
                ours.feed(step.bytes)
                drain(&ours, toTerminal: true)
            } else {
                theirs.feed(step.bytes)
                drain(&theirs, toTerminal: false)
            }
        }
        flush()
        for rest in [ours.pending, theirs.pending] where !rest.isEmpty {
            found(.noise(reason: Reason.cut, bytes: rest))
        }
    }

    private mutating func drain(_ decoder: inout PacketDecoder, toTerminal: Bool) {
        while let event = decoder.next() {
            switch event {
            case .packet(let packet): add(packet, toTerminal: toTerminal)
            case .noise(let bytes): found(.noise(reason: "wrong checksum", bytes: bytes))
            case .desync(let bytes):
                found(.noise(reason: "no packet begins here", bytes: bytes))
            }
        }
    }

    private mutating func datagrams(_ steps: some Sequence<Stretch>) {
        for step in steps {
            if let packet = Packet(datagram: step.bytes) {
                add(packet, toTerminal: step.toTerminal, isDatagram: true)
            } else if let packet = Packet(damaged: step.bytes), packet.command == Command.data {
                // Published recordings are cut; what came before the cut is still worth reading.
                found(PacketFields.item(packet, toTerminal: false, isSound: false))
                BareRecords.fragment(packet.data, index: packet.session, found)
            } else {
                found(.noise(reason: "wrong checksum", bytes: step.bytes))
            }
        }
    }

    private mutating func add(_ packet: Packet, toTerminal: Bool, isDatagram: Bool = false) {
        if toTerminal {
            questions.add(packet)
            if tables.asked(packet) { flush() }
            found(PacketFields.item(packet, toTerminal: true))
            return
        }
        let question = questions.last(packet.reply)
        found(PacketFields.item(packet, toTerminal: false, answering: question))
        switch packet.command {
        case Command.event: addEvent(packet)
        case Command.data: tables.add(packet, isDatagram: isDatagram)
        case Command.ackOK:
            if let sizes = FreeSizes(packet.data) { tables.counters = sizes.counters }
        default: break
        }
        if tables.isWhole { flush() }
    }

    private mutating func addEvent(_ packet: Packet) {
        guard packet.session == Command.attendanceEvent else { return }
        if let event = LiveEvent(packet) {
            found(.record(.punch(event.ownPunch), via: .live))
        } else {
            let oddity = Oddity(reason: "unreadable event", raw: packet.data)
            found(.record(.oddity(oddity), via: .live))
        }
    }

    private mutating func flush() {
        tables.take(found)
    }
}

/// The questions that may still be answered: the newest ones.
private struct Questions {
    private static let most = 64
    private var packets: [Packet] = []

    mutating func add(_ packet: Packet) {
        if packets.count == Self.most { packets.removeFirst() }
        packets.append(packet)
    }

    func last(_ reply: UInt16) -> Packet? { packets.last { $0.reply == reply } }
}

extension PacketDecoder {
    /// Whether a stream may begin with these bytes.
    static func mayBegin(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2 else { return false }
        return [Packet.magic, otherMagic].contains { magic in
            bytes.starts(with: magic.prefix(bytes.count))
        }
    }
}

extension Packet {
    /// A packet whose checksum is wrong or whose end is missing; nil without a known command.
    fileprivate init?(damaged bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let command = reader.u16LE(), reader.u16LE() != nil, let session = reader.u16LE(),
            let reply = reader.u16LE(), Command.isKnown(command)
        else { return nil }
        self.init(command: command, session: session, reply: reply, data: Array(reader.rest()))
    }
}
