internal import Attendance
import TerminalKit

/// Names what stands in a packet, for `titian decode`.
enum PacketFields {
    static func item(
        _ packet: Packet, toTerminal: Bool, answering question: Packet? = nil,
        isSound: Bool = true
    ) -> DecodedItem {
        var fields = header(packet, toTerminal: toTerminal)
        if !isSound { fields.append(DecodedField("checksum_ok", .flag(false))) }
        if toTerminal {
            return .packet(
                name: Command.name(of: packet.command), toTerminal: true,
                fields: fields + asked(packet))
        }
        let (name, more) = answer(packet, to: question)
        return .packet(name: name, toTerminal: false, fields: fields + more)
    }

    private static func header(_ packet: Packet, toTerminal: Bool) -> [DecodedField] {
        let place: String
        switch packet.command {
        case Command.event where !toTerminal: place = "event"
        case Command.data where !toTerminal: place = "index"
        default: place = "session"
        }
        return [
            DecodedField("command", packet.command), DecodedField(place, packet.session),
            DecodedField("reply", packet.reply),
        ]
    }

    // MARK: Questions

    private static func asked(_ packet: Packet) -> [DecodedField] {
        var reader = ByteReader(packet.data)
        switch packet.command {
        case Command.optionRead:
            return [DecodedField("name", text(packet.data))]
        case Command.optionWrite:
            return option(packet.data) ?? other(packet.data)
        case Command.auth:
            return [DecodedField("scrambled", .bytes(packet.data))]
        case Command.readBuffer:
            guard let offset = reader.u32LE(), let length = reader.u32LE() else { break }
            return [DecodedField("offset", offset), DecodedField("length", length)]
        case Command.prepareBuffer:
            guard reader.u8() != nil, let table = reader.u16LE(), let more = reader.u32LE()
            else { break }
            return [
                DecodedField("table_command", table), DecodedField("table", more),
            ]
        case Command.userWrite:
            return UserTable.User(packet.data)?.fields ?? []
        case Command.event:
            return reader.u32LE().map { [DecodedField("mask", $0)] } ?? []
        default: break
        }
        return other(packet.data)
    }

    // MARK: Answers

    private static func answer(
        _ packet: Packet, to question: Packet?
    ) -> (name: String, fields: [DecodedField]) {
        let name = Command.name(of: packet.command)
        switch packet.command {
        case Command.ackOK:
            return okay(packet.data, to: question?.command) ?? (name, other(packet.data))
        case Command.prepareData:
            var reader = ByteReader(packet.data)
            let size = reader.u32LE().map { DecodedField("size", $0) }
            let chunk = reader.u32LE().map { DecodedField("chunk", $0) }
            return (name, [size, chunk].compactMap(\.self))
        case Command.data:
            return (name, [DecodedField("bytes", packet.data.count)])
        case Command.event:
            return (name, event(packet))
        default:
            return (name, other(packet.data))
        }
    }

    /// An OK with data; where the question is not in the recording its form tells.
    private static func okay(
        _ data: [UInt8], to command: UInt16?
    ) -> (name: String, fields: [DecodedField])? {
        if let sizes = FreeSizes(data), command == nil || command == Command.freeSizes {
            let fields = FreeSizes.names.compactMap { name, word in
                sizes.word(word).map { DecodedField(name, $0) }
            }
            return ("free-sizes", fields)
        }
        var reader = ByteReader(data)
        switch command {
        case Command.timeRead:
            guard let packed = reader.u32LE() else { return nil }
            let time = PackedTime.decode(packed)?.description ?? Reason.date
            return ("clock", [DecodedField("time", time)])
        case Command.version:
            return ("version", [DecodedField("text", text(data))])
        case Command.optionRead, nil:
            if let fields = option(data), command != nil || isText(data) {
                return ("option", fields)
            }
            return command == nil ? buffer(data) : nil
        case Command.prepareBuffer:
            return buffer(data)
        default:
            return nil
        }
    }

    private static func buffer(_ data: [UInt8]) -> (name: String, fields: [DecodedField])? {
        var reader = ByteReader(data)
        guard data.count == 13, let flag = reader.u8(), let size = reader.u32LE(),
            let again = reader.u32LE(), let third = reader.u32LE(), size == again
        else { return nil }
        return (
            "buffer",
            [
                DecodedField("flag", flag), DecodedField("size", size),
                DecodedField("size_again", again), DecodedField("third", third),
            ]
        )
    }

    private static func event(_ packet: Packet) -> [DecodedField] {
        guard let event = LiveEvent(packet) else { return other(packet.data) }
        let id: DecodedField =
            switch event.person {
            case .slot(let slot): DecodedField("id", slot)
            case .pin(let pin): DecodedField("id", pin.text)
            }
        return [id, DecodedField("bytes", packet.data.count)]
    }

    // MARK: Values

    private static func option(_ data: [UInt8]) -> [DecodedField]? {
        TerminalOption(data).map {
            [DecodedField("name", $0.name), DecodedField("value", $0.value ?? "")]
        }
    }

    private static func text(_ data: [UInt8]) -> String { TerminalOption.text(data) ?? "" }

    private static func isText(_ data: [UInt8]) -> Bool {
        data.prefix { $0 != 0 }.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static func other(_ data: [UInt8]) -> [DecodedField] {
        data.isEmpty ? [] : [DecodedField("data", .bytes(data))]
    }
}
