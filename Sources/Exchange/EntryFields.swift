public import Attendance

/// What can be read of a line, whoever wrote it.
///
/// Unknown kinds and unknown keys are kept in the line and ignored here: nothing one entry
/// contains may stop the next. A line that is no JSON object, or has no `seq`, has no fields.
public struct EntryFields: Hashable, Sendable, Decodable {
    public var seq: Int64
    public var at: String?
    public var boot: Int64?
    public var up: Int64?
    public var kind: String?
    public var terminal: String?
    public var pin: String?
    public var time: String?
    public var verify: String?
    public var verifyNumber: Int?
    public var state: String?
    public var stateNumber: Int?
    public var work: Int64?
    public var via: String?
    public var raw: String?
    public var reason: String?
    public var device: String?
    public var offsetMilliseconds: Int64?
    public var errorMilliseconds: Int64?
    public var hostSynced: Bool?
    public var event: String?
    public var detail: String?
    public var fromTime: String?
    public var through: String?
    public var records: Int?
    public var file: String?

    enum CodingKeys: String, CodingKey {
        case seq, at, boot, up, kind, terminal, pin, time, verify
        case verifyNumber = "verify_no"
        case state
        case stateNumber = "state_no"
        case work, via, raw, reason, device
        case offsetMilliseconds = "offset_ms"
        case errorMilliseconds = "error_ms"
        case hostSynced = "host_synced"
        case event, detail
        case fromTime = "from_time"
        case through, records, file
    }

    /// - Returns: nil if the line cannot be understood at all.
    public init?(line: some Collection<UInt8>) {
        if let fields = EntryFields(plain: line) {
            self = fields
            return
        }
        guard let fields = try? WireJSON.decode(EntryFields.self, fromOutside: line) else {
            return nil
        }
        self = fields
    }

    /// The punch this line tells of; nil if it tells of none, or not clearly.
    public var punch: (terminal: TerminalID, punch: Punch, via: PunchSource)? {
        guard kind == "punch", let terminal, let pin, let time,
            let terminal = try? TerminalID(terminal), let pin = try? Pin(fromEntry: pin),
            let time = WallTime(time)
        else { return nil }
        let punch = Punch(
            pin: pin, time: time,
            verify: verify.flatMap(VerifyMethod.init) ?? .other,
            verifyNumber: verifyNumber ?? 0,
            state: state.flatMap(PunchState.init) ?? .other,
            stateNumber: stateNumber ?? 0,
            workCode: work ?? 0, raw: raw.flatMap([UInt8].init(hex:)))
        return (terminal, punch, via.flatMap(PunchSource.init) ?? .live)
    }
}

extension Pin {
    /// Reads the PIN of an entry, where `#17` is a slot.
    init(fromEntry text: String) throws(InvalidValue) {
        if text.hasPrefix("#"), let slot = Int(text.dropFirst()), slot >= 0 {
            self.init(slot: slot)
        } else {
            try self.init(text)
        }
    }
}
