import Attendance
import TerminalKit

@testable import ZKTeco

/// Small answers: counters, options, users, live events, chosen by the first byte.
enum ZKTecoAnswers {
    static func decode(_ bytes: [UInt8]) -> Int {
        guard let kind = bytes.first else { return 0 }
        let data = Array(bytes.dropFirst())
        switch kind % 6 {
        case 0: use(FreeSizes(data)?.counters)
        case 1: use(TerminalOption(data))
        case 2: use(TerminalOption.text(data))
        case 3: use(UserTable.User(data))
        case 4: use(LiveEvent(data: data)?.ownPunch)
        default:
            var reader = ByteReader(data)
            use(reader.u32LE().flatMap(PackedTime.decode))
        }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let kind = bytes.first else { return }
        let data = Array(bytes.dropFirst())
        switch kind % 6 {
        case 0: try checkCounters(data)
        case 1: try checkOption(data)
        case 4: try checkEvent(data)
        case 5: try checkTime(data)
        default: break
        }
        // The same data under an OK whose question nobody recorded.
        for question in [Command.freeSizes, Command.optionRead, Command.timeRead, Command.version] {
            let asked = Packet(command: question, session: 1, reply: 1)
            let answer = Packet(command: Command.ackOK, session: 1, reply: 1, data: data)
            let items = [
                PacketFields.item(answer, toTerminal: false, answering: asked),
                PacketFields.item(answer, toTerminal: false),
                PacketFields.item(
                    Packet(command: question, session: 1, reply: 1, data: data), toTerminal: true),
            ]
            for item in items {
                // A byte that is no text is shown as a mark of three.
                try hold(
                    Kept.output([item]) <= 4 * data.count + 256, "an answer's fields grow too large"
                )
            }
        }
    }

    private static func checkCounters(_ data: [UInt8]) throws {
        guard let counters = FreeSizes(data)?.counters else { return }
        for value in [
            counters.records, counters.recordCapacity, counters.users, counters.userCapacity,
        ] {
            try hold(value ?? 0 >= 0, "a negative count")
        }
        if let records = counters.records, let capacity = counters.recordCapacity {
            try hold(records <= capacity, "more records than fit")
        }
    }

    private static func checkOption(_ data: [UInt8]) throws {
        guard let option = TerminalOption(data) else { return }
        try hold(option.value != "", "an empty value instead of none")
        try hold(!option.name.contains("="), "a name with an equals sign")
    }

    private static func checkEvent(_ data: [UInt8]) throws {
        guard let event = LiveEvent(data: data) else { return }
        let slots = event.punch(logNamesSlots: true)
        let pins = event.punch(logNamesSlots: false)
        try hold(slots == nil || pins == nil, "one event is two punches")
    }

    private static func checkTime(_ data: [UInt8]) throws {
        var reader = ByteReader(data)
        guard let packed = reader.u32LE(), let time = PackedTime.decode(packed) else { return }
        guard time.fields.year < 2_100 else { return }
        try hold(PackedTime.encode(time) == packed, "a time does not come back")
    }
}
