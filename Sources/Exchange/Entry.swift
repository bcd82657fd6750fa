public import Attendance

/// One line of a journal, before it has bytes.
///
/// The line's bytes are the thing itself: stored, hashed, sent and kept by the centre verbatim.
/// This type only writes them; ``EntryFields`` reads what it can of any line.
/// The format is in `docs/reference/journal.md`.
public struct Entry: Hashable, Sendable {
    /// The place in the journal, from 1, without a gap.
    public let seq: Int64
    /// The host's clock when the entry was written.
    public let at: UTCTime
    /// How often the box had been started, and milliseconds since then (CLOCK_BOOTTIME): they
    /// date entries written before the clock was right.
    public let boot: Int64
    public let up: Int64
    public let body: EntryBody
    /// Where a line was first written, if a repaired journal took it over.
    public let from: Origin?

    public struct Origin: Hashable, Sendable {
        public let journal: JournalID
        public let seq: Int64

        public init(journal: JournalID, seq: Int64) {
            self.journal = journal
            self.seq = seq
        }
    }

    public init(
        seq: Int64, at: UTCTime, boot: Int64, up: Int64, body: EntryBody, from: Origin? = nil
    ) {
        self.seq = seq
        self.at = at
        self.boot = boot
        self.up = up
        self.body = body
        self.from = from
    }

    /// The line, without its newline.
    public var line: [UInt8] {
        var line = JSONLine()
        line.add("seq", seq)
        line.add("at", at.description)
        line.add("boot", boot)
        line.add("up", up)
        line.add("kind", body.kind)
        body.write(to: &line)
        if let from {
            var origin = JSONLine()
            origin.add("journal", from.journal.description)
            origin.add("seq", from.seq)
            line.add("from", json: origin.finished)
        }
        return line.finished
    }
}

/// What an entry says.
public enum EntryBody: Hashable, Sendable {
    case punch(TerminalID, Punch, via: PunchSource)
    case oddity(TerminalID, Oddity, via: PunchSource)
    /// A change of the terminal's offset beyond its error, a set clock, or the reading that goes
    /// with new punches. `hostSynced`: the host's own clock was known to be right.
    case clock(TerminalID, ClockReading, hostSynced: Bool)
    case terminal(TerminalID, TerminalEvent, detail: String?)
    case coverage(TerminalID, CoverageInterval, records: Int)
    case bridge(BridgeEvent, detail: String?)
    /// A stick or courier file that was taken in.
    case fileImport(
        TerminalID?, file: String, sha256: String, read: Int, new: Int, known: Int, odd: Int)

    /// The word in the line's `kind`.
    public var kind: String {
        switch self {
        case .punch: "punch"
        case .oddity: "oddity"
        case .clock: "clock"
        case .terminal: "terminal"
        case .coverage: "coverage"
        case .bridge: "bridge"
        case .fileImport: "import"
        }
    }

    /// What can happen to a terminal, as `event` in the line.
    public enum TerminalEvent: String, Hashable, Sendable, CaseIterable {
        case seen, lost, replaced
        case logCleared = "log-cleared"
        case nearlyFull = "nearly-full"
        case clockSet = "clock-set"
    }

    /// What can happen to the bridge, as `event` in the line.
    public enum BridgeEvent: String, Hashable, Sendable, CaseIterable {
        case start, stop, configuration, version, repaired
        /// Somebody read the true time off another clock, because the box had none to rely on.
        case timeWitnessed = "time-witnessed"
    }

    func write(to line: inout JSONLine) {
        switch self {
        case .punch(let terminal, let punch, let via):
            line.add("terminal", terminal.description)
            line.add("pin", punch.pin.text)
            line.add("time", punch.time.description)
            line.add("verify", punch.verify.rawValue)
            line.add("verify_no", punch.verifyNumber)
            line.add("state", punch.state.rawValue)
            line.add("state_no", punch.stateNumber)
            line.add("work", punch.workCode)
            line.add("via", via.rawValue)
            line.add("raw", ifPresent: punch.raw?.hex)
        case .oddity(let terminal, let oddity, let via):
            line.add("terminal", terminal.description)
            line.add("reason", oddity.reason)
            line.add("via", via.rawValue)
            line.add("raw", oddity.raw.hex)
        case .clock(let terminal, let reading, let hostSynced):
            line.add("terminal", terminal.description)
            line.add("device", reading.device.description)
            line.add("offset_ms", reading.offsetMilliseconds)
            line.add("error_ms", reading.errorMilliseconds)
            line.add("host_synced", hostSynced)
        case .terminal(let terminal, let event, let detail):
            line.add("terminal", terminal.description)
            line.add("event", event.rawValue)
            line.add("detail", ifPresent: detail)
        case .coverage(let terminal, let interval, let records):
            line.add("terminal", terminal.description)
            line.add("from_time", interval.from.description)
            line.add("through", interval.through.description)
            line.add("records", records)
        case .bridge(let event, let detail):
            line.add("event", event.rawValue)
            line.add("detail", ifPresent: detail)
        case .fileImport(let terminal, let file, let sha256, let read, let new, let known, let odd):
            line.add("terminal", ifPresent: terminal?.description)
            line.add("file", file)
            line.add("sha256", sha256)
            line.add("read", read)
            line.add("new", new)
            line.add("known", known)
            line.add("odd", odd)
        }
    }
}

/// A stretch of true time for which a terminal's log is known to be complete.
public struct CoverageInterval: Hashable, Sendable {
    public let from: UTCTime
    /// The host's time at the start of the read that showed it.
    public let through: UTCTime

    public init(from: UTCTime, through: UTCTime) {
        self.from = from
        self.through = max(from, through)
    }
}
