internal import Attendance
internal import TerminalKit

/// A talk with one controller: one question at a time, then its answer.
///
/// Frames carry no number, so an answer is known by what it looks like and by the controller's
/// number in it. The danger is an answer that comes late and is taken for that of the next
/// question of the same kind. A line keeps its order, and the controller answers in order; so once
/// an answer has come that cannot be a late one, nothing older can follow. `owed` is what may still
/// be on its way, and ``oldest()`` asks only when nothing that looks like its answer is.
///
/// The echo of our own frames on a half-duplex line and frames of other controllers are dropped.
final class Dialogue {
    private let link: any Link
    private let node: UInt8
    private let turnaround: Duration
    private var decoder = PacketDecoder()
    /// Commands that were not answered in time.
    private var owed: Set<UInt8> = []
    /// Events that came in answer to a poll, oldest first: nothing published says whether the
    /// controller gives them again, so they are handed on with the log.
    private var polled: [EventFrame] = []
    /// The first bytes that were no frame, while no frame has been heard.
    private(set) var strangeBytes: [UInt8] = []
    private(set) var hasHeardFrames = false

    private static let mostPolled = 100

    /// - Parameters:
    ///   - link: The line.
    ///   - node: The controller's number on it.
    ///   - turnaround: How long the line must have been quiet before it is talked on.
    init(_ link: any Link, node: UInt8, turnaround: Duration = .zero) {
        self.link = link
        self.node = node
        self.turnaround = turnaround
    }

    /// Asks something that changes nothing; a lost frame is asked for again.
    func ask(
        _ question: Question, within limit: Duration = Patience.answer,
        tries: Int = Patience.tries
    ) async throws -> Answer {
        for _ in 1..<tries {
            do {
                return try await exchange(question.command, question.data, within: limit)
            } catch LinkError.silent {
                try await settle()
            }
        }
        return try await exchange(question.command, question.data, within: limit)
    }

    /// The oldest event as it is now, or ``Answer/acknowledged`` if there is none: an answer that
    /// cannot have been given to anything asked before.
    func oldest() async throws -> Answer {
        for _ in 1..<Patience.tries {
            try await clearDoubt()
            do {
                return try await exchange(
                    Command.oldest, Question.oldest.data, within: Patience.answer)
            } catch LinkError.silent {}
        }
        try await clearDoubt()
        return try await exchange(Command.oldest, Question.oldest.data, within: Patience.answer)
    }

    /// Gives an order, once. Silence may mean that only the answer was lost.
    func tell(_ order: Order) async throws -> Answer {
        try await exchange(order.command, order.data, within: Patience.answer)
    }

    /// Events that came in answer to polls, once.
    func takePolled() -> [EventFrame] {
        defer { polled = [] }
        return polled
    }

    // MARK: Late answers

    /// Whatever looks like the answer to ``Command/oldest`` is, or would be, a new one.
    private var isCertain: Bool {
        owed.isDisjoint(with: [Command.oldest, Command.removeOldest, Command.poll])
    }

    /// Asks what can be told from everything that is owed: its answer comes behind all others.
    private func clearDoubt() async throws {
        guard !isCertain else { return }
        for _ in 0..<Patience.tries {
            try await settle()
            let asksClock = owed.isDisjoint(with: [Command.clock, Command.parameters])
            let question = asksClock ? Question.clock : .poll
            do {
                _ = try await exchange(question.command, question.data, within: Patience.answer)
            } catch LinkError.silent {}
            if isCertain { return }
        }
        throw LinkError.silent(after: Patience.answer)
    }

    /// Waits until the line has been quiet for a while, and forgets what came.
    private func settle() async throws {
        for _ in 0..<Patience.strays {
            do {
                decoder.feed(try await link.receive(within: Patience.quiet))
            } catch LinkError.silent {
                break
            }
            forgetFrames()
        }
        while let event = decoder.giveUp() { _ = sort(event, awaiting: nil) }
    }

    // MARK: Frames

    private func exchange(
        _ command: UInt8, _ data: [UInt8], within limit: Duration
    ) async throws -> Answer {
        try await dropWhatLiesThere()
        try await link.send(Packet(node: node, command: command, data: data).bytes)
        do {
            let answer = try await answer(to: command, within: limit)
            if owed.isDisjoint(with: answer.commands) { owed = [] }
            return answer
        } catch {
            owed.insert(command)
            throw error
        }
    }

    private func answer(to command: UInt8, within limit: Duration) async throws -> Answer {
        var silence: LinkError?
        var noise = 0
        for _ in 0..<Patience.strays {
            while let event = decoder.next() {
                if case .noise(let bytes) = event { noise += bytes.count }
                if let answer = sort(event, awaiting: command) { return answer }
            }
            if let silence { throw silence }
            guard noise < Patience.noise else { break }
            do {
                decoder.feed(try await link.receive(within: limit))
            } catch LinkError.silent(let wait) {
                // A false start may have held back the answer behind it.
                silence = .silent(after: wait)
                while let event = decoder.giveUp() {
                    if let answer = sort(event, awaiting: command) { return answer }
                }
            }
        }
        throw DriverError.garbled(what: "no answer among many bytes", bytes: strangeBytes)
    }

    private func dropWhatLiesThere() async throws {
        for _ in 0..<Patience.strays {
            do {
                decoder.feed(try await link.receive(within: turnaround))
            } catch LinkError.silent {
                break
            }
            forgetFrames()
        }
        // A beginning that is still without its end belongs to nothing that will be asked.
        while let event = decoder.giveUp() { _ = sort(event, awaiting: nil) }
    }

    private func forgetFrames() {
        while let event = decoder.next() { _ = sort(event, awaiting: nil) }
    }

    private func sort(_ event: PacketDecoder.Event, awaiting command: UInt8?) -> Answer? {
        switch event {
        case .noise(let bytes):
            if !hasHeardFrames { strangeBytes += bytes.prefix(max(0, 64 - strangeBytes.count)) }
            return nil
        case .packet(let packet):
            return sort(packet, awaiting: command)
        }
    }

    private func sort(_ packet: Packet, awaiting command: UInt8?) -> Answer? {
        // What is addressed to a controller is the echo of a question.
        guard packet.isAnswer else { return nil }
        hasHeardFrames = true
        guard packet.data.first ?? node == node, let command,
            let answer = Answer(packet, to: command), answer.commands.contains(command)
        else { return nil }
        if case .event(let event) = answer, command == Command.poll {
            if polled.count >= Self.mostPolled { polled.removeFirst() }
            if polled.last != event { polled.append(event) }
        }
        return answer
    }
}
