public import Exchange

extension StatusReport {
    /// How many milliseconds a clock may be off before somebody should look.
    public static let tolerableOffset: Int64 = 60_000

    /// The worst of everything in the report; nil if all is well.
    public var severity: Finding.Severity? {
        var all = terminals.map(\.severity)
        all.append(sync.state.severity)
        let callers = refusedCallers?.contains { $0.terminal != nil } == true
        // A terminal that nobody reads is a loss of punches; who is none may knock as he likes.
        let needsLook =
            host.isDiskNearlyFull || sticks?.held.isEmpty == false
            || push?.refused.isEmpty == false || callers
        if needsLook { all.append(.attention) }
        return all.compactMap(\.self).max()
    }
}

extension TerminalStatus {
    /// How bad the terminal's state, clock and problem are; nil if all is well.
    public var severity: Finding.Severity? {
        switch state {
        case .lost, .blocked: .fault
        case .starting: .attention
        case .online:
            isClockOff || problem != nil ? .attention : nil
        }
    }

    public var isClockOff: Bool {
        abs(offsetMilliseconds ?? 0) > StatusReport.tolerableOffset
    }
}

extension SyncStatus.State {
    /// How bad it is; nil if all is well.
    public var severity: Finding.Severity? {
        switch self {
        case .idle, .sending: nil
        case .notEnrolled, .waiting: .attention
        case .refused, .forked: .fault
        }
    }
}

extension HostReport {
    public var isDiskNearlyFull: Bool { diskTotal > 0 && diskFree < diskTotal / 20 }
}
