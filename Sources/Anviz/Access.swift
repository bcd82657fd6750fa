internal import TerminalKit

/// The connection password of terminals that want one.
///
/// It is said once when a talk begins, if `comm_key_file` names a key, as user `admin`; terminals
/// that check only the password ignore the name. Without traffic it lapses after five minutes; the
/// bridge asks something every minute.
///
/// Source: docs/reference/protocols/anviz.md, "Connection password".
struct Access {
    let dialogue: Dialogue
    /// nil or 0 if none is set.
    let key: UInt32?

    /// - Throws: ``DriverError/wrongKey`` if the terminal refuses.
    func request() async throws {
        guard let key, key > 0 else { return }
        do {
            let answer = try await dialogue.tell(.authenticate(password: String(key)))
            switch answer.result {
            case AnswerCode.success: return
            case AnswerCode.failure, AnswerCode.noSuchUser: throw DriverError.wrongKey
            default:
                throw DriverError.refused(
                    question: "authenticate", code: Int(answer.result ?? 0))
            }
        } catch LinkError.silent {
            // A terminal that does not know the command says nothing to it; whether it wants a
            // password after all, the next question shows.
            try await dialogue.settle()
        }
    }

    /// Why the first question was refused: perhaps for want of a password.
    func reason(for refusal: Packet) async throws -> DriverError {
        let refused = DriverError.refused(
            question: Question.counters.name, code: Int(refusal.result ?? 0))
        guard refusal.result == AnswerCode.failure else { return refused }
        do {
            let answer = try await dialogue.ask(
                .configuration3, within: Patience.optionalAnswer, tries: Patience.optionalTries)
            return Self.needsPassword(answer) ? .wrongKey : refused
        } catch LinkError.silent {
            return refused
        }
    }

    /// The fourth byte of configuration 3.
    private static func needsPassword(_ answer: Packet) -> Bool {
        answer.result == AnswerCode.success && answer.data.count >= 4 && answer.data[3] == 1
    }
}
