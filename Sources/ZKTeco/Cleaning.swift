import TerminalKit

/// Takes out of a recorded talk what must not leave the office: the communication key, passwords,
/// names and cards of users; on request PINs, and the terminal's serial number and addresses.
///
/// The packets are found as for `titian decode`, changed in place and given a right checksum.
/// A table that cannot be read is blanked whole: better a talk that says less.
struct Cleaning {
    private var bytes: TalkBytes
    private var pieces: [Piece] = []
    private let isStream: Bool
    private let redaction: Redaction
    private var pins = InventedPins()

    /// One packet and where it stands.
    struct Piece {
        /// Of the packet's header, in the stretch of its direction.
        let start: Int
        let toTerminal: Bool
        var packet: Packet
        var isChanged = false
    }

    static func clean(_ talk: Talk, _ redaction: Redaction) -> Talk {
        var cleaning = Cleaning(talk, redaction)
        // Once to note whose numbers there are, once to change them.
        if redaction.inventsPins { _ = cleaning.cleaned(isNoting: true) }
        cleaning.pieces = cleaning.cleaned(isNoting: false)
        return cleaning.written
    }

    private init(_ talk: Talk, _ redaction: Redaction) {
        bytes = TalkBytes(talk)
        isStream = Recording.isStream(talk.steps.lazy.compactMap(Recording.Stretch.init))
        self.redaction = redaction
        if isStream { findInStreams(talk) } else { findDatagrams(talk) }
    }

    // MARK: Finding

    private mutating func findInStreams(_ talk: Talk) {
        var decoders = [true: PacketDecoder(), false: PacketDecoder()]
        var places = [true: 0, false: 0]
        for step in talk.steps.lazy.compactMap(Recording.Stretch.init) {
            decoders[step.toTerminal]?.feed(step.bytes)
            while let event = decoders[step.toTerminal]?.next() {
                let place = places[step.toTerminal] ?? 0
                switch event {
                case .packet(let packet):
                    let start = place + Packet.prefixLength
                    pieces.append(
                        Piece(start: start, toTerminal: step.toTerminal, packet: packet))
                    places[step.toTerminal] = start + Packet.headerLength + packet.data.count
                case .noise(let bytes), .desync(let bytes):
                    places[step.toTerminal] = place + bytes.count
                }
            }
        }
    }

    private mutating func findDatagrams(_ talk: Talk) {
        var places = [true: 0, false: 0]
        for step in talk.steps.lazy.compactMap(Recording.Stretch.init) {
            let place = places[step.toTerminal] ?? 0
            if let packet = Packet(datagram: step.bytes) {
                pieces.append(Piece(start: place, toTerminal: step.toTerminal, packet: packet))
            }
            places[step.toTerminal] = place + step.bytes.count
        }
    }

    // MARK: Changing

    /// - Parameter isNoting: Only look whose numbers there are.
    private mutating func cleaned(isNoting: Bool) -> [Piece] {
        var cleaned = pieces
        var questions: [UInt16: Packet] = [:]
        var tables = TablePlaces()
        for index in cleaned.indices {
            let packet = cleaned[index].packet
            if cleaned[index].toTerminal {
                questions[packet.reply] = packet
                if tables.asked(packet) { clean(&tables, &cleaned, isNoting) }
                change(&cleaned[index], asked(packet))
            } else {
                if packet.command == Command.data {
                    tables.add(index, packet, isDatagram: !isStream)
                }
                if packet.command == Command.ackOK, let sizes = FreeSizes(packet.data) {
                    tables.counters = sizes.counters
                }
                change(&cleaned[index], answered(packet, questions[packet.reply], isNoting))
            }
        }
        clean(&tables, &cleaned, isNoting)
        return cleaned
    }

    private func change(_ piece: inout Piece, _ data: [UInt8]) {
        guard data != piece.packet.data, data.count == piece.packet.data.count else { return }
        piece.packet.data = data
        piece.isChanged = true
    }

    private func asked(_ packet: Packet) -> [UInt8] {
        switch packet.command {
        case Command.auth: return auth(packet)
        case Command.userWrite: return RecordedUsers.blanked(packet.data, size: packet.data.count)
        case Command.optionWrite: return option(packet.data)
        // What is not understood is not shown.
        default: return Command.isKnown(packet.command) ? packet.data : packet.data.map { _ in 0 }
        }
    }

    /// The scrambled key gives the key away. No key stays no key, so that the talk can be replayed
    /// without one.
    private func auth(_ packet: Packet) -> [UInt8] {
        guard packet.data.count == 4 else { return packet.data.map { _ in 0 } }
        let ticks = packet.data[2]
        let none = CommKey.scramble(key: 0, session: packet.session, ticks: ticks)
        if packet.data == none { return none }
        return CommKey.scramble(key: Redaction.key, session: packet.session, ticks: ticks)
    }

    private mutating func answered(
        _ packet: Packet, _ question: Packet?, _ isNoting: Bool
    ) -> [UInt8] {
        if let question, !Command.isKnown(question.command) { return packet.data.map { _ in 0 } }
        switch packet.command {
        case Command.event where packet.session == Command.attendanceEvent:
            return redaction.inventsPins ? event(packet.data, isNoting) : packet.data
        case Command.ackOK where question?.command == Command.optionRead || question == nil:
            return option(packet.data)
        default:
            return packet.data
        }
    }

    private func option(_ data: [UInt8]) -> [UInt8] {
        guard let equals = data.firstIndex(of: UInt8(ascii: "=")) else { return data }
        let name = String(decoding: data[..<equals], as: UTF8.self).lowercased()
        let head = data[...equals]
        let value = data[(equals + 1)...]
        if ["password", "pwd", "comkey", "commkey"].contains(where: name.contains) {
            return head + value.map { $0 == 0 ? 0 : UInt8(ascii: "0") }
        }
        guard redaction.inventsSerials else { return data }
        switch name {
        case "~serialnumber", "serialnumber": return head + Redaction.inventedSerial(value)
        // The maker's half of the address stays.
        case "mac": return head + value.prefix(9) + Redaction.inventedAddress(value.dropFirst(9))
        case "ipaddress", "netmask", "gateipaddress", "webserverip", "icluserverip":
            return head + value.map { (0x31...0x39).contains($0) ? UInt8(ascii: "1") : $0 }
        default: return data
        }
    }

    // MARK: People

    private mutating func event(_ data: [UInt8], _ isNoting: Bool) -> [UInt8] {
        switch data.count {
        case 10, 14: number(data, at: 0, 2, isNoting)
        case 12: number(data, at: 0, 4, isNoting)
        case 32...: text(data, at: 0, 24, isNoting)
        default: data
        }
    }

    private mutating func clean(
        _ tables: inout TablePlaces, _ cleaned: inout [Piece], _ isNoting: Bool
    ) {
        guard let table = tables.take() else { return }
        var bytes = table.bytes
        let body = Array(bytes.dropFirst(4))
        switch table.kind {
        case .users:
            bytes = bytes.prefix(4) + users(body, table, isNoting)
        case .attendance where redaction.inventsPins, .unknown where redaction.inventsPins:
            bytes = bytes.prefix(4) + attendance(body, table, isNoting)
        case .other: bytes = bytes.map { _ in 0 }
        case .attendance, .operations, .unknown: return
        }
        for place in table.places where place.start + place.count <= bytes.count {
            change(&cleaned[place.piece], Array(bytes[place.start..<(place.start + place.count)]))
        }
    }

    private mutating func users(
        _ body: [UInt8], _ table: TablePlaces.Table, _ isNoting: Bool
    ) -> [UInt8] {
        guard let size = UserTable.size(total: table.total, count: table.counters.users, body)
        else { return body.map { _ in 0 } }
        var cleaned = RecordedUsers.blanked(body, size: size)
        guard redaction.inventsPins else { return cleaned }
        for start in stride(from: 0, to: body.count / size * size, by: size) {
            switch size {
            case 72: cleaned = text(cleaned, at: start + 48, 24, isNoting)
            case 28: cleaned = number(cleaned, at: start + 24, 4, isNoting)
            default: cleaned = number(cleaned, at: start, 2, isNoting)
            }
        }
        return cleaned
    }

    private mutating func attendance(
        _ body: [UInt8], _ table: TablePlaces.Table, _ isNoting: Bool
    ) -> [UInt8] {
        guard
            let layout = RecordSize.find(
                total: table.total, count: table.counters.records, sample: body)
        else { return body.map { _ in 0 } }
        var cleaned = body
        for start in stride(from: 0, to: body.count / layout.size * layout.size, by: layout.size) {
            switch layout.form {
            case .slot: cleaned = number(cleaned, at: start, 2, isNoting)
            case .number: cleaned = number(cleaned, at: start, 4, isNoting)
            case .text(let length): cleaned = text(cleaned, at: start + 2, length, isNoting)
            }
        }
        return cleaned
    }

    private mutating func number(
        _ bytes: [UInt8], at start: Int, _ length: Int, _ isNoting: Bool
    ) -> [UInt8] {
        let value = bytes[start..<(start + length)].reversed().reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        guard let other = UInt64(invented(String(value), isNoting)) else { return bytes }
        var bytes = bytes
        for index in 0..<length {
            bytes[start + index] = UInt8(truncatingIfNeeded: other >> UInt64(index * 8))
        }
        return bytes
    }

    private mutating func text(
        _ bytes: [UInt8], at start: Int, _ length: Int, _ isNoting: Bool
    ) -> [UInt8] {
        let field = bytes[start..<(start + length)].prefix { $0 != 0 }
        guard !field.isEmpty else { return bytes }
        let other = Array(invented(String(decoding: field, as: UTF8.self), isNoting).utf8)
        var bytes = bytes
        for index in field.indices { bytes[index] = UInt8(ascii: "0") }
        bytes.replaceSubrange(
            start..<(start + min(other.count, field.count)), with: other.prefix(field.count))
        return bytes
    }

    private mutating func invented(_ pin: String, _ isNoting: Bool) -> String {
        guard isNoting else { return pins.invent(pin) }
        pins.note(pin)
        return pin
    }

    // MARK: Writing

    private var written: Talk {
        var bytes = bytes
        for piece in pieces where piece.isChanged {
            bytes.write(piece.packet.datagram, at: piece.start, toTerminal: piece.toTerminal)
        }
        return bytes.talk
    }
}

/// The user table's records without what is nobody's business.
enum RecordedUsers {
    /// Passwords, names and cards become zeros; place, privilege and PIN stay.
    ///
    /// - Parameter size: Bytes in a record; of an unknown one nothing stays.
    static func blanked(_ bytes: [UInt8], size: Int) -> [UInt8] {
        let hidden: Range<Int>
        switch size {
        case 72: hidden = 3..<39
        case 28: hidden = 3..<21
        case 16: hidden = 3..<16
        default: return bytes.map { _ in 0 }
        }
        return bytes.enumerated().map { hidden.contains($0.offset % size) ? 0 : $0.element }
    }
}
