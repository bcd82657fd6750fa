import TerminalKit

/// A talk with one terminal: questions, their answers, and the events in between.
///
/// An answer belongs to a question by its number. Whatever carries another number is the late
/// answer to an earlier question and is dropped; a live event is acknowledged at once and put
/// aside for ``takeEvents()``, whenever it comes.
///
/// Over datagrams a damaged packet is dropped and the question asked again under the same
/// number. Over a stream it means that we have lost our place, and the talk ends
/// (``DriverError/garbled(what:bytes:)``).
final class Dialogue {
    let link: any Link
    /// The session that the terminal's answer to CONNECT named.
    private(set) var session: UInt16 = 0
    private var number: UInt16 = 0
    private var decoder = PacketDecoder()
    private var events: [Packet] = []
    private var hasHeardPackets = false
    private var strangeBytes: [UInt8] = []

    /// Events kept until somebody asks; the log holds them all anyway.
    private static let mostEvents = 1_000

    init(_ link: any Link) {
        self.link = link
    }

    var isDatagram: Bool { link.isDatagram }

    // MARK: Asking

    /// Asks something small and gives the terminal's answer, whatever its code.
    ///
    /// - Parameter tries: How often to ask if nothing comes or the terminal says "later"; nil
    ///   for what suits the line.
    func ask(
        _ question: Question, _ data: [UInt8] = [], within limit: Duration? = nil,
        tries: Int? = nil
    ) async throws -> Packet {
        let limit = limit ?? (isDatagram ? Patience.answerOverDatagrams : Patience.answer)
        let tries = tries ?? (isDatagram ? Patience.triesOverDatagrams : Patience.tries)
        let number = nextNumber()
        for _ in 1..<tries {
            try await send(question, data, number: number)
            do {
                let answer = try await answer(to: number, within: limit)
                if !answer.asksToWait { return answer }
            } catch LinkError.silent {}
        }
        try await send(question, data, number: number)
        return try await answer(to: number, within: limit)
    }

    /// Asks something that only OK answers; gives the answer's data.
    func askForOK(_ question: Question, _ data: [UInt8] = []) async throws -> [UInt8] {
        let answer = try await ask(question, data)
        guard answer.command == Command.ackOK || answer.command == Command.ackData else {
            throw DriverError.refused(question: question.name, code: Int(answer.command))
        }
        return answer.data
    }

    /// Gives an order, once: silence may mean that only the answer was lost.
    func tell(_ order: Order) async throws {
        let limit = isDatagram ? Patience.answerOverDatagrams : Patience.answer
        let number = nextNumber()
        let packet = Packet(
            command: order.command, session: session, reply: number, data: order.data)
        try await link.send(isDatagram ? packet.datagram : packet.frame)
        let answer = try await answer(to: number, within: limit)
        guard answer.command == Command.ackOK else {
            throw DriverError.refused(
                question: Command.name(of: order.command), code: Int(answer.command))
        }
    }

    /// Sends a question whose answer takes several packets.
    ///
    /// - Returns: The number to ask ``answer(to:within:)`` for.
    func begin(_ question: Question, _ data: [UInt8]) async throws -> UInt16 {
        let number = nextNumber()
        try await send(question, data, number: number)
        return number
    }

    /// The next packet that answers question `number`.
    func answer(to number: UInt16, within limit: Duration) async throws -> Packet {
        for _ in 0..<Patience.strays {
            let packet = try await receive(within: limit)
            if packet.command == Command.event {
                try await note(packet)
            } else if answers(packet, number) {
                return packet
            }
        }
        throw DriverError.garbled(what: "answers to questions never asked", bytes: [])
    }

    /// Takes over the session that an answer to CONNECT named.
    func enter(_ session: UInt16) {
        self.session = session
    }

    /// Says good-bye after a greeting that came to nothing.
    func takeLeave() async {
        if hasHeardPackets {
            _ = try? await ask(.exit, within: Patience.goodbye, tries: 1)
        } else if !isDatagram {
            _ = try? await begin(.exit, [])
        }
    }

    // MARK: Events

    /// Waits for an event; several may have come in one piece.
    ///
    /// - Returns: Nothing if the time ran out.
    func waitForEvents(within limit: Duration) async throws -> [Packet] {
        for _ in 0..<Patience.strays where events.isEmpty {
            do {
                let packet = try await receive(within: limit)
                if packet.command == Command.event { try await note(packet) }
            } catch LinkError.silent {
                return []
            }
        }
        while let packet = try takeReady() {
            if packet.command == Command.event { try await note(packet) }
        }
        defer { events = [] }
        return events
    }

    private func note(_ event: Packet) async throws {
        if events.count >= Self.mostEvents { events.removeFirst() }
        events.append(event)
        // The real session stands in the answer; the event's own session field holds its code.
        try await send(.acknowledge, [], number: event.reply)
    }

    // MARK: Packets

    private func send(_ question: Question, _ data: [UInt8], number: UInt16) async throws {
        let packet = Packet(
            command: question.command, session: session, reply: number, data: data)
        try await link.send(isDatagram ? packet.datagram : packet.frame)
    }

    /// Numbers go 0 … 65534, as the open clients have them.
    private func nextNumber() -> UInt16 {
        defer { number = number >= 65_534 ? 0 : number + 1 }
        return number
    }

    /// DATA has its index where other packets have the session. Over a stream the line itself
    /// ties a packet to this talk, so a session field nobody explained does no harm there.
    private func answers(_ packet: Packet, _ number: UInt16) -> Bool {
        guard packet.reply == number else { return false }
        return !isDatagram || session == 0 || packet.session == session
            || packet.command == Command.data
    }

    private func receive(within limit: Duration) async throws -> Packet {
        var damaged = 0
        while damaged < Patience.strays {
            if let packet = try takeReady() { return packet }
            let bytes = try await link.receive(within: limit)
            guard isDatagram else {
                decoder.feed(bytes)
                continue
            }
            if let packet = Packet(datagram: bytes) {
                hasHeardPackets = true
                return packet
            }
            damaged += 1
            strangeBytes = Array(bytes.prefix(64))
        }
        throw DriverError.garbled(what: "nothing but damaged packets", bytes: strangeBytes)
    }

    private func takeReady() throws -> Packet? {
        switch decoder.next() {
        case .packet(let packet):
            hasHeardPackets = true
            return packet
        case .noise(let bytes):
            throw DriverError.garbled(what: "wrong checksum", bytes: Array(bytes.prefix(64)))
        case .desync(let bytes):
            guard hasHeardPackets else { throw Stranger.error(for: bytes) }
            throw DriverError.garbled(what: "no packet begins here", bytes: Array(bytes.prefix(64)))
        case nil:
            return nil
        }
    }

    /// What came instead of packets, if nothing else ever did: another make's bytes.
    var stranger: DriverError? {
        guard !hasHeardPackets, !strangeBytes.isEmpty else { return nil }
        return Stranger.error(for: strangeBytes)
    }

    /// Not one byte has come.
    var isMute: Bool {
        !hasHeardPackets && strangeBytes.isEmpty && decoder.pending.isEmpty
    }
}

extension Packet {
    /// "Ask again later."
    var asksToWait: Bool { command == Command.ackRetry || command == Command.ackRepeat }
}
