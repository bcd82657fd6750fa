import Glibc
public import Logging

/// Log lines on standard error, in the form systemd's journal takes: the priority in front, no
/// time of our own. By hand they carry the level instead.
public struct StandardErrorLog: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.notice
    private let underSystemd: Bool

    /// - Parameter underSystemd: Whether standard error is connected to the journal.
    public init(underSystemd: Bool = getenv("JOURNAL_STREAM") != nil) {
        self.underSystemd = underSystemd
    }

    public static func logger(label: String) -> Logger {
        Logger(label: label) { _ in StandardErrorLog() }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let line = Array(line(event).utf8)
        // One write for a line, so lines of several tasks do not mix.
        write(STDERR_FILENO, line, line.count)
    }

    func line(_ event: LogEvent) -> String {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
        let front = underSystemd ? "<\(Self.priority(event.level))>" : "\(event.level): "
        let rest = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted($0.value))" }
        return front + "\(event.message)" + rest.joined() + "\n"
    }

    /// sd-daemon(3): the numbers of syslog.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    private static func quoted(_ value: Logger.Metadata.Value) -> String {
        let text = "\(value)".map { $0.isNewline ? " " : $0 }
        let isPlain = text.allSatisfy { $0 != " " && $0 != "\"" && $0 != "=" }
        return isPlain ? String(text) : "\"\(String(text.map { $0 == "\"" ? "'" : $0 }))\""
    }
}
