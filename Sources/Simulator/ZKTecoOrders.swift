import Attendance
import TerminalKit
import ZKTeco

/// A command that our own programs never send: it changes the terminal, or asks for fingerprints.
///
/// It is known here so that sending it shows in the counts, and has its effect. People go on
/// punching at a disabled terminal, as they do on several real ones.
struct ZKTecoOrders {
    let terminal: SimulatedTerminal
    let packet: Packet

    private static let harmless: Set<UInt16> = [1_002, 1_013, 1_014, 12, 60, 62]
    private static let disable: UInt16 = 1_003
    private static let clearData: UInt16 = 14
    private static let clearLog: UInt16 = 15
    /// Reading, writing and deleting templates, taking a finger or a picture; 1503 where it asks
    /// for a table that is neither the log nor the users.
    private static let biometric: Set<UInt16> = [
        7, 9, 10, 19, 61, 87, 88, 110, 134, 1_009, 1_011, 1_012, Command.prepareBuffer,
    ]

    var answer: Packet {
        terminal.with { state in
            switch packet.command {
            case Self.disable: state.disabled += 1
            case Command.timeWrite:
                var reader = ByteReader(packet.data)
                guard let packed = reader.u32LE(), let time = PackedTime.decode(packed) else {
                    return reply(Command.ackError)
                }
                terminal.setClock(to: time, &state)
                state.clockSet += 1
            case Self.clearData, Self.clearLog:
                state.clearLog()
                state.cleared += 1
            case _ where Self.harmless.contains(packet.command): break
            default:
                if Self.biometric.contains(packet.command) { state.templateRequests += 1 }
                return reply(Command.ackError)
            }
            return reply(Command.ackOK)
        }
    }

    private func reply(_ command: UInt16) -> Packet {
        Packet(command: command, session: packet.session, reply: packet.reply)
    }
}
