internal import Attendance

/// What the numbers for "how" and "what" mean, as far as sources agree. The numbers themselves
/// are kept beside it, because firmwares differ and keys can be given another meaning.
///
/// Source: docs/reference/protocols/zkteco.md, "Verify and state".
package enum Codes {
    /// 0 also stands in every record of some older units, where it means "not reported"; 4 is
    /// "PIN and finger" on some and a card on others, so it is nothing we would claim.
    static func verify(_ number: UInt8) -> VerifyMethod {
        switch number {
        case 0: .password
        case 1: .finger
        case 2: .card
        case 3: .pin
        case 5...14: .combined
        case 15: .face
        case 25: .palm
        default: .other
        }
    }

    static func state(_ number: UInt8) -> PunchState {
        switch number {
        case 0: .checkIn
        case 1: .checkOut
        case 2: .breakOut
        case 3: .breakIn
        case 4: .overtimeIn
        case 5: .overtimeOut
        case 255: .none
        default: .other
        }
    }

    static func isUsual(state number: UInt8) -> Bool { number <= 5 || number == 255 }
}
