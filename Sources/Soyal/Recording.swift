internal import Attendance
internal import TerminalKit

/// Says what recorded bytes of this make mean, for `titian decode`.
///
/// A talk is frames in both directions, or bare events of 30 bytes as the journal keeps them; its
/// bytes tell which. Nothing throws, and what cannot be read is said to be so.
struct Recording {
    private let found: (DecodedItem) -> Void
    /// What was asked last: the answer alone does not always tell.
    private var asked: UInt8?

    private init(_ found: @escaping (DecodedItem) -> Void) { self.found = found }

    static func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        if !hasFrames(talk), bareEvents(talk, found) { return }
        decode(frames: talk, found)
    }

    private static func hasFrames(_ talk: Talk) -> Bool {
        var hasFrames = false
        decode(frames: talk) { if case .noise = $0 {} else { hasFrames = true } }
        return hasFrames
    }

    private static func decode(frames talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        var recording = Recording(found)
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
        recording.finish(ours)
        recording.finish(theirs)
    }

    /// Events without a frame around them, one a step.
    ///
    /// - Returns: Whether that is what they are.
    private static func bareEvents(_ talk: Talk, _ found: (DecodedItem) -> Void) -> Bool {
        let events = talk.steps.lazy.compactMap { step -> EventFrame?? in
            // No controller writes events with the numbers that frames begin with.
            guard case .fromTerminal(let bytes) = step, let first = bytes.first,
                ![0x7E, 0x7F, 0xFF].contains(first)
            else { return nil }
            return .some(EventFrame(bytes: bytes))
        }
        guard events.first != nil, events.allSatisfy({ $0 != nil }) else { return false }
        for case let event? in events { found(.record(Records.decode(event), via: .log)) }
        return true
    }

    // MARK: Frames

    private mutating func drain(_ decoder: inout PacketDecoder) {
        while let event = decoder.next() { add(event) }
    }

    private mutating func finish(_ decoder: PacketDecoder) {
        guard !decoder.pending.isEmpty else { return }
        guard holdsFrames(decoder) else {
            return found(.noise(reason: "cut short", bytes: decoder.pending))
        }
        var decoder = decoder
        while let event = decoder.giveUp() { add(event) }
    }

    private func holdsFrames(_ decoder: PacketDecoder) -> Bool {
        var decoder = decoder
        while let event = decoder.giveUp() {
            if case .packet = event { return true }
        }
        return false
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
            found(.noise(reason: reason, bytes: bytes))
        }
    }

    private mutating func add(_ packet: Packet) {
        guard packet.isAnswer else {
            asked = packet.command
            found(
                .packet(
                    name: PacketFields.name(of: packet.command), toTerminal: true,
                    fields: PacketFields.fields(ofQuestion: packet)))
            return
        }
        let answer = Answer(packet, to: asked)
        found(
            .packet(
                name: PacketFields.name(of: answer, asked: asked, packet), toTerminal: false,
                fields: PacketFields.fields(of: answer, asked: asked, packet)))
        if case .event(let event) = answer {
            found(.record(Records.decode(event), via: .log))
        }
    }
}
