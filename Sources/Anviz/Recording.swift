internal import Attendance
internal import TerminalKit

/// Says what recorded bytes of this make mean, for `titian decode`.
///
/// A talk is frames in both directions, or bare rows of 14 bytes; its bytes tell which. Nothing
/// throws, and what cannot be read is said to be so.
struct Recording {
    private let found: (DecodedItem) -> Void

    static func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        if !hasFrames(talk), bareRows(talk, found) { return }
        decode(frames: talk, found)
    }

    private static func hasFrames(_ talk: Talk) -> Bool {
        var hasFrames = false
        decode(frames: talk) { if case .noise = $0 {} else { hasFrames = true } }
        return hasFrames
    }

    private static func decode(frames talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        let recording = Recording(found: found)
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
        recording.finish(ours, toTerminal: true)
        recording.finish(theirs, toTerminal: false)
    }

    /// Rows without a frame around them, any number in a step.
    ///
    /// - Returns: Whether that is what they are.
    private static func bareRows(_ talk: Talk, _ found: (DecodedItem) -> Void) -> Bool {
        let length = Records.rowLength
        let steps = talk.steps.lazy.compactMap {
            if case .fromTerminal(let bytes) = $0 { bytes } else { nil }
        }
        guard steps.first != nil, steps.allSatisfy({ $0.count % length == 0 }),
            // A row that begins with the start byte has a user id beyond 700 thousand million.
            steps.allSatisfy({ $0.first != Packet.startByte })
        else { return false }
        for bytes in steps {
            for start in stride(from: 0, to: bytes.count, by: length) {
                found(.record(Records.decode(bytes[start..<(start + length)]), via: .log))
            }
        }
        return true
    }

    // MARK: Frames

    private func drain(_ decoder: inout PacketDecoder, toTerminal: Bool) {
        while let event = decoder.next() { add(event, toTerminal: toTerminal) }
    }

    private func finish(_ decoder: PacketDecoder, toTerminal: Bool) {
        guard !decoder.pending.isEmpty else { return }
        guard holdsFrames(decoder) else {
            return found(.noise(reason: "cut short", bytes: decoder.pending))
        }
        var decoder = decoder
        while let event = decoder.giveUp() { add(event, toTerminal: toTerminal) }
    }

    private func holdsFrames(_ decoder: PacketDecoder) -> Bool {
        var decoder = decoder
        while let event = decoder.giveUp() {
            if case .packet = event { return true }
        }
        return false
    }

    private func add(_ event: PacketDecoder.Event, toTerminal: Bool) {
        switch event {
        case .packet(let packet):
            found(
                .packet(
                    name: Command.name(packet.command) ?? "command-\(packet.command)",
                    toTerminal: toTerminal, fields: PacketFields.fields(of: packet)))
            addRows(of: packet)
        case .noise(let bytes):
            let looksLikeFrame = bytes.first == Packet.startByte
            found(
                .noise(
                    reason: looksLikeFrame ? "wrong checksum" : "no frame begins here",
                    bytes: bytes))
        }
    }

    private func addRows(of packet: Packet) {
        guard packet.isAnswer, packet.result == AnswerCode.success else { return }
        if packet.command == Command.live {
            found(.record(liveRecord(packet.data), via: .live))
        }
        guard packet.command == Command.download else { return }
        guard let rows = try? Records.rows(in: packet.data, asked: 255) else {
            let oddity = Oddity(reason: "rows of another length", raw: packet.data)
            found(.record(.oddity(oddity), via: .log))
            return
        }
        for row in rows { found(.record(Records.decode(row[...]), via: .log)) }
    }

    private func liveRecord(_ row: [UInt8]) -> LogRecord {
        guard Records.announcesUser(row[...]) else { return Records.decode(row[...]) }
        return .oddity(Oddity(reason: "person added at the terminal", raw: row))
    }
}
