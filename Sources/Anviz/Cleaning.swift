internal import TerminalKit

/// Takes out of a recorded talk what must not leave the office: the line's password and all that this
/// project does not understand, users among it; on request user numbers, and the terminal's serial
/// number and addresses.
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
        var bytes = TalkBytes(talk)
        let pieces =
            find(bytes.toTerminal, toTerminal: true) + find(bytes.fromTerminal, toTerminal: false)
        if redaction.inventsPins {
            for piece in pieces { _ = cleaning.cleaned(piece.packet, isNoting: true) }
        }
        for piece in pieces {
            let data = cleaning.cleaned(piece.packet, isNoting: false)
            guard data != piece.packet.data, data.count == piece.packet.data.count else { continue }
            bytes.write(
                piece.packet.with(data).bytes, at: piece.start, toTerminal: piece.toTerminal)
        }
        return bytes.talk
    }

    private init(redaction: Redaction) {
        self.redaction = redaction
    }

    private static func find(_ bytes: [UInt8], toTerminal: Bool) -> [Piece] {
        var decoder = PacketDecoder()
        decoder.feed(bytes)
        var pieces: [Piece] = []
        var place = 0
        func take(_ event: PacketDecoder.Event) {
            switch event {
            case .packet(let packet):
                pieces.append(Piece(start: place, toTerminal: toTerminal, packet: packet))
                place += packet.bytes.count
            case .noise(let bytes): place += bytes.count
            }
        }
        while let event = decoder.next() { take(event) }
        while let event = decoder.giveUp() { take(event) }
        return pieces
    }

    // MARK: Changing

    private mutating func cleaned(_ packet: Packet, isNoting: Bool) -> [UInt8] {
        let data = packet.data
        guard packet.isAnswer else { return asked(packet) }
        switch packet.command {
        case Command.configuration1: return Self.zeroed(data, 8..<11)
        case Command.serialNumber where redaction.inventsSerials:
            return Redaction.inventedSerial(data)
        case Command.network where redaction.inventsSerials: return network(data)
        case Command.download where redaction.inventsPins:
            return rows(data, from: 1, isNoting)
        case Command.live where redaction.inventsPins: return rows(data, from: 0, isNoting)
        case Command.eventLog: return data.map { _ in 0 }
        // Users, templates, whatever: what is not understood is not shown.
        default: return Command.name(packet.command) == nil ? data.map { _ in 0 } : data
        }
    }

    private func asked(_ packet: Packet) -> [UInt8] {
        if packet.command == Command.authenticate {
            return Order.authenticate(password: String(Redaction.key)).data
        }
        // What another program wrote: users, and the line's password among the settings.
        return Command.name(packet.command) == nil ? packet.data.map { _ in 0 } : packet.data
    }

    private mutating func rows(_ data: [UInt8], from first: Int, _ isNoting: Bool) -> [UInt8] {
        var cleaned = data
        let length = Records.rowLength
        for start in stride(from: first, to: data.count - length + 1, by: length) {
            cleaned = number(cleaned, at: start, isNoting)
        }
        return cleaned
    }

    /// Addresses go; the maker's half of the hardware address stays.
    private func network(_ data: [UInt8]) -> [UInt8] {
        var cleaned = Self.zeroed(data, 0..<8)
        for (index, byte) in [UInt8(0x73), 0x15, 0x02].enumerated() where data.count > 11 + index {
            cleaned[11 + index] = byte
        }
        return Self.zeroed(cleaned, 14..<22)
    }

    private mutating func number(_ bytes: [UInt8], at start: Int, _ isNoting: Bool) -> [UInt8] {
        let value = bytes[start..<(start + 5)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if isNoting {
            pins.note(String(value))
            return bytes
        }
        guard let other = UInt64(pins.invent(String(value))) else { return bytes }
        var field: [UInt8] = []
        field.appendBE(other, count: 5)
        var bytes = bytes
        bytes.replaceSubrange(start..<(start + 5), with: field)
        return bytes
    }

    private static func zeroed(_ data: [UInt8], _ range: Range<Int>) -> [UInt8] {
        var data = data
        for index in range where index < data.count { data[index] = 0 }
        return data
    }
}

extension Packet {
    fileprivate func with(_ data: [UInt8]) -> Packet {
        if let result {
            return Packet(answer: command, device: device, result: result, data: data)
        }
        return Packet(request: command, device: device, data: data)
    }
}
