internal import Attendance
internal import TerminalKit

/// Says what recorded bytes of this make mean, for `titian decode`.
///
/// A talk is frames in both directions, or bare events of 30 bytes as the journal keeps them; its
/// bytes tell which. Nothing throws, and what cannot be read is said to be so.
struct Recording {
    private var items: [DecodedItem] = []
    /// What was asked last: the answer alone does not always tell.
    private var asked: UInt8?

    static func decode(_ talk: Talk) -> [DecodedItem] {
        var recording = Recording()
        var ours = PacketDecoder()
        var theirs = PacketDecoder()
        for step in talk.steps {
            switch step {
            case .toTerminal(let bytes):
                ours.feed(bytes)
                recording.drain(&ours)
            case .fromTerminal(let bytes):
                theirs.feed(bytes)
                recording.drain(&theirs)
            case .silence: break
            }
        }
        recording.finish(&ours)
        recording.finish(&theirs)
        let hasFrames = recording.items.contains { if case .noise = $0 { false } else { true } }
        return hasFrames ? recording.items : bareEvents(talk) ?? recording.items
    }

    /// Events without a frame around them, one a step.
    private static func bareEvents(_ talk: Talk) -> [DecodedItem]? {
        let events = talk.steps.compactMap { step -> EventFrame?? in
            // No controller writes events with the numbers that frames begin with.
            guard case .fromTerminal(let bytes) = step, let first = bytes.first,
                ![0x7E, 0x7F, 0xFF].contains(first)
            else { return nil }
            return .some(EventFrame(bytes: bytes))
        }
        let whole = events.compactMap(\.self)
        guard !whole.isEmpty, whole.count == events.count else { return nil }
        return whole.map { .record(Records.decode($0), via: .log) }
    }

    // MARK: Frames

    private mutating func drain(_ decoder: inout PacketDecoder) {
        while let event = decoder.next() { add(event) }
    }

    private mutating func finish(_ decoder: inout PacketDecoder) {
        let rest = decoder.pending
        guard !rest.isEmpty else { return }
        var found: [PacketDecoder.Event] = []
        while let event = decoder.giveUp() { found.append(event) }
        let holdsFrames = found.contains { if case .packet = $0 { true } else { false } }
        guard holdsFrames else {
            items.append(.noise(reason: "cut short", bytes: rest))
            return
        }
        for event in found { add(event) }
    }

    private mutating func add(_ event: PacketDecoder.Event) {
        switch event {
        case .packet(let packet): add(packet)
        case .noise(let bytes):
            let isSecured = Packet.securedHeads.contains { bytes.starts(with: $0) }
            let looksLikeFrame =
                bytes.first == Packet.shortHead || bytes.starts(with: Packet.largeHead)
            let reason =
                isSecured
                ? "security mode" : looksLikeFrame ? "wrong checksum" : "no frame begins here"
            items.append(.noise(reason: reason, bytes: bytes))
        }
    }

    private mutating func add(_ packet: Packet) {
        guard packet.isAnswer else {
            asked = packet.command
            items.append(
                .packet(
                    name: PacketFields.name(of: packet.command), toTerminal: true,
                    fields: PacketFields.fields(ofQuestion: packet)))
            return
        }
        let answer = Answer(packet, to: asked)
        items.append(
            .packet(
                name: PacketFields.name(of: answer, asked: asked, packet), toTerminal: false,
                fields: PacketFields.fields(of: answer, asked: asked, packet)))
        if case .event(let event) = answer {
            items.append(.record(Records.decode(event), via: .log))
        }
    }
}
