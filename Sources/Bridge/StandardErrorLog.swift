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
        let facts = event.metadata ?? [:]
        let line = Array(line("\(event.message)", at: event.level, facts).utf8)
        // One write for a line, so lines of several tasks do not mix.
        write(STDERR_FILENO, line, line.count)
    }

    func line(_ message: String, at level: Logger.Level, _ facts: Logger.Metadata) -> String {
        let front = underSystemd ? "<\(Self.priority(level))>" : "\(level): "
        let all = metadata.merging(facts) { $1 }.sorted { $0.key < $1.key }
        return front + message + all.map { " \($0.key)=\(Self.quoted($0.value))" }.joined() + "\n"
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
        let text = String("\(value)".map { $0.isNewline ? " " : $0 == "\"" ? "'" : $0 })
        return text.contains(" ") || text.contains("=") ? "\"\(text)\"" : text
    }
}
