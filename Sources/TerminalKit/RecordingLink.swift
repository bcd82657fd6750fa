import Synchronization

/// A link that writes down what passes over another one, in the form tests play back.
///
/// `>` is what was sent to the terminal, `<` what came from it, `~` a silence that ran out. With
/// the line's end the writing ends too: what is said to nobody is no part of a talk.
public final class RecordingLink: Link {
    private let inner: any Link
    private let write: @Sendable (String) -> Void
    private let isOver = Mutex(false)

    /// - Parameters:
    ///   - inner: The line that really carries the bytes.
    ///   - write: Called with each line, without a newline, in the order of the talk.
    public init(_ inner: any Link, write: @escaping @Sendable (String) -> Void) {
        self.inner = inner
        self.write = write
    }

    public var isDatagram: Bool { inner.isDatagram }

    public func send(_ bytes: [UInt8]) async throws(LinkError) {
        note("> \(Talk.spaced(bytes))")
        do {
            try await inner.send(bytes)
        } catch {
            isOver.withLock { $0 = true }
            throw error
        }
    }

    public func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        do {
            let bytes = try await inner.receive(within: limit)
            note("< \(Talk.spaced(bytes))")
            return bytes
        } catch .silent(let wait) {
            note("~")
            throw .silent(after: wait)
        } catch {
            isOver.withLock { $0 = true }
            throw error
        }
    }

    public func close() async {
        await inner.close()
    }

    private func note(_ line: String) {
        if !isOver.withLock({ $0 }) { write(line) }
    }
}
