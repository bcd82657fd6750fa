import TerminalKit

/// One question whose answer comes in many packets, asked until the answer is whole.
///
/// The answer begins with the number of bytes (PREPARE_DATA), brings them (DATA) and ends with
/// OK; small tables come as one DATA without the rest. A stream brings what it brings; over
/// datagrams the question is repeated until no index is missing. A short answer is never given.
struct Transfer {
    enum Outcome {
        case bytes([UInt8])
        /// An answer without data: a refusal, or the OK that names a buffer's size.
        case answer(Packet)
    }

    let question: Question
    var data: [UInt8] = []
    /// The bytes asked for; nil where the terminal decides.
    var asked: Int?
    /// How often to ask over datagrams.
    let tries: Int

    /// - Throws: ``DriverError/incomplete(received:expected:)`` if the holes stay.
    func run(_ dialogue: Dialogue) async throws -> Outcome {
        var collector = DataCollector(asked: asked, isDatagram: dialogue.isDatagram)
        let tries = dialogue.isDatagram ? tries : 1
        for attempt in 1...max(1, tries) {
            let number = try await dialogue.begin(question, data)
            collector.askAgain()
            do {
                if let answer = try await collect(dialogue, number, into: &collector) {
                    return .answer(answer)
                }
                if collector.isWhole { return .bytes(collector.bytes()) }
                // One DATA that nobody announced is all there is, whatever its first word says.
                if !dialogue.isDatagram, !collector.isAnnounced, asked == nil {
                    return .bytes(collector.bytes())
                }
            } catch let error as DriverError where attempt < tries && error.mayPass {
            } catch LinkError.silent where attempt < tries {
            }
        }
        throw DriverError.incomplete(
            received: collector.received, expected: collector.expected ?? 0)
    }

    /// Takes packets until the answer is whole and ended, or nothing more comes.
    ///
    /// - Returns: An answer that brings no data; nil when `collector` has what came.
    private func collect(
        _ dialogue: Dialogue, _ number: UInt16, into collector: inout DataCollector
    ) async throws -> Packet? {
        var hasBegun = false
        while true {
            let limit = hasBegun ? limit(collector, dialogue) : firstLimit(dialogue)
            let packet: Packet
            do {
                packet = try await dialogue.answer(to: number, within: limit)
            } catch LinkError.silent(let wait) {
                if collector.isWhole || (hasBegun && mayEndSilently(collector, dialogue)) {
                    return nil
                }
                throw LinkError.silent(after: wait)
            }
            let isData = packet.command == Command.data || packet.command == Command.prepareData
            if !isData, !hasBegun || packet.command != Command.ackOK { return packet }
            hasBegun = true
            try collector.take(packet)
            if collector.isWhole, collector.isEnded || !collector.isAnnounced { return nil }
            if collector.isEnded, !dialogue.isDatagram { return nil }
        }
    }

    private func firstLimit(_ dialogue: Dialogue) -> Duration {
        if asked != nil { return dialogue.isDatagram ? Patience.piece : Patience.packet }
        return dialogue.isDatagram ? Patience.preparationOverDatagrams : Patience.preparation
    }

    private func limit(_ collector: DataCollector, _ dialogue: Dialogue) -> Duration {
        if collector.isWhole || collector.isEnded { return Patience.straggler }
        return asked != nil && dialogue.isDatagram ? Patience.piece : Patience.packet
    }

    private func mayEndSilently(_ collector: DataCollector, _ dialogue: Dialogue) -> Bool {
        collector.isEnded || (!dialogue.isDatagram && !collector.isAnnounced && asked == nil)
    }
}

extension DriverError {
    /// Whether asking again may help: damage on the line passes, a refusal does not.
    fileprivate var mayPass: Bool {
        switch self {
        case .garbled, .incomplete: true
        default: false
        }
    }
}
