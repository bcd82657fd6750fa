internal import Attendance
internal import TerminalKit

/// Says what recorded bytes of this make mean, for `titian decode`.
///
/// A talk is frames in both directions, or bare rows of 14 bytes; its bytes tell which. Nothing
/// throws, and what cannot be read is said to be so.
struct Recording {
    private var items: [DecodedItem] = []

    static func decode(_ talk: Talk) -> [DecodedItem] {
        var recording = Recording()
        var ours = PacketDecoder()
        var theirs = PacketDecoder()
        for step in talk.steps {
            switch step {
            case .toTerminal(let bytes):
                ours.feed(bytes)
                recording.drain(&ours, toTerminal: true)
            case .fromTerminal(let bytes):
                theirs.feed(bytes)
                recording.drain(&theirs, toTerminal: false)
            case .silence: break
            }
        }
        recording.finish(&ours, toTerminal: true)
        recording.finish(&theirs, toTerminal: false)
        let hasFrames = recording.items.contains { if case .noise = $0 { false } else { true } }
        return hasFrames ? recording.items : bareRows(talk) ?? recording.items
    }

    /// Rows without a frame around them, any number in a step.
    private static func bareRows(_ talk: Talk) -> [DecodedItem]? {
        let length = Records.rowLength
        let steps = talk.steps.compactMap {
            if case .fromTerminal(let bytes) = $0 { bytes } else { nil }
        }
        guard !steps.isEmpty, steps.allSatisfy({ $0.count % length == 0 }),
            // A row that begins with the start byte has a user id beyond 700 thousand million.
            steps.allSatisfy({ $0.first != Packet.startByte })
        else { return nil }
        return steps.flatMap { bytes in
            stride(from: 0, to: bytes.count, by: length).map {
                .record(Records.decode(bytes[$0..<($0 + length)]), via: .log)
            }
        }
    }

    // MARK: Frames

    private mutating func drain(_ decoder: inout PacketDecoder, toTerminal: Bool) {
        while let event = decoder.next() { add(event, toTerminal: toTerminal) }
    }

    private mutating func finish(_ decoder: inout PacketDecoder, toTerminal: Bool) {
        let rest = decoder.pending
        guard !rest.isEmpty else { return }
        var found: [PacketDecoder.Event] = []
        while let event = decoder.giveUp() { found.append(event) }
        let holdsFrames = found.contains { if case .packet = $0 { true } else { false } }
        guard holdsFrames else {
            items.append(.noise(reason: "cut short", bytes: rest))
            return
        }
        for event in found { add(event, toTerminal: toTerminal) }
    }

    private mutating func add(_ event: PacketDecoder.Event, toTerminal: Bool) {
        switch event {
        case .packet(let packet):
            items.append(
                .packet(
                    name: Command.name(packet.command) ?? "command-\(packet.command)",
                    toTerminal: toTerminal, fields: PacketFields.fields(of: packet)))
            addRows(of: packet)
        case .noise(let bytes):
            let looksLikeFrame = bytes.first == Packet.startByte
            items.append(
                .noise(
                    reason: looksLikeFrame ? "wrong checksum" : "no frame begins here",
                    bytes: bytes))
        }
    }

    private mutating func addRows(of packet: Packet) {
        guard packet.isAnswer, packet.result == AnswerCode.success else { return }
        if packet.command == Command.live {
            items.append(.record(liveRecord(packet.data), via: .live))
        }
        guard packet.command == Command.download else { return }
        guard let rows = try? Records.rows(in: packet.data, asked: 255) else {
            let oddity = Oddity(reason: "rows of another length", raw: packet.data)
            items.append(.record(.oddity(oddity), via: .log))
            return
        }
        items += rows.map { .record(Records.decode($0[...]), via: .log) }
    }

    private func liveRecord(_ row: [UInt8]) -> LogRecord {
        guard Records.announcesUser(row[...]) else { return Records.decode(row[...]) }
        return .oddity(Oddity(reason: "person added at the terminal", raw: row))
    }
}
