internal import Glibc

/// Tells systemd how the daemon is: one datagram a message (sd_notify(3)).
///
/// Where nobody asked to be told – no `NOTIFY_SOCKET` – nothing is sent.
public struct SystemdNotifier: Sendable {
    private let socketName: String?
    /// How often a sign of life is wanted; nil if none is.
    public let watchdog: Duration?

    /// - Parameters:
    ///   - socketName: `NOTIFY_SOCKET`; a path, or an abstract name that begins with `@`.
    ///   - watchdogMicroseconds: `WATCHDOG_USEC`. Half of it is the rhythm.
    public init(socketName: String?, watchdogMicroseconds: String? = nil) {
        self.socketName = socketName
        watchdog = watchdogMicroseconds.flatMap(Int64.init).flatMap {
            $0 > 0 ? .microseconds($0 / 2) : nil
        }
    }

    /// As systemd has told this process.
    public static var ofThisProcess: SystemdNotifier {
        func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        let isForUs = value("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        return SystemdNotifier(
            socketName: value("NOTIFY_SOCKET"),
            watchdogMicroseconds: isForUs ? value("WATCHDOG_USEC") : nil)
    }

    public func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    public func status(_ status: String) { send("STATUS=\(status)") }
    public func alive() { send("WATCHDOG=1") }
    public func stopping() { send("STOPPING=1") }

    private func send(_ message: String) {
        guard let socketName, let address = UnixAddress(socketName) else { return }
        let file = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return }
        defer { close(file) }
        let bytes = Array(message.utf8)
        // Nobody is there to be told if this fails: systemd itself is who would be.
        _ = address.with { sendto(file, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }
}
