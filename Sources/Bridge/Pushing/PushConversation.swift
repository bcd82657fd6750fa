import TerminalKit
import ZKTeco

/// One connection of a terminal that pushes: requests in, answers out, until either end has had
/// enough.
///
/// Whoever sends slowly, half, too much or nonsense loses the connection and nothing else.
struct PushConversation {
    /// How long a connection may rest between requests.
    static let rest = Duration.seconds(75)
    /// How long a request may take from its first byte to its last.
    static let longest = Duration.seconds(60)
    /// After such a silence a body without a declared length is taken as whole.
    static let pause = Duration.seconds(3)
    /// How long, and how much, is read and dropped after a refusal, so that the caller has the
    /// time to read it.
    static let farewell = (time: Duration.seconds(2), bytes: 1 << 20)

    let link: any Link
    let peer: String
    let pace: Pace
    let answer: @Sendable (PushRequest, String) async -> PushAnswer

    private enum Next {
        case goOn
        case end
    }

    /// Returns when the connection is of no more use; the caller closes it.
    func run() async {
        var reader = PushRequestReader(keeps: PushDesk.keeps)
        var begun: Duration?
        while !Task.isCancelled {
            if let event = reader.next() {
                guard await respond(to: event) == .goOn else { return }
                if case .request = event { begun = nil }
                continue
            }
            if begun == nil, !reader.isIdle { begun = pace.now() }
            guard await receive(into: &reader, since: begun) == .goOn else { return }
            if !reader.isOpenEnded, reader.isIdle { begun = nil }
        }
    }

    private func receive(into reader: inout PushRequestReader, since begun: Duration?) async -> Next
    {
        let left = begun.map { $0 + Self.longest - pace.now() } ?? Self.rest
        guard left > .zero else { return await say(.tooSlow) }
        do {
            let limit = reader.isOpenEnded ? min(left, Self.pause) : left
            reader.feed(try await link.receive(within: limit))
            return .goOn
        } catch .silent {
            if let event = reader.finish() { return await respond(to: event) }
            if reader.isOpenEnded { return .goOn }
            return reader.isIdle ? .end : await say(.tooSlow)
        } catch {
            // The terminal may have closed only its own half.
            if let event = reader.finish() { _ = await respond(to: event) }
            return .end
        }
    }

    private func respond(to event: PushRequestReader.Event) async -> Next {
        switch event {
        case .wantsContinue: return await send(PushAnswer.goOn)
        case .refused(let refusal): return await say(.refused(refusal))
        case .request(let request):
            let answer = await answer(request, peer)
            guard answer.keepsAlive else { return await say(answer) }
            let isLast = !request.head.keepsAlive
            let next = await send(answer.bytes(isLast: isLast))
            return isLast ? .end : next
        }
    }

    /// Says a last word, and waits a little for it to be heard: a connection that is closed with
    /// bytes unread takes its last answer with it.
    private func say(_ answer: PushAnswer) async -> Next {
        guard await send(answer.bytes(isLast: true)) == .goOn else { return .end }
        let end = pace.now() + Self.farewell.time
        var dropped = 0
        while dropped < Self.farewell.bytes, pace.now() < end,
            let bytes = try? await link.receive(within: end - pace.now())
        {
            dropped += bytes.count
        }
        return .end
    }

    private func send(_ bytes: [UInt8]) async -> Next {
        do {
            try await link.send(bytes)
            return .goOn
        } catch {
            return .end
        }
    }
}
