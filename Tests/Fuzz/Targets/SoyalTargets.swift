import Attendance
import TerminalKit

@testable import Simulator
@testable import Soyal

extension FuzzTarget {
    static let soyal: [FuzzTarget] = [
        FuzzTarget(
            "soyal-stream", decode: SoyalPackets.decode, check: SoyalPackets.check,
            seeds: { Seeds.soyal.streams }),
        FuzzTarget(
            "soyal-answers", longest: 512, decode: SoyalAnswers.decode,
            check: SoyalAnswers.check, seeds: { Seeds.soyal.answers }),
        dialogue("soyal-dialogue", SoyalTerminal.self, isDatagram: false),
    ]
}

enum SoyalPackets {
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

/// Answers and events; the first two bytes choose the command that was asked and the answer's.
enum SoyalAnswers {
    private static let commands: [UInt8?] = [0x12, 0x18, 0x24, 0x25, 0x37, nil]

    static func decode(_ bytes: [UInt8]) -> Int {
        guard bytes.count >= 2 else { return bytes.count }
        let packet = Packet(node: 0, command: bytes[1], data: Array(bytes.dropFirst(2)))
        let command = commands[Int(bytes[0]) % commands.count]
        if case .event(let event) = Answer(packet, to: command) { use(Records.decode(event)) }
        use(ControllerInfo(packet.data))
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard bytes.count >= 2 else { return }
        let data = Array(bytes.dropFirst(2))
        let event = EventFrame(code: bytes[1], data: data)
        try hold(event.bytes.count == EventFrame.length + 1, "an event of another length")
        try hold(EventFrame(bytes: event.bytes) == event, "an event does not come back")
        switch Records.decode(event) {
        case .punch(let punch): try hold(punch.raw == event.bytes, "a punch without its bytes")
        case .oddity(let oddity): try hold(oddity.raw == event.bytes, "an oddity without its bytes")
        }
        if let time = ClockFields.decode(data), data.count >= 7 {
            var again = ClockFields.encode(time)
            again[3] = data[3]  // the weekday decides nothing
            try hold(again == Array(data.prefix(7)), "a clock does not come back")
        }
    }
}

/// A SOYAL controller for ``ScriptedLink``.
struct SoyalTerminal: ScriptedTerminal, DrivenTerminal {
    /// Questions by number, written down once more; 0x37 only for what is kept.
    private static let allowed: Set<UInt8> = [0x12, 0x18, 0x24, 0x25]
    private static let codes: [UInt8] = [0x03, 0x04, 0x05, 0x06, 0x09, 0x0C, 11, 39]

    private let mayRemove: Bool
    private let terminal: SimulatedTerminal
    private var talk: SimulatedSoyal
    private var removed = 0

    init(setup: [UInt8], isDatagram: Bool) {
        let choice = setup + [0, 0, 0]
        var settings = SimulatorSettings(serialNumber: "SOYAL-1")
        settings.records = Int(choice[2] & 0x1F)
        settings.users = 4
        settings.deviceNumber = 1
        if choice[2] & 0x80 != 0 { settings.faults = [Fault(.noType)] }
        mayRemove = choice[0] & 1 != 0
        terminal = SimulatedTerminal(make: "soyal", settings: settings) { 1_795_195_800 }
        talk = SimulatedSoyal(terminal)
    }

    static func driver(setup: UInt8) -> any TerminalDriver {
        var options = DriverOptions()
        options.station = 1
        options.serialNumber = "SOYAL-1"
        if setup & 1 != 0 { options.confirm = .deleteOldest }
        return SoyalDriver(options: options)
    }

    mutating func answer(_ question: [UInt8]) -> [[UInt8]] {
        talk.answer(question).flatMap { $0.map(\.bytes) }
    }

    mutating func punch() -> [UInt8]? {
        terminal.add(1)
        return nil
    }

    /// Bit 7: a large head; bit 6: addressed to a controller; bit 5: an event's length.
    func packet(code: UInt8, data: [UInt8], isStale: Bool) -> [UInt8] {
        let length = EventFrame.length
        let filled = data + [UInt8](repeating: 1, count: max(0, length - data.count))
        let content = code & 0x20 == 0 ? data : Array(filled.prefix(length))
        return Packet(
            code & 0x80 == 0 ? .short : .large(area: 0), node: code & 0x40 == 0 ? 0 : 1,
            command: Self.codes[Int(code & 7)], data: content
        ).bytes
    }

    func edited(_ bytes: [UInt8], at place: Int, to value: UInt8) -> [UInt8] {
        guard let packet = Packet(wholeFrame: bytes[...]), !packet.data.isEmpty else {
            return bytes
        }
        var data = packet.data
        data[place % data.count] = value
        return Packet(packet.head, node: packet.node, command: packet.command, data: data).bytes
    }

    mutating func objection(to sent: [UInt8], kept: Int) -> String? {
        guard let packet = Packet(wholeFrame: sent[...]) else { return "sends what is no packet" }
        guard packet.node == 1 else { return "speaks to controller \(packet.node)" }
        guard packet.command == 0x37 else {
            return Self.allowed.contains(packet.command)
                ? nil : "says \(packet.command) to a terminal"
        }
        guard mayRemove else { return "removes what nobody asked it to" }
        removed += 1
        return removed <= kept ? nil : "removes \(removed) events where \(kept) are on disk"
    }
}

extension Seeds {
    static let soyal: ProtocolSeeds = {
        var settings = SimulatorSettings(serialNumber: "SOYAL-1")
        settings.records = 4
        settings.users = 3
        settings.deviceNumber = 1
        var side = SimulatedSoyal(
            SimulatedTerminal(make: "soyal", settings: settings) { 1_795_195_800 })
        var seeds = ProtocolSeeds()
        var steps: [Talk.Step] = []
        for command: UInt8 in [0x18, 0x24, 0x12, 0x25, 0x25, 0x37, 0x25] {
            for head in [Packet.Head.short, .large(area: 0)] {
                let question = Packet(head, node: 1, command: command, data: []).bytes
                steps.append(.toTerminal(question))
                for answer in side.answer(question).flatMap(\.self) {
                    steps.append(.fromTerminal(answer.bytes))
                    seeds.streams.append([0x7E, 0xFF, 0x00] + answer.bytes + question)
                    guard let packet = Packet(wholeFrame: answer.bytes[...]) else { continue }
                    for kind: UInt8 in 0..<6 {
                        seeds.answers.append([kind, packet.command] + packet.data)
                    }
                }
            }
        }
        seeds.recordings = [recording(steps)]
        return seeds
    }()
}
