/// What a simulated terminal does wrong on request.
public struct Fault: Hashable, Sendable, Codable {
    public enum Name: String, Hashable, Sendable, Codable, CaseIterable {
        /// Answers nothing.
        case silence
        /// Closes the connection after `after` bytes.
        case dropInRead = "drop-in-read"
        /// Stops in the middle of a packet after `after` bytes, and stays silent.
        case halfPacket = "half-packet"
        /// One packet in `every` has a wrong checksum.
        case wrongChecksum = "wrong-checksum"
        /// One datagram in `every` comes twice, not at all, or after the next one.
        case duplicateDatagram = "duplicate-datagram"
        case loseDatagram = "lose-datagram"
        case swapDatagrams = "swap-datagrams"
        /// The buffered read is refused with `code` (2001 unless given).
        case refuse1503 = "refuse-1503"
        /// Bulk data comes as a chain of 1,008-byte packets.
        case chain
        /// The stream is cut into pieces of `bytes`.
        case split
        /// All packets of an answer come in one piece.
        case glue
        /// The counters say nothing.
        case countersZero = "counters-zero"
        /// Before one answer in `every` comes a late one to an earlier question.
        case staleReply = "stale-reply"
        /// Each answer waits for `ms`.
        case pause
        /// The old log command over TCP is answered with one DATA packet and no announcement.
        case singleData = "single-data"
        /// CONNECT is answered with `code` (6001 unless given), as newer firmware does.
        case vendorHandshake = "vendor-handshake"
        /// SOYAL: a question is not heard at all.
        case lostRequest = "lost-request"
        /// SOYAL: an event is removed, and the answer that says so is lost.
        case lostAnswer = "lost-answer"
        /// SOYAL: a finger makes no event, as with a wrong mode byte or time zone.
        case noEvents = "no-events"
        /// SOYAL: the clock was never set and runs from 2010-11-09.
        case unsetClock = "unset-clock"
        /// SOYAL: the answer to the clock does not tell the type of controller.
        case noType = "no-type"
        /// Anviz: a download gives 8 rows at a time, as FacePass 7 does.
        case eightRows = "eight-rows"
        /// Anviz: nothing is done and the answer has the code `code` (14 unless given).
        case answerCode = "answer-code"
        /// Anviz: a block comes without rows though there are some.
        case emptyBlock = "empty-block"
        /// Anviz: a push comes right before the answer.
        case pushFirst = "push-first"
        /// Anviz: another program takes the next block of the download for itself.
        case movePlace = "move-place"
        /// Anviz: another program clears all "new" flags.
        case clearFlags = "clear-flags"
        /// Anviz: the counters are as long as the vendor prints them (34 bytes).
        case longCounters = "long-counters"
        /// Half duplex: what is sent to the terminal comes back first.
        case echo
        /// So many `bytes` (5 unless given) that mean nothing come before a packet.
        case noise
        /// A byte of a packet is missing, or there twice.
        case loseByte = "lose-byte"
        case doubleByte = "double-byte"
        /// A stream comes a byte every `ms` (1,000 unless given).
        case drip
        case none
    }

    public var name: Name
    /// It happens once in so many times, on average; always unless given.
    public var every: Int?
    /// How often it happens at most; without end unless given.
    public var count: Int?
    public var after: Int?
    public var bytes: Int?
    public var ms: Int?
    public var code: Int?

    public init(_ name: Name) {
        self.name = name
    }
}

/// One piece of what a terminal sends: a packet of its make, not yet on a line.
struct Reply: Sendable {
    var bytes: [UInt8]
    /// The line is closed after this.
    var closes = false
}

/// Turns the packets of an answer into what really leaves the terminal.
///
/// A value with dice of its own: the same seed gives the same accidents.
struct FaultInjector: Sendable {
    private(set) var faults: [Fault] = []
    private var happened: [Fault.Name: Int] = [:]
    private var dice: SeededDice
    private var sent = 0
    private var isStuck = false

    init(seed: UInt64) {
        dice = SeededDice(seed: seed ^ 0xFA17)
    }

    /// Adds a fault; `none` takes all back.
    mutating func apply(_ fault: Fault) {
        faults = fault.name == .none ? [] : faults.filter { $0.name != fault.name } + [fault]
        happened[fault.name] = nil
        sent = 0
        isStuck = false
    }

    /// The fault, if it is on and has not happened as often as it may.
    func has(_ name: Fault.Name) -> Fault? {
        faults.first { $0.name == name && (happened[name] ?? 0) < $0.count ?? .max }
    }

    /// The fault, if it happens this time.
    mutating func strikes(_ name: Fault.Name) -> Fault? {
        guard let fault = has(name), dice.falls(onceIn: fault.every ?? 1) else { return nil }
        happened[name, default: 0] += 1
        return fault
    }

    /// A connection that has just been made is not stuck.
    mutating func connected() {
        sent = 0
        isStuck = false
    }

    /// - Parameter checksum: Where a byte has to be changed to make the packet's checksum wrong.
    mutating func send(_ replies: [Reply], isDatagram: Bool, checksum: (Int) -> Int) -> [Reply] {
        guard !replies.isEmpty, !isStuck, strikes(.silence) == nil else { return [] }
        var replies = replies
        for index in replies.indices where strikes(.wrongChecksum) != nil {
            let place = checksum(replies[index].bytes.count)
            if replies[index].bytes.indices.contains(place) {
                replies[index].bytes[place] ^= 0x55
            }
        }
        return isDatagram ? scattered(replies) : cut(replies.map { disturbed($0) })
    }

    /// What a bad wire does to a packet.
    private mutating func disturbed(_ reply: Reply) -> Reply {
        var reply = reply
        if strikes(.loseByte) != nil, let index = reply.bytes.indices.randomElement(using: &dice) {
            reply.bytes.remove(at: index)
        }
        if strikes(.doubleByte) != nil, let index = reply.bytes.indices.randomElement(using: &dice)
        {
            reply.bytes.insert(reply.bytes[index], at: index)
        }
        if let fault = strikes(.noise) {
            let count = min(max(0, fault.bytes ?? 5), 1_000)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
            reply.bytes.insert(contentsOf: noise, at: 0)
        }
        return reply
    }

    private mutating func scattered(_ replies: [Reply]) -> [Reply] {
        var replies = replies
        for index in replies.indices.dropFirst() where strikes(.swapDatagrams) != nil {
            replies.swapAt(index - 1, index)
        }
        return replies.flatMap { reply -> [Reply] in
            if strikes(.loseDatagram) != nil { return [] }
            return strikes(.duplicateDatagram) != nil ? [reply, reply] : [reply]
        }
    }

    private mutating func cut(_ replies: [Reply]) -> [Reply] {
        var replies = replies
        if has(.glue) != nil || has(.split) != nil {
            let closes = replies.contains { $0.closes }
            replies = [Reply(bytes: replies.flatMap(\.bytes), closes: closes)]
        }
        if let fault = has(.split) { replies = Self.pieces(of: replies, length: fault.bytes ?? 7) }
        return replies.compactMap { limited($0) }
    }

    private static func pieces(of replies: [Reply], length: Int) -> [Reply] {
        replies.flatMap { reply in
            stride(from: 0, to: reply.bytes.count, by: max(1, length)).map { start in
                let end = min(start + max(1, length), reply.bytes.count)
                return Reply(
                    bytes: Array(reply.bytes[start..<end]),
                    closes: reply.closes && end == reply.bytes.count)
            }
        }
    }

    /// Breaks off once enough has been sent.
    private mutating func limited(_ reply: Reply) -> Reply? {
        guard !isStuck else { return nil }
        guard let fault = has(.dropInRead) ?? has(.halfPacket) else { return reply }
        let limit = fault.after ?? 1_000
        sent += reply.bytes.count
        guard sent > limit else { return reply }
        isStuck = true
        happened[fault.name, default: 0] += 1
        let kept = reply.bytes.count - (sent - limit)
        return Reply(
            bytes: Array(reply.bytes.prefix(max(0, kept))), closes: fault.name == .dropInRead)
    }
}
