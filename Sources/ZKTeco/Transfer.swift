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
    /// How often in a row an answer over datagrams may bring nothing new.
    let tries: Int

    /// - Throws: ``DriverError/incomplete(received:expected:)`` if the holes stay.
    func run(_ dialogue: Dialogue) async throws -> Outcome {
        var collector = DataCollector(asked: asked, isDatagram: dialogue.isDatagram)
        var vain = 0
        for _ in 1...(dialogue.isDatagram ? Patience.mostTries : 1) {
            let before = collector.received
            do {
                if let outcome = try await once(dialogue, into: &collector) { return outcome }
            } catch  where Self.mayPass(error) && dialogue.isDatagram {
                // What never began has nothing that could be incomplete.
                if vain + 1 >= tries, !collector.hasBegun { throw error }
            }
            vain = collector.received > before ? 0 : vain + 1
            guard vain < tries else { break }
        }
        // A terminal that says OK every time and nothing else means it.
        if !collector.hasBegun, let end = collector.end { return .answer(end) }
        throw DriverError.incomplete(
            received: collector.received, expected: collector.expected ?? 0)
    }

    /// - Returns: nil if something is still missing.
    private func once(
        _ dialogue: Dialogue, into collector: inout DataCollector
    ) async throws -> Outcome? {
        let number = try await dialogue.begin(question, data)
        collector.askAgain()
        if let answer = try await collect(dialogue, number, into: &collector) {
            return .answer(answer)
        }
        // One DATA that nobody announced is all there is, whatever its first word says.
        let isAll = !dialogue.isDatagram && !collector.isAnnounced && asked == nil
        return collector.isWhole || isAll ? .bytes(collector.bytes()) : nil
    }

    /// Whether asking again may help: damage and losses on the line pass, a refusal does not.
    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case LinkError.silent, DriverError.garbled, DriverError.incomplete: true
        default: false
        }
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
            if !isData, !isEnd(packet, hasBegun, dialogue) { return packet }
            hasBegun = true
            try collector.take(packet)
            if collector.isWhole, collector.isEnded || !collector.isAnnounced { return nil }
            if collector.isEnded, !dialogue.isDatagram { return nil }
        }
    }

    /// A closing OK may overtake the data it closes, or be all that arrives.
    private func isEnd(_ packet: Packet, _ hasBegun: Bool, _ dialogue: Dialogue) -> Bool {
        guard packet.command == Command.ackOK else { return false }
        return hasBegun || (dialogue.isDatagram && packet.data.isEmpty)
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
