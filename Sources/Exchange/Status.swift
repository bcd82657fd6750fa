/// How a bridge and its terminals are, as the header of every call carries it.
///
/// Keys are a promise (`docs/reference/journal.md`): they are added, never changed. Times are
/// UTC texts as in entries.
public struct BridgeStatus: Hashable, Sendable, Codable {
    public var version: String
    public var office: String
    public var hostname: String
    /// When `titiand` started.
    public var startedAt: String
    /// Entries that wait for a receipt, and when the oldest of them was written.
    public var queue: Int
    public var oldestUnsent: String?
    /// Journal and state directory: bytes used by us, bytes free, and total bytes of the disk.
    public var journalBytes: Int64
    public var diskFree: Int64
    public var diskTotal: Int64
    public var hostSynced: Bool
    /// Host minus centre at the last answer, in milliseconds, with its error.
    public var hostOffsetMilliseconds: Int64?
    public var hostErrorMilliseconds: Int64?
    public var terminals: [TerminalStatus]

    enum CodingKeys: String, CodingKey {
        case version, office, hostname
        case startedAt = "started_at"
        case queue
        case oldestUnsent = "oldest_unsent"
        case journalBytes = "journal_bytes"
        case diskFree = "disk_free"
        case diskTotal = "disk_total"
        case hostSynced = "host_synced"
        case hostOffsetMilliseconds = "host_offset_ms"
        case hostErrorMilliseconds = "host_error_ms"
        case terminals
    }

    public init(version: String, office: String, hostname: String, startedAt: String) {
        self.version = version
        self.office = office
        self.hostname = hostname
        self.startedAt = startedAt
        queue = 0
        journalBytes = 0
        diskFree = 0
        diskTotal = 0
        hostSynced = false
        terminals = []
    }
}

extension BridgeStatus {
    /// More than this one box cannot read.
    static let mostTerminals = 128

    /// Reads what came in a header: the terminals one after the other, the first
    /// ``mostTerminals`` of them.
    init(fromOutside bytes: ArraySlice<UInt8>) throws {
        var rest = [UInt8(ascii: "{")]
        rest.reserveCapacity(bytes.count + 32)
        var list: ArraySlice<UInt8> = []
        let isObject = ShallowJSON.members(of: bytes) { name, value in
            if name.elementsEqual("terminals".utf8) {
                list = value
            } else {
                rest += "\"".utf8 + name + "\":".utf8 + value + ",".utf8
            }
        }
        rest += "\"terminals\":[]}".utf8
        self = try WireJSON.decode(BridgeStatus.self, fromOutside: rest)
        let terminals = try Self.terminals(in: list)
        guard isObject, let terminals else { throw EnvelopeError.notOurs("the status is cut") }
        self.terminals = terminals
    }

    /// - Returns: nil if this is no list.
    private static func terminals(in list: ArraySlice<UInt8>) throws -> [TerminalStatus]? {
        var elements: [ArraySlice<UInt8>] = []
        let isList = ShallowJSON.elements(of: list) {
            if elements.count < mostTerminals { elements.append($0) }
        }
        guard isList else { return nil }
        return try elements.map { try WireJSON.decode(TerminalStatus.self, fromOutside: $0) }
    }
}

/// How one configured terminal is.
public struct TerminalStatus: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Not reached since the daemon started.
        case starting
        case online
        case lost
        /// It answers, but its log cannot be read: wrong key, other make, unsupported.
        case blocked
    }

    /// The label in the configuration.
    public var name: String
    public var driver: String
    /// The address without anything secret.
    public var link: String
    /// `make:serial`, once the terminal has said who it is.
    public var terminal: String?
    public var model: String?
    public var firmware: String?
    public var state: State
    /// Since when it is in this state.
    public var since: String
    /// The code, and the sentence in both languages, of what is wrong.
    public var problem: StatusProblem?
    public var lastContact: String?
    public var lastRead: String?
    public var records: Int?
    public var recordCapacity: Int?
    public var users: Int?
    /// Terminal minus host, in milliseconds, with its error and when it was measured.
    public var offsetMilliseconds: Int64?
    public var errorMilliseconds: Int64?
    public var clockAt: String?
    public var coverage: CoverageStatus?
    /// Punches stored since the daemon started.
    public var newPunches: Int

    enum CodingKeys: String, CodingKey {
        case name, driver, link, terminal, model, firmware, state, since, problem
        case lastContact = "last_contact"
        case lastRead = "last_read"
        case records
        case recordCapacity = "record_capacity"
        case users
        case offsetMilliseconds = "offset_ms"
        case errorMilliseconds = "error_ms"
        case clockAt = "clock_at"
        case coverage
        case newPunches = "new_punches"
    }

    public init(name: String, driver: String, link: String, state: State, since: String) {
        self.name = name
        self.driver = driver
        self.link = link
        self.state = state
        self.since = since
        newPunches = 0
    }
}

extension TerminalStatus {
    /// Since when every read has found a log without records; nil if it holds some.
    ///
    /// One that was filled and cleared between two reads looks the same, so the stretch of coverage
    /// that began then has no length until there is a record again.
    public var emptySince: String? {
        guard records == 0, let coverage, coverage.from == coverage.through else { return nil }
        return coverage.through
    }
}

/// What is wrong, with its stable code and a sentence in both languages.
public struct StatusProblem: Hashable, Sendable, Codable {
    public var code: String
    public var id: String
    public var en: String
    /// The part of the sentence that says what to do; nil from an older daemon.
    public var remedyIndonesian: String?
    public var remedyEnglish: String?

    enum CodingKeys: String, CodingKey {
        case code, id, en
        case remedyIndonesian = "remedy_id"
        case remedyEnglish = "remedy_en"
    }

    public init(code: String, id: String, en: String) {
        self.code = code
        self.id = id
        self.en = en
    }
}

/// The newest stretch of a terminal's log known to be complete, and the entry it rests on.
///
/// It means nothing to the centre before the journal is there through `seq`: the punches it
/// speaks of may still wait in the queue.
public struct CoverageStatus: Hashable, Sendable, Codable {
    public var from: String
    public var through: String
    public var seq: Int64

    public init(from: String, through: String, seq: Int64) {
        self.from = from
        self.through = through
        self.seq = seq
    }
}
