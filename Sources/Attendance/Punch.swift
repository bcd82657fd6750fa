/// How a terminal recognised a person, as far as the makes agree.
///
/// The number the terminal stored stands beside it and is what counts: makes and firmwares
/// disagree about the meaning, so an unknown number is normal and never an error.
public enum VerifyMethod: String, Hashable, Sendable, CaseIterable {
    case finger, face, palm, card, password, pin, combined, other
}

/// Which key a person pressed. Most press none, so this is a hint and never decides a day.
public enum PunchState: String, Hashable, Sendable, CaseIterable {
    case checkIn = "in"
    case checkOut = "out"
    case breakOut = "break-out"
    case breakIn = "break-in"
    case overtimeIn = "overtime-in"
    case overtimeOut = "overtime-out"
    /// The terminal said that no key was chosen.
    case none
    case other
}

/// Where a punch was seen. The better source wins where two differ: log, push, stick, live.
public enum PunchSource: String, Hashable, Sendable, CaseIterable, Comparable {
    /// An event while it happened: a hint that makes the punch visible at once.
    case live
    /// A file carried on a stick.
    case stick
    /// A batch the terminal sent by itself.
    case push
    /// The terminal's own log: the record of truth.
    case log

    private var rank: Int {
        switch self {
        case .live: 0
        case .stick: 1
        case .push: 2
        case .log: 3
        }
    }

    public static func < (left: PunchSource, right: PunchSource) -> Bool {
        left.rank < right.rank
    }
}

/// One record of one terminal: a person was there at this second of the terminal's own clock.
///
/// A punch is a fact. It is never edited; clocks, people and offices are separate statements
/// about it.
public struct Punch: Hashable, Sendable {
    public let pin: Pin
    /// The terminal's wall clock, as sent.
    public let time: WallTime
    public let verify: VerifyMethod
    /// The number the terminal stored for the way of recognition, 0 to 255.
    public let verifyNumber: Int
    public let state: PunchState
    /// The number the terminal stored for the key pressed, 0 to 255.
    public let stateNumber: Int
    /// The work code typed at the terminal; 0 if none.
    public let workCode: Int64
    /// The record's own bytes, kept only when the fields above cannot rebuild them exactly.
    public let raw: [UInt8]?

    public init(
        pin: Pin, time: WallTime, verify: VerifyMethod, verifyNumber: Int, state: PunchState,
        stateNumber: Int, workCode: Int64 = 0, raw: [UInt8]? = nil
    ) {
        self.pin = pin
        self.time = time
        self.verify = verify
        self.verifyNumber = verifyNumber
        self.state = state
        self.stateNumber = stateNumber
        self.workCode = workCode
        self.raw = raw
    }
}

/// A record that is damaged or impossible: kept with its bytes, never dropped, never guessed at.
public struct Oddity: Hashable, Sendable {
    /// What is wrong, in English key words that scripts may rely on: `impossible date`.
    public let reason: String
    public let raw: [UInt8]

    public init(reason: String, raw: [UInt8]) {
        self.reason = reason
        self.raw = raw
    }
}
