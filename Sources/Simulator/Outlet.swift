import Dispatch
import Glibc
import Synchronization

/// One connection: the conversations of all terminals on the line, and the descriptor it is held
/// over. Answers and live punches leave in one order, each whole.
final class Outlet: Sendable {
    private let terminals: [SimulatedTerminal]
    private let isDatagram: Bool
    private let conversations: Mutex<[any Conversation]>
    private let write: @Sendable ([UInt8]) -> Bool
    private let listeners = Mutex<[Int]>([])
    private let isOver = Atomic(false)

    /// - Parameter write: Sends one piece; false if the line is gone.
    convenience init(
        _ terminal: SimulatedTerminal, isDatagram: Bool,
        write: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.init([terminal], isDatagram: isDatagram, write: write)
    }

    /// - Parameters:
    ///   - terminals: All on this line; several share a bus.
    ///   - write: Sends one piece; false if the line is gone.
    init(
        _ terminals: [SimulatedTerminal], isDatagram: Bool,
        write: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.terminals = terminals
        self.isDatagram = isDatagram
        self.write = write
        conversations = Mutex(
            terminals.map { Self.conversation($0, isDatagram: isDatagram) })
        for (index, terminal) in terminals.enumerated() {
            terminal.with { $0.injector.connected() }
            let number = terminal.listen { [weak self] punch in self?.announce(punch, index) }
            listeners.withLock { $0.append(number) }
        }
    }

    private static func conversation(
        _ terminal: SimulatedTerminal, isDatagram: Bool
    ) -> any Conversation {
        switch terminal.make {
        case "anviz": SimulatedAnviz(terminal)
        case "soyal": SimulatedSoyal(terminal)
        default: SimulatedZKTeco(terminal, isDatagram: isDatagram)
        }
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        for (terminal, number) in zip(terminals, listeners.withLock { $0 }) {
            terminal.unlisten(number)
        }
    }

    /// Answers what came in. Where several answer at the same time nobody can be understood.
    ///
    /// - Returns: Whether the line stays open.
    func take(_ bytes: [UInt8]) -> Bool {
        conversations.withLock { conversations in
            guard echo(bytes) else { return false }
            let answers = conversations.indices.map { conversations[$0].answer(bytes) }
            let speaking = answers.indices.filter { index in
                answers[index].contains { !$0.isEmpty }
                    && terminals[index].with { $0.injector.has(.silence) } == nil
            }
            guard speaking.count < 2 else {
                return write(Self.collision(speaking.map { answers[$0].flatMap(\.self) }))
            }
            for (index, answer) in answers.enumerated() {
                for replies in answer {
                    pause(index)
                    guard send(replies, conversations[index], index) else { return false }
                }
            }
            return true
        }
    }

    /// Says a sign of life, as a terminal does that has dialled in.
    ///
    /// - Returns: Whether the line stays open.
    func beat() -> Bool {
        conversations.withLock { conversations in
            for index in conversations.indices {
                guard let reply = conversations[index].beat() else { continue }
                guard send([reply], conversations[index], index) else { return false }
            }
            return true
        }
    }

    private func announce(_ punch: SimulatedPunch, _ index: Int) {
        conversations.withLock { conversations in
            guard let reply = conversations[index].announce(punch) else { return }
            _ = send([reply], conversations[index], index)
        }
    }

    private func send(_ answer: [Reply], _ conversation: any Conversation, _ index: Int) -> Bool {
        let (replies, drip) = terminals[index].with { state in
            (
                state.injector.send(
                    answer, isDatagram: isDatagram, checksum: conversation.checksumPlace),
                state.injector.has(.drip)
            )
        }
        for reply in replies {
            guard reply.bytes.isEmpty || leave(reply.bytes, drip) else { return false }
            if reply.closes { return false }
        }
        return true
    }

    // MARK: The wire

    /// Bytes go at once, or one after the other while the line carries other things.
    private func leave(_ bytes: [UInt8], _ drip: Fault?) -> Bool {
        guard let drip else { return write(bytes) }
        let wait = UInt32(clamping: max(1, drip.ms ?? 1_000)) &* 1_000
        DispatchQueue(label: "titian-sim.drip").async { [weak self] in
            for byte in bytes {
                usleep(wait)
                guard let self, !isOver.load(ordering: .relaxed), write([byte]) else { return }
            }
        }
        return true
    }

    private func echo(_ bytes: [UInt8]) -> Bool {
        // A SOYAL controller does it by itself.
        let echoes = terminals.contains {
            $0.make != "soyal" && $0.with { $0.injector.has(.echo) } != nil
        }
        guard echoes else { return true }
        return write(bytes)
    }

    /// Two drivers on one pair: where they differ, neither level wins.
    private static func collision(_ answers: [[Reply]]) -> [UInt8] {
        let streams = answers.map { $0.flatMap(\.bytes) }
        let longest = streams.map(\.count).max() ?? 0
        return (0..<longest).map { index in
            streams.reduce(UInt8(0)) { $1.indices.contains(index) ? ~($0 ^ $1[index]) : $0 }
        }
    }

    private func pause(_ index: Int) {
        guard let fault = terminals[index].with({ $0.injector.has(.pause) }) else { return }
        usleep(UInt32(clamping: max(0, fault.ms ?? 100)) &* 1_000)
    }
}
