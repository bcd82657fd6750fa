import Attendance
import ZKTeco

@testable import Simulator

/// 2026-11-20 17:45:00 in Makassar.
let someTime: Int64 = 1_795_167_900

/// A terminal whose right time never moves.
func terminal(
    _ make: String, at now: Int64 = someTime, _ change: (inout SimulatorSettings) -> Void = { _ in }
) -> SimulatedTerminal {
    var settings = SimulatorSettings(
        serialNumber: make == "zkteco" ? "BWXP20126001" : "3005000012345678")
    settings.records = 20
    settings.users = 5
    change(&settings)
    return SimulatedTerminal(make: make, settings: settings) { now }
}

/// A client of a simulated ZKTeco terminal that never makes a mistake.
struct Client {
    let terminal: SimulatedTerminal
    let isDatagram: Bool
    private var conversation: SimulatedZKTeco
    private var decoder = PacketDecoder()
    private(set) var session: UInt16 = 0
    private var number: UInt16 = 0

    init(_ terminal: SimulatedTerminal, isDatagram: Bool = true) {
        self.terminal = terminal
        self.isDatagram = isDatagram
        conversation = SimulatedZKTeco(terminal, isDatagram: isDatagram)
    }

    /// Asks, and gives all packets of the answer.
    mutating func ask(_ command: UInt16, _ data: [UInt8] = []) -> [Packet] {
        let packet = Packet(command: command, session: session, reply: number, data: data)
        number += 1
        let answers = conversation.answer(isDatagram ? packet.datagram : packet.frame)
        let packets = answers.flatMap { read($0) }
        if command == Command.connect, let first = packets.first { session = first.session }
        return packets
    }

    /// The punch as an event, if this client has asked for events.
    mutating func hear(_ punch: SimulatedPunch) -> Packet? {
        conversation.announce(punch).flatMap { read([$0]).first }
    }

    mutating func say(_ bytes: [UInt8]) -> [[Reply]] { conversation.answer(bytes) }

    private mutating func read(_ replies: [Reply]) -> [Packet] {
        guard !isDatagram else { return replies.compactMap { Packet(datagram: $0.bytes) } }
        replies.forEach { decoder.feed($0.bytes) }
        var packets: [Packet] = []
        while case .packet(let packet) = decoder.next() { packets.append(packet) }
        return packets
    }
}

extension [Packet] {
    var commands: [UInt16] { map(\.command) }

    /// What DATA brought, put together.
    var table: [UInt8] { filter { $0.command == Command.data }.flatMap(\.data) }
}

/// What 1503 asks for.
enum Table {
    static let log: [UInt8] = [1, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    static let users: [UInt8] = [1, 9, 0, 5, 0, 0, 0, 0, 0, 0, 0]
    static let templates: [UInt8] = [1, 7, 0, 2, 0, 0, 0, 0, 0, 0, 0]
}

/// Little-endian words, as they stand in questions.
func words(_ values: Int...) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}
