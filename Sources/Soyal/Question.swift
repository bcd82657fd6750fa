/// What may be asked as often as need be: none of these changes anything in the controller.
enum Question: Hashable, Sendable {
    case poll
    case clock
    case parameters
    case oldest

    var command: UInt8 {
        switch self {
        case .poll: Command.poll
        case .clock: Command.clock
        case .parameters: Command.parameters
        case .oldest: Command.oldest
        }
    }

    var data: [UInt8] { self == .parameters ? [0] : [] }

    var name: String { Command.name(command) ?? "question" }
}

/// What is said once: carried out twice it removes an event that nobody has read.
enum Order: Hashable, Sendable {
    case removeOldest

    var command: UInt8 { Command.removeOldest }

    /// `DEL`, without which newer firmware does nothing.
    var data: [UInt8] { [0x44, 0x45, 0x4C] }

    var name: String { Command.name(command) ?? "order" }
}

/// How long to wait, and how often to ask.
enum Patience {
    /// For the next bytes of an answer; one takes 40 ms at 9600 baud, and a controller that is
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
