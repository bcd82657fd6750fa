internal import Attendance

/// What may be asked as often as need be: none of these changes anything in the terminal that a
/// second asking would not put right.
///
/// A download's start rewinds the terminal's own place in the log, and "again" leaves it where it
/// is; going on to the next block is an ``Order``, because a repetition would skip a block.
enum Question: Hashable, Sendable {
    case clock
    case counters
    case capacity
    case serialNumber
    case model
    case firmware
    /// Whether a connection needs a password.
    case configuration3
    case network
    /// The first block of the whole log, or of its new rows.
    case firstBlock(ofNew: Bool, rows: Int)
    case blockAgain(rows: Int)

    var command: UInt8 {
        switch self {
        case .clock: Command.clock
        case .counters: Command.counters
        case .capacity: Command.capacity
        case .serialNumber: Command.serialNumber
        case .model: Command.model
        case .firmware: Command.configuration1
        case .configuration3: Command.configuration3
        case .network: Command.network
        case .firstBlock, .blockAgain: Command.download
        }
    }

    var data: [UInt8] {
        switch self {
        case .firstBlock(let ofNew, let rows):
            [ofNew ? Download.new : Download.all, UInt8(clamping: rows)]
        case .blockAgain(let rows): [Download.again, UInt8(clamping: rows)]
        default: []
        }
    }

    var name: String { Command.name(command) ?? "question" }
}

/// What is said once: carried out twice it would lose something.
enum Order: Hashable, Sendable {
    /// Go on to the next block. Said twice, a block is skipped.
    case nextBlock(rows: Int)
    /// Clear the "new" flags of the oldest rows. Said twice, it clears rows nobody has read.
    case clearOldestFlags(rows: Int)
    /// The connection password. A wrong one said again could lock the terminal.
    case authenticate(password: String)
    /// Only a technician's command gives this order. The time in it is of one moment.
    case setClock(WallTime)

    var command: UInt8 {
        switch self {
        case .nextBlock: Command.download
        case .clearOldestFlags: Command.clear
        case .authenticate: Command.authenticate
        case .setClock: Command.setClock
        }
    }

    var data: [UInt8] {
        switch self {
        case .nextBlock(let rows): return [Download.next, UInt8(clamping: rows)]
        case .clearOldestFlags(let rows):
            let number = UInt32(clamping: rows)
            return [
                Clear.oldestFlags, UInt8(truncatingIfNeeded: number >> 16),
                UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
            ]
        case .authenticate(let password):
            return Self.field("admin") + Self.field(password)
        case .setClock(let time): return ClockFields.encode(time)
        }
    }

    /// Twelve bytes, filled up with zeros.
    private static func field(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(12))
        return bytes + [UInt8](repeating: 0, count: 12 - bytes.count)
    }
}

/// How long to wait, and how often to ask.
enum Patience {
    /// How long a line may be silent, all in all, before an answer is there. A block takes 0.4 s at
    /// 9600 baud, and a terminal that is just reading a finger answers late.
    static let answer = Duration.seconds(2)
    /// Silence is counted in such pieces: a station that drips single bytes must not hold a line
    /// for longer than one that says nothing.
    static let slice = Duration.milliseconds(100)
    static let tries = 3
    /// For what a firmware may not know and then ignores.
    static let optionalAnswer = Duration.seconds(1)
    static let optionalTries = 2
    /// So long a line must be quiet after trouble before it is used again.
    static let quiet = Duration.milliseconds(300)
    /// How often bytes may come where silence is waited for.
    static let strays = 1_000
    /// Bytes that may come before the awaited answer.
    static let noise = 65_536
}
