internal import Attendance
internal import TerminalKit

/// A talk with one terminal: one question at a time, then its answer.
///
/// Frames carry no number, so an answer is known by its command and device alone. The danger is an
/// answer that comes late and is taken for that of the next question of the same kind. Against
/// it: what lies on the line before a question is thrown away, and after every silence the line
/// must have been quiet for a while (``Patience/quiet``) before the talk goes on.
///
/// Live punches may come at any time and are put aside for ``nextLive(within:)``; heartbeats are
/// answered; our own echo on a half-duplex line and other terminals' frames are dropped.
final class Dialogue {
    private let link: any Link
    /// 0 until the terminal has told its number.
    private(set) var device: UInt32
    private var decoder = PacketDecoder()
    private var live: [Punch] = []
    /// The first bytes that were no frame, while no frame has been heard.
    private(set) var strangeBytes: [UInt8] = []
    private(set) var hasHeardFrames = false

    /// Live punches kept until somebody asks; the log holds them all anyway.
    private static let mostLive = 1_000

    private let turnaround: Duration

    /// - Parameters:
    ///   - device: The terminal's number on the line; nil or 0 lets it answer for itself.
    ///   - turnaround: How long the line must have been quiet before it is talked on.
    init(_ link: any Link, device: UInt32?, turnaround: Duration = .zero) {
        self.link = link
        self.device = device ?? 0
        self.turnaround = turnaround
    }

    /// Asks something that changes nothing; a lost frame is asked for again.
    func ask(
        _ question: Question, within limit: Duration = Patience.answer,
        tries: Int = Patience.tries
    ) async throws -> Packet {
        for _ in 1..<tries {
            do {
                let answer = try await exchange(question.command, question.data, within: limit)
                if !Self.asksToWait(answer) { return answer }
            } catch LinkError.silent {}
            try await settle()
        }
        return try await exchange(question.command, question.data, within: limit)
    }

    /// Gives an order, once. Silence may mean that only the answer was lost.
    func tell(_ order: Order) async throws -> Packet {
        try await exchange(order.command, order.data, within: Patience.answer)
    }

    /// Waits until the line has been quiet for a while, and forgets what came: a late answer must
    /// not be taken for the next one.
    func settle() async throws {
        for _ in 0..<Patience.strays {
            do {
                decoder.feed(try await link.receive(within: Patience.quiet))
            } catch LinkError.silent {
                break
            }
            _ = try await sortAll(awaiting: nil)
        }
        _ = try await giveUp(awaiting: nil)
    }

    /// Live punches, those put aside first.
    func nextLive(within limit: Duration) async throws -> [Punch] {
        if live.isEmpty {
            do {
                decoder.feed(try await link.receive(within: limit))
            } catch LinkError.silent {
                _ = try await giveUp(awaiting: nil)
            }
            _ = try await sortAll(awaiting: nil)
        }
        defer { live = [] }
        return live
    }

    // MARK: Frames

    private static func asksToWait(_ answer: Packet) -> Bool {
        switch answer.result {
        case AnswerCode.timeout, AnswerCode.idle, AnswerCode.locked: true
        default: false
        }
    }

    private func exchange(
        _ command: UInt8, _ data: [UInt8], within limit: Duration
    ) async throws -> Packet {
        try await dropWhatLiesThere()
        try await link.send(Packet(request: command, device: device, data: data).bytes)
        var left = limit
        var received = 0
        while received < Patience.noise {
            if let answer = try await sortAll(awaiting: command) { return answer }
            if left <= .zero {
                if let answer = try await giveUp(awaiting: command) { return answer }
                throw LinkError.silent(after: limit)
            }
            let slice = min(left, Patience.slice)
            do {
                let bytes = try await link.receive(within: slice)
                decoder.feed(bytes)
                received += bytes.count
            } catch LinkError.silent {
                left -= slice
            }
        }
        throw DriverError.garbled(what: "no answer among many bytes", bytes: strangeBytes)
    }

    /// A false start may have held back the answer behind it.
    private func giveUp(awaiting command: UInt8?) async throws -> Packet? {
        while let event = decoder.giveUp() {
            if let answer = try await sort(event, awaiting: command) { return answer }
        }
        return nil
    }

    /// Waits for the line's turn, and throws away what lies there.
    private func dropWhatLiesThere() async throws {
        for _ in 0..<Patience.strays {
            do {
                decoder.feed(try await link.receive(within: turnaround))
            } catch LinkError.silent {
                return
            }
            _ = try await sortAll(awaiting: nil)
        }
    }

    /// - Returns: The awaited answer, with the frames behind it not looked at yet.
    private func sortAll(awaiting command: UInt8?) async throws -> Packet? {
        while let event = decoder.next() {
            if let answer = try await sort(event, awaiting: command) { return answer }
        }
        return nil
    }

    private func sort(
        _ event: PacketDecoder.Event, awaiting command: UInt8?
    ) async throws -> Packet? {
        switch event {
        case .noise(let bytes):
            if !hasHeardFrames { strangeBytes += bytes.prefix(max(0, 64 - strangeBytes.count)) }
            return nil
        case .packet(let packet):
            return try await sort(packet, awaiting: command)
        }
    }

    private func sort(_ packet: Packet, awaiting command: UInt8?) async throws -> Packet? {
        if packet.isAnswer { hasHeardFrames = true }
        guard device == 0 || packet.device == device else { return nil }
        guard packet.isAnswer else {
            // Everything else in this layout is the echo of our own question.
            if packet.command == Command.heartbeat {
                let answer = Packet(answer: Command.heartbeat, device: packet.device)
                try await link.send(answer.bytes)
            }
            return nil
        }
        if packet.command == Command.live {
            putAside(packet.data)
            return nil
        }
        guard packet.command == command else { return nil }
        device = packet.device
        return packet
    }

    private func putAside(_ row: [UInt8]) {
        guard !Records.announcesUser(row[...]), case .punch(let punch) = Records.decode(row[...])
        else { return }
        if live.count >= Self.mostLive { live.removeFirst() }
        live.append(punch)
    }
}
