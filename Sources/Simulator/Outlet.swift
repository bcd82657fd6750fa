import Dispatch
import Glibc
import Synchronization

/// One connection: a conversation and the descriptor it is held over. Answers and live punches
/// leave in one order, each whole.
final class Outlet: Sendable {
    private let terminal: SimulatedTerminal
    private let isDatagram: Bool
    private let conversation: Mutex<any Conversation>
    private let write: @Sendable ([UInt8]) -> Bool
    private let listener = Mutex<Int?>(nil)

    /// - Parameter write: Sends one piece; false if the line is gone.
    init(
        _ terminal: SimulatedTerminal, isDatagram: Bool,
        write: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.terminal = terminal
        self.isDatagram = isDatagram
        self.write = write
        conversation = Mutex(Self.conversation(terminal, isDatagram: isDatagram))
        terminal.with { $0.injector.connected() }
        let number = terminal.listen { [weak self] punch in self?.announce(punch) }
        listener.withLock { $0 = number }
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
        terminal.unlisten(listener.withLock { $0 })
    }

    /// Answers what came in.
    ///
    /// - Returns: Whether the line stays open.
    func take(_ bytes: [UInt8]) -> Bool {
        conversation.withLock { conversation in
            for answer in conversation.answer(bytes) {
                pause()
                guard send(answer, conversation) else { return false }
            }
            return true
        }
    }

    private func announce(_ punch: SimulatedPunch) {
        conversation.withLock { conversation in
            guard let reply = conversation.announce(punch) else { return }
            _ = send([reply], conversation)
        }
    }

    private func send(_ answer: [Reply], _ conversation: any Conversation) -> Bool {
        let replies = terminal.with {
            $0.injector.send(
                answer, isDatagram: isDatagram, checksum: conversation.checksumPlace)
        }
        for reply in replies {
            guard reply.bytes.isEmpty || write(reply.bytes) else { return false }
            if reply.closes { return false }
        }
        return true
    }

    private func pause() {
        guard let fault = terminal.with({ $0.injector.has(.pause) }) else { return }
        usleep(UInt32(clamping: max(0, fault.ms ?? 100)) &* 1_000)
    }
}
