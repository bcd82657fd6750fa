internal import Attendance

/// Something the driver may say to a terminal. What is not in this list cannot be said: the
/// sender takes nothing else.
///
/// All of them ask; none changes what the terminal stores, shows or lets people do.
struct Question: Hashable, Sendable {
    let command: UInt16
    /// For messages: what was asked.
    let name: String

    private init(_ command: UInt16) {
        self.command = command
        name = Command.name(of: command)
    }

    static let connect = Question(Command.connect)
    static let auth = Question(Command.auth)
    static let exit = Question(Command.exit)
    static let version = Question(Command.version)
    static let option = Question(Command.optionRead)
    static let time = Question(Command.timeRead)
    static let freeSizes = Question(Command.freeSizes)
    /// Asks for live events; the mask is the data.
    static let events = Question(Command.event)
    static let prepareBuffer = Question(Command.prepareBuffer)
    static let readBuffer = Question(Command.readBuffer)
    static let freeBuffer = Question(Command.freeData)
    static let wholeLog = Question(Command.logRead)
    /// Not a question but our answer to an event; terminals stop sending events without it.
    static let acknowledge = Question(Command.ackOK)

    /// All there is; a test compares what is ever sent with it.
    static let all: Set<Question> = [
        connect, auth, exit, version, option, time, freeSizes, events, prepareBuffer, readBuffer,
        freeBuffer, wholeLog, acknowledge,
    ]
}

/// What changes the terminal; only a technician's command gives such an order, never the bridge.
enum Order: Hashable, Sendable {
    /// Sets the clock.
    case setClock(WallTime)

    var command: UInt16 {
        switch self {
        case .setClock: Command.timeWrite
        }
    }

    var data: [UInt8] {
        switch self {
        case .setClock(let time):
            let packed = PackedTime.encode(time)
            return (0..<4).map { UInt8(truncatingIfNeeded: packed >> (8 * UInt32($0))) }
        }
    }
}

/// How long a terminal is waited for. The line keeps these limits, so tests take no time.
enum Patience {
    /// For the answer to a small question, over a stream and over datagrams.
    static let answer = Duration.seconds(10)
    static let answerOverDatagrams = Duration.seconds(4)
    /// How often a small question is asked. Only datagrams get lost; a stream is asked twice
    /// because a terminal that is busy with somebody at its keypad may say nothing at all.
    static let tries = 2
    static let triesOverDatagrams = 6
    /// CONNECT, before anybody has answered: a terminal that is gone must not cost more.
    static let triesOfConnect = 3
    /// For the first answer to a question about the whole log: terminals with 100,000 records
    /// were seen to prepare for tens of seconds.
    static let preparation = Duration.seconds(60)
    static let preparationOverDatagrams = Duration.seconds(20)
    /// Between two packets of one transfer.
    static let packet = Duration.seconds(10)
    /// The same over datagrams, where a piece can be asked for again.
    static let piece = Duration.seconds(4)
    /// For datagrams that were overtaken, and for a closing ACK when all bytes are there.
    static let straggler = Duration.milliseconds(500)
    /// How often in a row a transfer over datagrams may bring nothing that was missing before the
    /// read is given up. A table's beginning is waited for so long that it is asked less often.
    static let vainTriesOfAPiece = 6
    static let vainTriesOfATable = 4
    /// How often one transfer is asked for at all.
    static let mostTries = 60
    /// For the answer to a good-bye.
    static let goodbye = Duration.seconds(2)
    /// For a sign of another make.
    static let stranger = Duration.seconds(3)
    /// Packets that answer no question of ours, before we stop listening.
    static let strays = 1_000
}
