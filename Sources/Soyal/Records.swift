internal import Attendance
package import TerminalKit

/// Turns the events of a log into punches.
///
/// Somebody has been recognised and let in: a punch. Everything else that a controller writes
/// down – an exit button, an unknown card, power coming back – is kept with its bytes and never
/// counted.
///
/// Source: docs/reference/protocols/soyal.md, "Function codes".
package enum Records {
    /// Reads one event. An event with a date that does not exist is kept as it is; a clock that
    /// was never set shows a date that does, and is the centre's to judge.
    package static func decode(_ event: EventFrame) -> LogRecord {
        guard let verify = EventCode.attendance[event.code] else {
            let what = EventCode.others[event.code] ?? "event \(event.code)"
            return .oddity(Oddity(reason: "no punch: \(what)", raw: event.bytes))
        }
        guard let time = event.time else {
            return .oddity(Oddity(reason: "impossible date", raw: event.bytes))
        }
        return .punch(
            Punch(
                pin: Pin(slot: event.userAddress), time: time, verify: verify,
                verifyNumber: Int(event.code), state: state(event.duty),
                stateNumber: Int(event.duty),
                // Port, door, level and card number have no field of their own.
                raw: event.bytes))
    }

    private static func state(_ duty: UInt8) -> PunchState {
        switch duty {
        case 0: .checkIn
        case 1: .checkOut
        case 2: .overtimeIn
        case 3: .overtimeOut
        case 4: .breakOut
        case 5: .breakIn
        default: .other
        }
    }
}

/// The function codes of events.
package enum EventCode {
    package static let card: UInt8 = 11
    package static let finger: UInt8 = 39
    /// Its user address is a part of the card's number.
    static let unknownCard: UInt8 = 3

    /// Somebody was recognised. 100 is a vein reader, for which there is no word of its own.
    static let attendance: [UInt8: VerifyMethod] = [
        10: .combined, card: .card, 28: .pin, finger: .finger, 100: .other, 108: .face,
    ]

    /// What is known and no punch; a code that stands nowhere is shown by its number.
    static let others: [UInt8: String] = [
        0: "site error", 1: "wrong pin", unknownCard: "unknown card", 4: "outside the time zone",
        5: "door group", 6: "expired", 16: "exit button", 24: "power on", 30: "anti-pass-back",
        40: "finger refused", 101: "vein refused", 109: "face refused", 112: "black list",
    ]

    /// In words, for a technician.
    static func name(_ code: UInt8) -> String {
        attendance[code].map { "access by \($0.rawValue)" } ?? others[code] ?? "event \(code)"
    }
}
