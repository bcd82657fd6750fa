import Glibc
import Synchronization

/// Standard output, gathered into large writes: a log may have 200,000 lines.
final class Output {
    /// Where output goes: the file descriptors themselves, or a test that wants to read it.
    @TaskLocal static var standard: @Sendable (_ bytes: [UInt8], _ file: Int32) -> Void = writeAll

    /// How lines are broken for whoever looks at a file; nil where nobody does.
    @TaskLocal static var wrapping: @Sendable (_ file: Int32) -> Wrapping? = Wrapping.ofWindow

    private var buffer: [UInt8] = []
    private let wrapping = Output.wrapping(STDOUT_FILENO)
    private static let pageSize = 65_536

    init() {
        buffer.reserveCapacity(Self.pageSize + 4_096)
    }

    func write(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.pageSize { flush() }
    }

    /// Writes a line and its end.
    func line(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.pageSize { flush() }
    }

    /// Writes a line for people, broken for their window.
    func line(_ text: String) { line(fitted(text).utf8) }

    /// Text for people that ends its own lines.
    func text(_ text: String) { write(fitted(text).utf8) }

    private func fitted(_ text: String) -> String { wrapping?.fit(text) ?? text }

    func flush() {
        if !buffer.isEmpty { Self.standard(buffer, STDOUT_FILENO) }
        buffer.removeAll(keepingCapacity: true)
    }

    deinit { flush() }

    /// Why something that was meant for standard output is not there; nil where all is, or where whoever
    /// read it has gone.
    static var failure: CommandError? {
        refused.withLock(\.self).map {
            .outputRefused(reason: String(cString: strerror($0)))
        }
    }

    private static let refused = Mutex<Int32?>(nil)

    /// Writes until all is written or the reader is gone. What a full disk refuses is remembered: half a file is
    /// no success.
    private static func writeAll(_ bytes: [UInt8], _ file: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            let error = errno
            guard count > 0 else {
                guard count < 0, error != EPIPE, file == STDOUT_FILENO else { return }
                return refused.withLock { $0 = $0 ?? error }
            }
            rest = rest.dropFirst(count)
        }
    }

    /// A remark beside the output, so that it can be piped on.
    static func remark(_ text: String) {
        standard(Array("\(fitted(text))\n".utf8), STDERR_FILENO)
    }

    /// Text for standard error, broken for the window if there is one.
    static func fitted(_ text: String) -> String { wrapping(STDERR_FILENO)?.fit(text) ?? text }
}

/// Colour and weight, where somebody is looking at a terminal that wants them (no-color.org).
struct Palette: Hashable, Sendable {
    let isColoured: Bool

    static let plain = Palette(isColoured: false)

    static var ofStandardOutput: Palette {
        let refused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        return Palette(isColoured: !refused && !isDumb && isatty(STDOUT_FILENO) == 1)
    }

    /// Colour never stands alone: the words and marks say the same.
    func paint(_ text: String, _ verdict: Verdict) -> String {
        guard isColoured else { return text }
        let code =
            switch verdict {
            case .good: "32"
            case .attention: "33"
            case .fault: "31;1"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
