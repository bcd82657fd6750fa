public import Attendance

/// A talk in which the terminal's clock can be set.
///
/// Apart from ``TerminalSession``, because the bridge never does it: only a command that a
/// technician gives asks for this.
public protocol ClockSettingSession: TerminalSession {
    /// Sets the terminal's clock. Records that are in its log stay as they are.
    ///
    /// - Parameter time: What the clock is to show, as closely as the line allows.
    /// - Throws: ``LinkError``, or ``DriverError/refused(question:code:)``.
    func setClock(to time: WallTime) async throws
}
