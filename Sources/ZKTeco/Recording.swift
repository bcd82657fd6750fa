internal import Attendance
import TerminalKit

/// Says what recorded bytes of this make mean, for `titian decode`.
///
/// A talk is a TCP stream in each direction, or datagrams, or bare records, one a line; its
/// bytes tell which. Nothing throws, and what cannot be read is said to be so.
struct Recording {
    private(set) var items: [DecodedItem] = []
    private var questions: [UInt16: Packet] = [:]
    private var tables = RecordedTables()

    static func decode(_ talk: Talk) -> [DecodedItem] {
        let steps = talk.steps.compactMap(Stretch.init)
        var recording = Recording()
        if isStream(steps) {
            recording.stream(steps)
        } else if steps.contains(where: { Packet(datagram: $0.bytes) != nil }) {
            recording.datagrams(steps)
        } else if let records = BareRecords.decode(steps.map(\.bytes)) {
            return records
        } else {
            recording.datagrams(steps)
        }
        recording.flush()
        return recording.items
    }

    /// A direction begins with a magic, whole or, in a recording that was cut, half of one.
    static func isStream(_ steps: [Stretch]) -> Bool {
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

    private mutating func stream(_ steps: [Stretch]) {
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
            items.append(.noise(reason: Reason.cut, bytes: rest))
        }
    }

    private mutating func drain(_ decoder: inout PacketDecoder, toTerminal: Bool) {
        while let event = decoder.next() {
            switch event {
            case .packet(let packet): add(packet, toTerminal: toTerminal)
            case .noise(let bytes): items.append(.noise(reason: "wrong checksum", bytes: bytes))
            case .desync(let bytes):
                items.append(.noise(reason: "no packet begins here", bytes: bytes))
            }
        }
    }

    private mutating func datagrams(_ steps: [Stretch]) {
        for step in steps {
            if let packet = Packet(datagram: step.bytes) {
                add(packet, toTerminal: step.toTerminal, isDatagram: true)
            } else if let packet = Packet(damaged: step.bytes), packet.command == Command.data {
                // Published recordings are cut; what came before the cut is still worth reading.
                items.append(PacketFields.item(packet, toTerminal: false, isSound: false))
                items += BareRecords.fragment(packet.data, index: packet.session)
            } else {
                items.append(.noise(reason: "wrong checksum", bytes: step.bytes))
            }
        }
    }

    private mutating func add(_ packet: Packet, toTerminal: Bool, isDatagram: Bool = false) {
        if toTerminal {
            questions[packet.reply] = packet
            if tables.asked(packet) { flush() }
            items.append(PacketFields.item(packet, toTerminal: true))
            return
        }
        let question = questions[packet.reply]
        items.append(PacketFields.item(packet, toTerminal: false, answering: question))
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
            items.append(.record(.punch(event.ownPunch), via: .live))
        } else {
            let oddity = Oddity(reason: "unreadable event", raw: packet.data)
            items.append(.record(.oddity(oddity), via: .live))
        }
    }

    private mutating func flush() {
        items += tables.take()
    }
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
