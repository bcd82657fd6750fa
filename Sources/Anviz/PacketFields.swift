internal import Attendance
internal import TerminalKit

/// The named values of a packet, in the order of the wire.
///
/// Of what may hold passwords or names only the length is told.
enum PacketFields {
    static func fields(of packet: Packet) -> [DecodedField] {
        var fields = [
            DecodedField("device", packet.device), DecodedField("command", packet.command),
        ]
        if let result = packet.result { fields.append(DecodedField("result", result)) }
        guard !packet.data.isEmpty else { return fields }
        let known = packet.isAnswer ? answer(packet) : request(packet)
        return fields + (known ?? [DecodedField("length", packet.data.count)])
    }

    private static func request(_ packet: Packet) -> [DecodedField]? {
        var reader = ByteReader(packet.data)
        switch packet.command {
        case Command.download:
            guard let from = reader.u8(), let rows = reader.u8() else { return nil }
            return [
                DecodedField("from", downloadNames[from] ?? "\(from)"), DecodedField("rows", rows),
            ]
        case Command.clear:
            guard let type = reader.u8(), let rows = reader.uBE(3) else { return nil }
            return [DecodedField("type", type), DecodedField("rows", rows)]
        default: return nil
        }
    }

    private static let downloadNames: [UInt8: String] = [
        Download.all: "all", Download.new: "new", Download.next: "next", Download.again: "again",
    ]

    private static func answer(_ packet: Packet) -> [DecodedField]? {
        let data = packet.data
        switch packet.command {
        case Command.clock:
            return ClockFields.decode(data).map { [DecodedField("time", $0.description)] }
        case Command.counters: return Counters(data).map(counters)
        case Command.capacity: return Capacity(data).map(capacity)
        case Command.download: return data.first.map { [DecodedField("rows", $0)] }
        case Command.serialNumber: return [DecodedField("serial_number", visibleText(data))]
        case Command.model: return [DecodedField("model", visibleText(data))]
        case Command.configuration1: return configuration1(data)
        case Command.configuration2: return configuration2(data)
        case Command.network:
            return NetworkFields.macAddress(in: data).map { [DecodedField("mac", $0)] }
        case Command.clear: return number("rows", 3, data)
        case Command.deviceID, Command.deviceID2: return number("id", 4, data)
        case Command.live: return []
        default: return nil
        }
    }

    private static func number(
        _ name: String, _ bytes: Int, _ data: [UInt8]
    ) -> [DecodedField]? {
        var reader = ByteReader(data)
        return reader.uBE(bytes).map { [DecodedField(name, $0)] }
    }

    private static func counters(_ counters: Counters) -> [DecodedField] {
        [
            DecodedField("users", counters.users),
            DecodedField("fingerprints", counters.fingerprints),
            DecodedField("passwords", counters.passwords),
            DecodedField("cards", counters.cards),
            DecodedField("records", counters.records),
            DecodedField("new_records", counters.newRecords),
        ]
    }

    private static func capacity(_ capacity: Capacity) -> [DecodedField] {
        [
            DecodedField("users", capacity.users),
            DecodedField("fingerprints", capacity.fingerprints),
            DecodedField("records", capacity.records),
        ]
    }

    /// Bytes 8 to 10 are the communication password and are left out.
    private static func configuration1(_ data: [UInt8]) -> [DecodedField]? {
        guard data.count >= 18 else { return nil }
        return [
            DecodedField("firmware", visibleText(data.prefix(8))),
            DecodedField("sleep_min", data[11]), DecodedField("volume", data[12]),
            DecodedField("language", data[13]), DecodedField("date_format", data[14] >> 4),
            DecodedField("time_format", data[14] & 15),
            DecodedField("attendance_state", data[15]),
            DecodedField("language_flag", data[16]), DecodedField("command_version", data[17]),
        ]
    }

    private static func configuration2(_ data: [UInt8]) -> [DecodedField]? {
        guard data.count >= 15 else { return nil }
        let warning = Int(data[8]) << 16 | Int(data[9]) << 8 | Int(data[10])
        return [
            DecodedField("precision", data[0]), DecodedField("wiegand_head", data[1]),
            DecodedField("wiegand_option", data[2]), DecodedField("work_code", data[3]),
            DecodedField("real_time", data[4]), DecodedField("fp_auto_update", data[5]),
            DecodedField("relay_mode", data[6]), DecodedField("lock_delay", data[7]),
            DecodedField("low_memory_warning", warning),
            DecodedField("repeat_minutes", data[11]),
            DecodedField("door_sensor_delay", data[12]), DecodedField("bell_delay", data[13]),
            DecodedField("time_correction", data[14]),
        ]
    }
}
