internal import Attendance
internal import TerminalKit

/// The named values of a packet, in the order of the wire.
///
/// Of what may hold card numbers, PINs or names only the length is told; a card number stands in
/// the raw bytes of an event and nowhere else.
enum PacketFields {
    static func name(of command: UInt8) -> String {
        Command.name(command) ?? "command-\([command].hex.uppercased())h"
    }

    static func name(of answer: Answer?, asked: UInt8?, _ packet: Packet) -> String {
        switch answer {
        case .event: "event"
        case .acknowledged: asked == Command.oldest ? "log-empty" : "ack"
        case .status: "status"
        case .data: info(answer, asked) == nil ? "data" : "clock"
        case .refused: "refused"
        case nil: "answer-\([packet.command].hex.uppercased())h"
        }
    }

    static func fields(ofQuestion packet: Packet) -> [DecodedField] {
        var fields = [DecodedField("node", packet.node), DecodedField("command", packet.command)]
        if !packet.data.isEmpty { fields.append(DecodedField("length", packet.data.count)) }
        return fields
    }

    static func fields(of answer: Answer?, asked: UInt8?, _ packet: Packet) -> [DecodedField] {
        switch answer {
        case .event(let event): return fields(of: event)
        case .acknowledged: return acknowledgement(packet.data)
        case .status(let bytes):
            return source(bytes) + [DecodedField("status", .bytes(Array(bytes)))]
        case .refused(let code):
            return source(packet.data) + [DecodedField("code", code)]
        case .data(let bytes):
            if let info = info(answer, asked) { return fields(of: info) }
            return source(bytes) + [DecodedField("length", bytes.count)]
        case nil:
            return [
                DecodedField("command", packet.command),
                DecodedField("length", packet.data.count),
            ]
        }
    }

    /// The answer to a clock question; without the question, what is as long as one.
    private static func info(_ answer: Answer?, _ asked: UInt8?) -> ControllerInfo? {
        guard case .data(let bytes) = answer, asked == Command.clock || asked == nil else {
            return nil
        }
        guard asked != nil || bytes.count == 32 else { return nil }
        return ControllerInfo(bytes)
    }

    private static func fields(of event: EventFrame) -> [DecodedField] {
        [
            DecodedField("function_code", event.code),
            DecodedField("meaning", EventCode.name(event.code)),
            DecodedField("source", event.node),
            DecodedField("time", event.time?.description ?? "none"),
            DecodedField("weekday", event.weekday), DecodedField("port", event.port),
            // In an event about an unknown card this is a part of the card's number.
            DecodedField("address", event.code == 3 ? 0 : event.userAddress),
            DecodedField("sub_code", event.subCode), DecodedField("duty", event.duty),
            DecodedField("level", event.level), DecodedField("door", event.door),
        ]
    }

    private static func fields(of info: ControllerInfo) -> [DecodedField] {
        source(info.data) + [
            DecodedField("time", info.time?.description ?? "none"),
            DecodedField("weekday", info.data[4]), DecodedField("firmware", info.firmware),
            DecodedField("type", info.type), DecodedField("model", info.model ?? "unknown"),
        ]
    }

    private static func acknowledgement(_ data: [UInt8]) -> [DecodedField] {
        guard data.count >= 3 else { return [] }
        return source(data) + [
            DecodedField("type", data[1]),
            DecodedField("firmware", "\(data[2] >> 4)V\(data[2] & 0x0F)"),
        ]
    }

    private static func source(_ data: [UInt8]) -> [DecodedField] {
        data.first.map { [DecodedField("source", $0)] } ?? []
    }
}
