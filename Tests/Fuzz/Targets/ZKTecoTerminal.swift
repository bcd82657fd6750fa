import Attendance
import TerminalKit

@testable import Simulator
@testable import ZKTeco

/// A ZKTeco terminal for ``ScriptedLink``.
struct ZKTecoTerminal: ScriptedTerminal, DrivenTerminal {
    /// What a driver may say, by number: written down here once more, so that a new one in the
    /// driver is noticed.
    private static let allowed: Set<UInt16> = [
        11, 13, 50, 201, 500, 1_000, 1_001, 1_100, 1_102, 1_502, 1_503, 1_504, 2_000,
    ]
    /// The question with which the driver looks for another make on a silent line.
    private static let anvizGreeting: [UInt8] = [0xA5, 0, 0, 0, 0, 0x30, 0, 0, 0x51, 0x10]

    private static let codes: [UInt16] = [
        2_000, 2_001, 2_002, 2_003, 2_004, 2_005, 1_500, 1_501, 500, 2_032, 4_989, 6_001, 65_535,
        65_533, 13, 1_000,
    ]

    private let isDatagram: Bool
    private let terminal: SimulatedTerminal
    private var talk: SimulatedZKTeco
    private var last = Packet(command: 0, session: 0, reply: 0)
    private var session: UInt16 = 0

    init(setup: [UInt8], isDatagram: Bool) {
        let choice = setup + [0, 0, 0]
        var settings = SimulatorSettings(serialNumber: "BWXP20126001")
        settings.recordSize = [40, 16, 8, 49, 22][Int(choice[1] % 5)]
        settings.records = Int(choice[2] & 0x3F)
        settings.users = 4
        settings.commKey = choice[0] & 2 == 0 ? 0 : 7
        if choice[2] & 0x80 != 0 { settings.faults = [Fault(.refuse1503)] }
        if choice[2] & 0x40 != 0 { settings.faults = [Fault(.countersZero)] }
        self.isDatagram = isDatagram
        terminal = SimulatedTerminal(make: "zkteco", settings: settings) { 1_795_195_800 }
        talk = SimulatedZKTeco(terminal, isDatagram: isDatagram)
    }

    static func driver(setup: UInt8) -> any TerminalDriver {
        var options = DriverOptions()
        if setup & 2 != 0 { options.commKey = setup & 4 == 0 ? 7 : 8 }
        if setup & 8 != 0 { options.recordSize = [40, 16, 8, 49, 22, 64][Int(setup >> 4) % 6] }
        return ZKTecoDriver(options: options)
    }

    mutating func answer(_ question: [UInt8]) -> [[UInt8]] {
        if let packet = packet(in: question) { last = packet }
        let answers = talk.answer(question).flatMap { $0.map(\.bytes) }
        if let first = answers.first.flatMap(packet), last.command == Command.connect {
            session = first.session
        }
        return answers
    }

    mutating func punch() -> [UInt8]? {
        terminal.add(1)
        let newest = terminal.with { $0.book.log.last }
        return newest.flatMap { talk.announce($0)?.bytes }
    }

    func packet(code: UInt8, data: [UInt8], isStale: Bool) -> [UInt8] {
        let command = Self.codes[Int(code & 0x0F)]
        // DATA has its index here, and an event its kind.
        let place: UInt16 =
            switch command {
            case Command.data: UInt16(code >> 4)
            case Command.event: UInt16(code >> 4 & 1)
            default: code & 0x80 == 0 ? session : 0x7777
            }
        let reply = isStale ? last.reply &- 1 : last.reply
        return bytes(Packet(command: command, session: place, reply: reply, data: data))
    }

    func edited(_ bytes: [UInt8], at place: Int, to value: UInt8) -> [UInt8] {
        guard var packet = packet(in: bytes), !packet.data.isEmpty else { return bytes }
        packet.data[place % packet.data.count] = value
        return self.bytes(packet)
    }

    mutating func objection(to sent: [UInt8], kept: Int) -> String? {
        if !isDatagram, sent == Self.anvizGreeting { return nil }
        guard let packet = packet(in: sent) else { return "sends what is no packet" }
        guard Self.allowed.contains(packet.command) else {
            return "says \(packet.command) to a terminal"
        }
        let isTable = packet.command == Command.prepareBuffer
        if isTable, packet.data != [1, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0] {
            return "asks for a table that is not the log"
        }
        return nil
    }

    private func bytes(_ packet: Packet) -> [UInt8] {
        isDatagram ? packet.datagram : packet.frame
    }

    private func packet(in bytes: [UInt8]) -> Packet? {
        Packet(datagram: isDatagram ? bytes[...] : bytes.dropFirst(Packet.prefixLength))
    }
}
