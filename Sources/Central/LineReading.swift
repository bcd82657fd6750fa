import Attendance
import Exchange

/// What the centre makes of one line. Whatever it cannot read, it keeps and says so.
struct LineReading: Sendable {
    enum Content: Sendable {
        case punch(TerminalID, Punch, via: PunchSource)
        case oddity(terminal: TerminalID?, reason: String)
        case clock(TerminalID, ClockPoint, device: WallTime?)
        case coverage(TerminalID, CoverageInterval)
        case terminal(TerminalID, event: String, detail: String?)
        case bridge(event: String, detail: String?)
        case fileImport(TerminalID?, file: String)
        /// No JSON object with a `seq`.
        case unreadable
        /// Well formed, but of a kind that this version does not know.
        case unknown(kind: String)
        /// Of a known kind, with something missing or impossible in it.
        case unclear(kind: String)
        /// Longer than any line we write: kept unread.
        case tooLong
    }

    private(set) var content: Content
    /// When the bridge wrote it, by its own clock.
    private(set) var at: UTCTime?
    /// Which start of the box it was, and milliseconds since then.
    let boot: Int64?
    let up: Int64?
    /// The line names another place than the one it has.
    let hasWrongSeq: Bool

    static let longest = 65_536

    init(_ line: [UInt8], seq: Int64) {
        guard line.count <= Self.longest else {
            self.init(content: .tooLong)
            return
        }
        guard let fields = EntryFields(line: line) else {
            self.init(content: .unreadable)
            return
        }
        self.init(
            content: Self.content(of: fields), at: fields.at.flatMap(UTCTime.init),
            boot: fields.boot, up: fields.up, hasWrongSeq: fields.seq != seq)
    }

    private init(
        content: Content, at: UTCTime? = nil, boot: Int64? = nil, up: Int64? = nil,
        hasWrongSeq: Bool = false
    ) {
        self.content = content
        self.at = at
        self.boot = boot
        self.up = up
        self.hasWrongSeq = hasWrongSeq
    }

    /// The same, written at another moment than its line says.
    func written(at moment: UTCTime) -> LineReading {
        var reading = self
        reading.at = moment
        if case .clock(let terminal, let point, let device) = content {
            reading.content = .clock(terminal, point.measured(at: moment), device: device)
        }
        return reading
    }

    private static func content(of fields: EntryFields) -> Content {
        if let (terminal, punch, via) = fields.punch { return .punch(terminal, punch, via: via) }
        let kind = fields.kind ?? ""
        let terminal = fields.terminal.flatMap { try? TerminalID($0) }
        switch kind {
        case "oddity":
            return .oddity(terminal: terminal, reason: fields.reason ?? "")
        case "clock":
            return clock(fields, terminal) ?? .unclear(kind: kind)
        case "coverage":
            return coverage(fields, terminal) ?? .unclear(kind: kind)
        case "terminal":
            guard let terminal, let event = fields.event else { return .unclear(kind: kind) }
            return .terminal(terminal, event: event, detail: fields.detail)
        case "bridge":
            guard let event = fields.event else { return .unclear(kind: kind) }
            return .bridge(event: event, detail: fields.detail)
        case "import":
            return .fileImport(terminal, file: fields.file ?? "")
        case "punch", "":
            return .unclear(kind: kind)
        default:
            return .unknown(kind: kind)
        }
    }

    private static func clock(_ fields: EntryFields, _ terminal: TerminalID?) -> Content? {
        guard let terminal, let at = fields.at.flatMap(UTCTime.init),
            let offset = fields.offsetMilliseconds, let error = fields.errorMilliseconds
        else { return nil }
        let point = ClockPoint(
            at: at, offsetMilliseconds: offset, errorMilliseconds: error,
            hostSynced: fields.hostSynced ?? false)
        return .clock(terminal, point, device: fields.device.flatMap { WallTime($0) })
    }

    private static func coverage(_ fields: EntryFields, _ terminal: TerminalID?) -> Content? {
        guard let terminal, let from = fields.fromTime.flatMap(UTCTime.init),
            let through = fields.through.flatMap(UTCTime.init), from <= through
        else { return nil }
        return .coverage(terminal, CoverageInterval(from: from, through: through))
    }
}
