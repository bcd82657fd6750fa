/// What an answer says, told by its length first and its code second.
///
/// The command byte of an event *is* its function code, and 3, 4, 5, 6 and 9 are function codes as
/// well as kinds of answer. So 29 bytes of data are an event whatever the code says, 0 or 11 are
/// an acknowledgement, and what has another length than its kind is none.
///
/// Source: docs/reference/protocols/soyal.md, "Answers".
enum Answer: Hashable, Sendable {
    case event(EventFrame)
    /// Done; or, after ``Command/oldest``, that the log is empty.
    case acknowledged
    case status([UInt8])
    /// Begins with the number of the controller.
    case data([UInt8])
    case refused(code: UInt8)

    /// - Parameters:
    ///   - packet: An answer of the controller that was asked.
    ///   - command: What was asked; parameters may have any length.
    /// - Returns: nil if the length is none that this kind of answer has.
    init?(_ packet: Packet, to command: UInt8?) {
        let count = packet.data.count
        if count == EventFrame.length,
            command != Command.parameters || packet.command != AnswerCode.data
        {
            self = .event(EventFrame(code: packet.command, data: packet.data))
            return
        }
        switch packet.command {
        case AnswerCode.acknowledged where count == 0 || count == 11: self = .acknowledged
        case AnswerCode.status where count == 6: self = .status(packet.data)
        case AnswerCode.data where count >= 2: self = .data(packet.data)
        case AnswerCode.notAcknowledged, AnswerCode.unauthorised, AnswerCode.refused:
            guard count == 0 || count == 1 || count == 11 else { return nil }
            self = .refused(code: packet.command)
        default: return nil
        }
    }

    /// Commands that can be answered like this.
    ///
    /// Frames carry no number: an answer that came late is taken for that of another question
    /// exactly where both are in one of these sets.
    var commands: Set<UInt8> {
        switch self {
        case .event: [Command.oldest, Command.poll]
        case .acknowledged: [Command.oldest, Command.removeOldest]
        case .status: [Command.poll]
        case .data: [Command.clock, Command.parameters]
        case .refused:
            [
                Command.oldest, Command.poll, Command.removeOldest, Command.clock,
                Command.parameters,
            ]
        }
    }
}
