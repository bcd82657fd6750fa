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

    var command: UInt8 {
        switch self {
        case .nextBlock: Command.download
        case .clearOldestFlags: Command.clear
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
        }
    }
}

/// How long to wait, and how often to ask.
enum Patience {
    /// For the next bytes of an answer. A block takes 0.4 s at 9600 baud, and a terminal that is
    /// just reading a finger answers late.
    static let answer = Duration.seconds(2)
    static let tries = 3
    /// For what a firmware may not know and then ignores.
    static let optionalAnswer = Duration.seconds(1)
    static let optionalTries = 2
    /// So long a line must be quiet after trouble before it is used again.
    static let quiet = Duration.milliseconds(300)
    /// Frames and stretches of noise that one answer may have before it.
    static let strays = 1_000
    static let noise = 65_536
}
