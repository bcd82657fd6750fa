import Attendance
import TerminalKit

@testable import Anviz
@testable import Simulator

extension FuzzTarget {
    static let anviz: [FuzzTarget] = [
        FuzzTarget(
            "anviz-stream", decode: AnvizPackets.decode, check: AnvizPackets.check,
            seeds: { Seeds.anviz.streams }),
        FuzzTarget(
            "anviz-answers", longest: 1_024, decode: AnvizAnswers.decode,
            check: AnvizAnswers.check, seeds: { Seeds.anviz.answers }),
        dialogue("anviz-dialogue", AnvizTerminal.self, isDatagram: false),
    ]
}

enum AnvizPackets {
    /// Packets, and the noise between them in one stretch each.
    private static func stream(_ pieces: [ArraySlice<UInt8>]) -> [PacketDecoder.Event] {
        var decoder = PacketDecoder()
        var events: [PacketDecoder.Event] = []
        func add(_ event: PacketDecoder.Event) {
            if case .noise(let new) = event, case .noise(let old) = events.last {
                events[events.count - 1] = .noise(old + new)
            } else {
                events.append(event)
            }
        }
        for piece in pieces {
            decoder.feed(piece)
            while let event = decoder.next() { add(event) }
        }
        while let event = decoder.giveUp() { add(event) }
        return events
    }

    /// As the dialogue does it: nothing is kept.
    static func decode(_ bytes: [UInt8]) -> Int {
        var decoder = PacketDecoder()
        for start in stride(from: 0, to: bytes.count, by: 4_096) {
            decoder.feed(bytes[start..<min(bytes.count, start + 4_096)])
            while let event = decoder.next() { use(event) }
        }
        while let event = decoder.giveUp() { use(event) }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        let whole = stream([bytes[...]])
        try hold(stream(Cuts.random(bytes)) == whole, "packets depend on how the line is cut")
        if bytes.count <= 256 {
            let single = bytes.indices.map { bytes[$0...$0] }
            try hold(stream(single) == whole, "packets depend on how the line is cut")
        }
        let again = whole.flatMap { event in
            switch event {
            case .packet(let packet): packet.bytes
            case .noise(let noise): noise
            }
        }
        try hold(again == bytes, "bytes of the line are gone or changed")
    }
}

/// The data of answers: rows, counters, clocks, chosen by the first byte.
enum AnvizAnswers {
    static func decode(_ bytes: [UInt8]) -> Int {
        guard let kind = bytes.first else { return 0 }
        let data = Array(bytes.dropFirst())
        switch kind % 6 {
        case 0: use(try? Records.rows(in: data, asked: 25))
        case 1: use(Counters(data))
        case 2: use(ClockFields.decode(data))
        case 3: use(NetworkFields.macAddress(in: data))
        case 4: use(Records.decode(data[...]))
        default: use(visibleText(data))
        }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let kind = bytes.first else { return }
        let data = Array(bytes.dropFirst())
        try check(row: data)
        if let rows = try? Records.rows(in: data, asked: 25) {
            try hold(rows.count <= 25, "more rows than asked for")
            if !data.isEmpty { try hold(Records.block(rows) == data, "rows do not come back") }
            for row in rows { try check(row: row) }
        }
        if let time = ClockFields.decode(data) {
            try hold(ClockFields.encode(time)[...] == data.prefix(6), "a clock does not come back")
        }
        if let counters = Counters(data) {
            try hold(counters.data[...] == data.prefix(18), "counters do not come back")
        }
        for command in [kind, Command.configuration1, Command.configuration2, Command.download] {
            for packet in [
                Packet(answer: command, device: 1, data: data),
                Packet(request: command, device: 1, data: data),
            ] {
                let item = DecodedItem.packet(
                    name: "", toTerminal: false, fields: PacketFields.fields(of: packet))
                try hold(Kept.output([item]) <= 4 * data.count + 256, "fields grow too large")
            }
        }
    }

    private static func check(row: [UInt8]) throws {
        switch Records.decode(row[...]) {
        case .oddity(let oddity): try hold(oddity.raw == row, "an oddity without its bytes")
        case .punch(let punch):
            if let raw = punch.raw { return try hold(raw == row, "a punch with other bytes") }
            let again = Records.encode(
                user: UInt64(punch.pin.text) ?? 0, time: punch.time,
                backup: UInt8(truncatingIfNeeded: punch.verifyNumber),
                type: UInt8(truncatingIfNeeded: punch.stateNumber),
                work: UInt32(truncatingIfNeeded: punch.workCode))
            try hold(again == row, "a punch that lost its bytes")
        }
    }
}

/// An Anviz terminal for ``ScriptedLink``.
struct AnvizTerminal: ScriptedTerminal, DrivenTerminal {
    /// Questions by number, written down once more; 0x4E only to clear flags of what is kept.
    private static let allowed: Set<UInt8> = [
        0x24, 0x30, 0x34, 0x38, 0x3A, 0x3C, 0x40, 0x48, 0x5D,
    ]
    private static let zkGreeting: [UInt8] = [
        0x50, 0x50, 0x82, 0x7D, 8, 0, 0, 0, 0xE8, 0x03, 0x17, 0xFC, 0, 0, 0, 0,
    ]
    private static let codes: [UInt8] = [0x40, 0x3C, 0x5F, 0x7F, 0x24, 0x38, 0x4E, 0x5D]

    private let mayClear: Bool
    private let terminal: SimulatedTerminal
    private var talk: SimulatedAnviz
    private var last: UInt8 = 0
    private var cleared = 0
    private var passwords = 0

    init(setup: [UInt8], isDatagram: Bool) {
        let choice = setup + [0, 0, 0]
        var settings = SimulatorSettings(serialNumber: choice[1] & 1 == 0 ? "0410113040190081" : "")
        settings.records = Int(choice[2] & 0x3F)
        settings.users = 4
        if choice[2] & 0x40 != 0 { settings.faults = [Fault(.countersZero)] }
        mayClear = choice[0] & 1 != 0
        terminal = SimulatedTerminal(make: "anviz", settings: settings) { 1_795_195_800 }
        if choice[2] & 0x80 != 0 { terminal.with { $0.confirmed = settings.records / 2 } }
        talk = SimulatedAnviz(terminal)
    }

    static func driver(setup: UInt8) -> any TerminalDriver {
        var options = DriverOptions()
        if setup & 1 != 0 { options.confirm = .flags }
        if setup & 2 != 0 { options.station = 1 }
        if setup & 4 != 0 { options.commKey = 7 }
        return AnvizDriver(options: options)
    }

    mutating func answer(_ question: [UInt8]) -> [[UInt8]] {
        if let packet = Packet(wholeFrame: question[...]) { last = packet.command }
        return talk.answer(question).flatMap { $0.map(\.bytes) }
    }

    mutating func punch() -> [UInt8]? {
        terminal.add(1)
        let newest = terminal.with { $0.book.log.last }
        return newest.flatMap { talk.announce($0)?.bytes }
    }

    /// Bit 7: the last question's command; bit 6: another terminal; bit 5: a request.
    func packet(code: UInt8, data: [UInt8], isStale: Bool) -> [UInt8] {
        let command = code & 0x80 == 0 && !isStale ? last : Self.codes[Int(code & 7)]
        let device: UInt32 = code & 0x40 == 0 ? 1 : 9
        if code & 0x20 != 0 { return Packet(request: command, device: device, data: data).bytes }
        let result: UInt8 = code & 0x10 == 0 ? 0 : code & 0x0F
        return Packet(answer: command, device: device, result: result, data: data).bytes
    }

    func edited(_ bytes: [UInt8], at place: Int, to value: UInt8) -> [UInt8] {
        guard let packet = Packet(wholeFrame: bytes[...]), !packet.data.isEmpty else {
            return bytes
        }
        var data = packet.data
        data[place % data.count] = value
        return Packet(
            answer: packet.command, device: packet.device, result: packet.result ?? 0, data: data
        ).bytes
    }

    mutating func objection(to sent: [UInt8], kept: Int) -> String? {
        if sent == Self.zkGreeting { return nil }
        guard let packet = Packet(wholeFrame: sent[...]) else { return "sends what is no packet" }
        if packet.isAnswer {
            return packet.command == 0x7F ? nil : "answers \(packet.command) to a terminal"
        }
        if packet.command == 0x4E {
            guard mayClear, packet.data.count == 4, packet.data[0] == 2 else {
                return "clears what nobody asked it to"
            }
            cleared += packet.data.dropFirst().reduce(0) { $0 << 8 | Int($1) }
            return cleared <= kept
                ? nil : "clears \(cleared) flags where \(kept) rows are on disk"
        }
        if packet.command == 0x04 {
            passwords += 1
            return passwords == 1 ? nil : "says the password again"
        }
        return Self.allowed.contains(packet.command)
            ? nil : "says \(packet.command) to a terminal"
    }
}
