internal import TerminalKit

/// Takes out of a recorded talk what must not leave the office: card numbers, typed codes, names
/// and whatever is not understood; on request user addresses.
///
/// The protocol has no key on the line and no serial number.
struct Cleaning {
    private let redaction: Redaction
    private var pins = InventedPins()

    private struct Piece {
        let start: Int
        let toTerminal: Bool
        let packet: Packet
    }

    static func clean(_ talk: Talk, _ redaction: Redaction) -> Talk {
        var cleaning = Cleaning(redaction: redaction)
        let pieces = find(talk)
        if redaction.inventsPins { _ = cleaning.cleaned(pieces, isNoting: true) }
        var bytes = TalkBytes(talk)
        for (piece, data) in zip(pieces, cleaning.cleaned(pieces, isNoting: false)) {
            guard data != piece.packet.data, data.count == piece.packet.data.count else { continue }
            let packet = Packet(
                piece.packet.head, node: piece.packet.node, command: piece.packet.command,
                data: data)
            bytes.write(packet.bytes, at: piece.start, toTerminal: piece.toTerminal)
        }
        return bytes.talk
    }

    private init(redaction: Redaction) {
        self.redaction = redaction
    }

    /// The frames in the order of the talk: an answer is known by the question before it.
    private static func find(_ talk: Talk) -> [Piece] {
        var decoders = [true: PacketDecoder(), false: PacketDecoder()]
        var places = [true: 0, false: 0]
        var pieces: [Piece] = []
        func take(_ event: PacketDecoder.Event, toTerminal: Bool) {
            let place = places[toTerminal] ?? 0
            switch event {
            case .packet(let packet):
                pieces.append(Piece(start: place, toTerminal: toTerminal, packet: packet))
                places[toTerminal] = place + packet.bytes.count
            case .noise(let bytes): places[toTerminal] = place + bytes.count
            }
        }
        func feed(_ bytes: [UInt8], toTerminal: Bool) {
            decoders[toTerminal]?.feed(bytes)
            while let event = decoders[toTerminal]?.next() { take(event, toTerminal: toTerminal) }
        }
        for step in talk.steps {
            switch step {
            case .toTerminal(let bytes): feed(bytes, toTerminal: true)
            case .fromTerminal(let bytes): feed(bytes, toTerminal: false)
            case .silence: break
            }
        }
        for side in [true, false] {
            while let event = decoders[side]?.giveUp() { take(event, toTerminal: side) }
        }
        return pieces
    }

    // MARK: Changing

    private mutating func cleaned(_ pieces: [Piece], isNoting: Bool) -> [[UInt8]] {
        var isUnderstood = true
        return pieces.map { piece in
            let packet = piece.packet
            if packet.isAnswer, packet.data.count == EventFrame.length {
                return event(packet, isNoting)
            }
            if !packet.isAnswer { isUnderstood = Command.name(packet.command) != nil }
            // Users and whatever else another program asked for or wrote.
            return isUnderstood ? packet.data : packet.data.map { _ in 0 }
        }
    }

    /// Bytes 15, 16, 19 and 20 are the card; 21 to 28 its other half, or a typed code; in an event
    /// about an unknown card, bytes 9 and 10 are a part of it.
    private mutating func event(_ packet: Packet, _ isNoting: Bool) -> [UInt8] {
        let data = packet.data
        var cleaned = data
        for index in [15, 16, 19, 20] + Array(21...28) { cleaned[index] = 0 }
        if packet.command == EventCode.unknownCard { (cleaned[9], cleaned[10]) = (0, 0) }
        guard redaction.inventsPins else { return cleaned }
        let address = UInt64(cleaned[9]) << 8 | UInt64(cleaned[10])
        if isNoting {
            pins.note(String(address))
            return data
        }
        guard let other = UInt16(pins.invent(String(address))) else { return cleaned }
        cleaned[9] = UInt8(truncatingIfNeeded: other >> 8)
        cleaned[10] = UInt8(truncatingIfNeeded: other)
        return cleaned
    }
}
