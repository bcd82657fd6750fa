import Attendance
import Exchange

/// Where an identity is kept.
///
/// Half of its SHA-256 is kept: among a million punches two that agree in 128 bits do not occur.
/// Older programs kept all 32 bytes; a row is looked for by the half, so both are found.
struct KnownKey {
    static let length = 16

    /// The punch's second by the terminal's clock, which is part of its identity anyway; 0 for an
    /// oddity, which has none.
    let time: Int64
    let identity: [UInt8]
    /// The last identity that begins as this one does.
    var longest: [UInt8] { identity.prefix(Self.length) + [UInt8](repeating: 0xFF, count: 16) }

    /// - Parameter identity: As a row has it.
    init(time: Int64, identity: [UInt8]) {
        self.time = time
        self.identity = identity
    }

    private init(time: Int64 = 0, _ identity: PunchIdentity) {
        self.init(time: time, identity: Array(identity.bytes.prefix(Self.length)))
    }

    init(_ terminal: TerminalID, _ punch: Punch) {
        self.init(
            time: punch.time.seconds,
            PunchIdentity(terminal: terminal, pin: punch.pin, time: punch.time))
    }

    init(_ terminal: TerminalID, _ oddity: Oddity) {
        self.init(PunchIdentity(terminal: terminal, oddity: oddity.raw))
    }
}

extension KnownKey {
    /// A file that was taken in.
    init(file sha256: String, of terminal: TerminalID?) {
        self.init(PunchIdentity(file: sha256, of: terminal))
    }

    /// Where the identity of a fact is kept; nil for a fact that may be told any number of times.
    init?(of body: EntryBody) {
        switch body {
        case .punch(let terminal, let punch, _): self.init(terminal, punch)
        case .oddity(let terminal, let oddity, _): self.init(terminal, oddity)
        case .fileImport(let terminal, _, let sha256, _, _, _, _):
            self.init(file: sha256, of: terminal)
        case .clock, .terminal, .coverage, .bridge: return nil
        }
    }
}

/// What one source says of a punch beyond its identity.
struct Sighting {
    let rank: Int64
    let attributes: Int64

    init(rank: Int64, attributes: Int64) {
        self.rank = rank
        self.attributes = attributes
    }

    /// Packs the three attributes; work codes are 32-bit numbers on every make.
    init(_ punch: Punch, _ via: PunchSource) {
        rank = via.order
        attributes =
            Int64(punch.verifyNumber & 0xFF) << 40 | Int64(punch.stateNumber & 0xFF) << 32
            | punch.workCode & 0xFFFF_FFFF
    }
}

extension PunchSource {
    /// The better source has the higher number.
    var order: Int64 {
        switch self {
        case .live: 0
        case .stick: 1
        case .push: 2
        case .log: 3
        }
    }
}
