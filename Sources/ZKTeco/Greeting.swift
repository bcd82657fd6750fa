import TerminalKit

/// The beginning of a talk: CONNECT and, where the terminal asks for it, the communication key.
///
/// The key is sent once. A second try with the same key can only bring the terminal nearer to
/// locking itself.
///
/// Source: docs/reference/protocols/zkteco.md, "A session".
enum Greeting {
    static func exchange(on link: any Link, options: DriverOptions) async throws -> Dialogue {
        let dialogue = Dialogue(link)
        do {
            return try await greet(dialogue, options)
        } catch {
            // A terminal that let nobody in was seen to restart when the line was dropped without
            // a good-bye (kamshory/ZKLibrary issue 47).
            if case DriverError.otherMake = error { throw error }
            await dialogue.takeLeave()
            throw error
        }
    }

    private static func greet(
        _ dialogue: Dialogue, _ options: DriverOptions
    ) async throws -> Dialogue {
        let answer = try await connect(dialogue)
        dialogue.enter(answer.session)
        switch answer.command {
        case Command.ackOK: return dialogue
        case Command.ackUnauthorised: break
        default: throw refusal(answer, of: .connect)
        }
        // Newer firmware asks for a key even when none is set: then the key is 0.
        let key = CommKey.scramble(key: options.commKey ?? 0, session: answer.session)
        let verdict = try await dialogue.ask(.auth, key, tries: 1)
        switch verdict.command {
        case Command.ackOK: return dialogue
        case Command.ackUnauthorised: throw DriverError.wrongKey
        default: throw refusal(verdict, of: .auth)
        }
    }

    private static func connect(_ dialogue: Dialogue) async throws -> Packet {
        do {
            // A second CONNECT on one stream breaks the session of some terminals.
            return try await dialogue.ask(
                .connect, tries: dialogue.isDatagram ? Patience.triesOfConnect : 1)
        } catch LinkError.silent(let wait) {
            if let stranger = dialogue.stranger { throw stranger }
            if !dialogue.isDatagram, dialogue.isMute,
                let stranger = await Stranger.look(behind: dialogue.link)
            {
                throw stranger
            }
            throw LinkError.silent(after: wait)
        }
    }

    private static func refusal(_ answer: Packet, of question: Question) -> DriverError {
        switch answer.command {
        case Command.authLocked: .locked
        case Command.vendorHandshake:
            .unsupported(what: "vendor handshake", code: Int(answer.command))
        default: .refused(question: question.name, code: Int(answer.command))
        }
    }
}
