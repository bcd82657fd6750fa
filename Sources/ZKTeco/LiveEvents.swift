internal import Attendance
import TerminalKit

/// The event "somebody punched", in all lengths it has been seen in.
///
/// ```
/// 10, 14  u16 slot, verify, state (low half), six bytes of time   (14: four more)
/// 12      u32 PIN, verify, state, time
/// 32 …    PIN in 24 bytes, verify, state, time                    (36, 37, 52: more)
/// ```
/// Source: docs/reference/protocols/zkteco.md, "Live events".
struct LiveEvent: Hashable, Sendable {
    enum Person: Hashable, Sendable {
        /// The place in the user table, which may also be the PIN; only the log tells.
        case slot(UInt16)
        case pin(Pin)
    }

    let person: Person
    let verify: UInt8
    let state: UInt8
    let time: WallTime

    /// - Returns: nil for other events, unknown lengths and impossible contents.
    init?(_ packet: Packet) {
        guard packet.command == Command.event, packet.session == Command.attendanceEvent else {
            return nil
        }
        self.init(data: packet.data)
    }

    init?(data: [UInt8]) {
        var reader = ByteReader(data)
        switch data.count {
        case 10, 14:
            guard let slot = reader.u16LE() else { return nil }
            person = .slot(slot)
        case 12:
            guard let number = reader.u32LE() else { return nil }
            person = .pin(Pin(UInt64(number)))
        case 32...:
            guard let field = reader.take(24)?.prefix(while: { $0 != 0 }),
                let pin = try? Pin(String(decoding: field, as: UTF8.self))
            else { return nil }
            person = .pin(pin)
        default:
            return nil
        }
        guard let verify = reader.u8(), let state = reader.u8(), let time = reader.take(6),
            let time = PackedTime.decode(event: time)
        else { return nil }
        self.verify = verify
        if case .slot = person { self.state = state & 0x0F } else { self.state = state }
        self.time = time
    }

    /// The punch, under the name that the log will give it.
    ///
    /// A log that names PINs and an event that names a slot (or the other way round) would make
    /// two punches of one. Such an event is only a sign that there is something to read.
    ///
    /// - Parameter logNamesSlots: nil if the log has not been seen in this talk.
    func punch(logNamesSlots: Bool?) -> Punch? {
        switch person {
        case .slot(let slot):
            logNamesSlots == true ? punch(Pin(slot: Int(slot))) : nil
        case .pin(let pin):
            logNamesSlots == true ? nil : punch(pin)
        }
    }

    /// The punch as the event itself names it.
    var ownPunch: Punch {
        switch person {
        case .slot(let slot): punch(Pin(slot: Int(slot)))
        case .pin(let pin): punch(pin)
        }
    }

    private func punch(_ pin: Pin) -> Punch {
        Punch(
            pin: pin, time: time, verify: Codes.verify(verify), verifyNumber: Int(verify),
            state: Codes.state(state), stateNumber: Int(state))
    }
}
