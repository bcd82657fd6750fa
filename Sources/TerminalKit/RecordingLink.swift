/// A link that writes down what passes over another one, in the form tests play back.
///
/// `>` is what was sent to the terminal, `<` what came from it, `~` a silence that ran out.
public struct RecordingLink: Link {
    private let inner: any Link
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - inner: The line that really carries the bytes.
    ///   - write: Called with each line, without a newline, in the order of the talk.
    public init(_ inner: any Link, write: @escaping @Sendable (String) -> Void) {
        self.inner = inner
        self.write = write
    }

    public var isDatagram: Bool { inner.isDatagram }

    public func send(_ bytes: [UInt8]) async throws(LinkError) {
        write("> \(Talk.spaced(bytes))")
        try await inner.send(bytes)
    }

    public func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        do {
            let bytes = try await inner.receive(within: limit)
            write("< \(Talk.spaced(bytes))")
            return bytes
        } catch .silent(let wait) {
            write("~")
            throw .silent(after: wait)
        }
    }

    public func close() async {
        await inner.close()
    }
}
