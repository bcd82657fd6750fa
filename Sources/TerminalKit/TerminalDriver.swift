public import Attendance

/// One make of terminal: how to begin a talk with it.
///
/// A driver opens no lines, keeps no clock, stores nothing and never retries a whole task; the
/// bridge does that, the same for every make.
public protocol TerminalDriver: Sendable {
    /// The make as it stands in a `TerminalID`: `zkteco`, `anviz`.
    var make: String { get }

    /// Begins a talk over a line that has just been opened.
    ///
    /// - Throws: ``LinkError`` if the line fails, ``DriverError`` if what answers is not this
    ///   make or refuses the key.
    func open(_ link: any Link) async throws -> any TerminalSession

    /// Says what recorded bytes of this make mean: a talk, or bare records.
    ///
    /// - Parameters:
    ///   - talk: What was recorded.
    ///   - found: Is given each thing as soon as it is known, so that a long recording needs
    ///     little memory.
    func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void)

    /// Takes keys, passwords, names and cards out of a recorded talk, so that it may be shown.
    ///
    /// Lengths stay and checksums are right: the talk can still be replayed.
    ///
    /// - Returns: nil if this make cannot do it; then the talk is given to nobody.
    func clean(_ talk: Talk, _ redaction: Redaction) -> Talk?
}

extension TerminalDriver {
    /// All that a recording holds, at once.
    public func decode(_ talk: Talk) -> [DecodedItem] {
        var items: [DecodedItem] = []
        decode(talk) { items.append($0) }
        return items
    }

    public func clean(_ talk: Talk, _ redaction: Redaction) -> Talk? { nil }

    /// Speaks over a line, and ends with a good-bye whatever goes wrong: a terminal may wait for one, and
    /// one was seen to restart without. The line stays open.
    public func talk<Result>(
        over link: any Link, _ body: (any TerminalSession) async throws -> Result
    ) async throws -> Result {
        let session = try await open(link)
        do {
            let result = try await body(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }
}

/// A talk with one terminal, from greeting to good-bye.
///
/// A session belongs to one task. Every method asks; none changes the terminal, except that
/// ``readLog(from:keep:)`` confirms what has been kept where ``ConfirmPolicy`` says so.
public protocol TerminalSession: AnyObject {
    /// Who the terminal says it is.
    func identify() async throws -> TerminalIdentity

    /// The terminal's clock, as it shows it.
    func readClock() async throws -> WallTime

    /// What the terminal says it holds.
    func counters() async throws -> LogCounters

    /// Reads the log, or what is new in it since `position`.
    ///
    /// `keep` returns when the page is on disk; only then may anything be confirmed. If `keep`
    /// throws, nothing is confirmed and the error passes through.
    ///
    /// - Parameters:
    ///   - keep: Returns when a page is on disk.
    ///   - position: Where the last read ended, or nil to read everything. A position
    ///     that the terminal's own log does not prove any more means that everything is read.
    /// - Throws: ``LinkError``, ``DriverError``, or what `keep` throws. Punches in pages kept
    ///   before are true all the same.
    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead

    /// Waits for live punches; those that came in the middle of another talk come first.
    ///
    /// The first call asks the terminal for live events, where the make has to be asked.
    ///
    /// - Returns: No punch if the time ran out, or if this terminal has no live events.
    func nextLive(within limit: Duration) async throws -> [Punch]

    /// Ends the talk as the make wants it ended; never throws and never takes long. The line
    /// itself stays open.
    func close() async
}

/// When a terminal is told that its punches are safe.
public enum ConfirmPolicy: String, Hashable, Sendable, CaseIterable {
    /// Never: the terminal's log stays as it is. The default everywhere.
    case never
    /// Clear the "new" flags of exactly the punches on disk (Anviz).
    case flags
    /// Delete the oldest record once it is on disk (SOYAL).
    case deleteOldest = "delete-oldest"
}

/// What a driver may be told about a terminal beyond its line.
public struct DriverOptions: Hashable, Sendable {
    /// The communication key set on the terminal; nil or 0 if none.
    public var commKey: UInt32?
    public var confirm = ConfirmPolicy.never
    /// The number of the terminal on its line (Anviz, SOYAL); nil to let it answer for itself.
    public var station: UInt32?
    /// The length of a log record in bytes, where it cannot be found out (ZKTeco).
    public var recordSize: Int?
    /// How long a line must have been quiet before it is talked on: half-duplex lines need time to
    /// turn round, and one station must not talk into another's answer. Zero where that is no
    /// matter.
    public var turnaround = Duration.zero
    /// The serial number that the configuration says, for a make that cannot tell it (SOYAL).
    public var serialNumber: String?
    /// The line carries questions to the terminal's web server (ZKTeco's `/iWsService`).
    public var usesWebService = false

    public init() {}
}

/// Who a terminal says it is.
public struct TerminalIdentity: Hashable, Sendable {
    public let id: TerminalID
    /// The serial number as reported, before anything was added to tell dummies apart.
    public let serial: String
    /// Lower-case hexadecimal with colons, if the terminal tells.
    public let mac: String?
    public let model: String?
    public let firmware: String?
    /// The board, where the make has such a word: `ZEM560_TFT`.
    public let platform: String?
    /// The number the terminal gives itself on its line (Anviz), if it was heard.
    public let station: UInt32?

    public init(
        id: TerminalID, serial: String, mac: String? = nil, model: String? = nil,
        firmware: String? = nil, platform: String? = nil, station: UInt32? = nil
    ) {
        self.id = id
        self.serial = serial
        self.mac = mac
        self.model = model
        self.firmware = firmware
        self.platform = platform
        self.station = station
    }
}

/// What a terminal says it holds; nil where it does not say, or says nonsense.
public struct LogCounters: Hashable, Sendable {
    public var records: Int?
    public var recordCapacity: Int?
    /// Records never confirmed (Anviz).
    public var newRecords: Int?
    public var users: Int?
    public var userCapacity: Int?

    public init(
        records: Int? = nil, recordCapacity: Int? = nil, newRecords: Int? = nil,
        users: Int? = nil, userCapacity: Int? = nil
    ) {
        self.records = records
        self.recordCapacity = recordCapacity
        self.newRecords = newRecords
        self.users = users
        self.userCapacity = userCapacity
    }
}

extension LogCounters {
    /// Whether a log of `count` records is known to be full, so that a new one costs the oldest.
    public func areFull(at count: Int) -> Bool {
        recordCapacity.map { $0 > 0 && count >= $0 } ?? false
    }
}

/// One record of a log: a punch, or bytes that are none.
public enum LogRecord: Hashable, Sendable {
    case punch(Punch)
    case oddity(Oddity)
}

/// A stretch of a log in the terminal's own order.
public struct LogPage: Sendable {
    /// Records in a full page: few enough to leave memory small, where each is many times as large as
    /// on the wire; enough to make a flush of the disk cheap.
    public static let length = 1_000

    public let records: [LogRecord]
    /// Where the log has been read to once this page is kept; nil if only later pages can say.
    public let position: LogPosition?

    public init(records: [LogRecord], position: LogPosition?) {
        self.records = records
        self.position = position
    }
}

/// What a read found out about the whole log.
public struct LogRead: Hashable, Sendable {
    public enum Extent: String, Hashable, Sendable {
        /// The tail was looked at and nothing was new.
        case unchanged
        /// The position was proven and only what follows it was read.
        case tail
        /// Everything was read.
        case full
        /// Only the oldest record, because the others cannot be read while it is there (SOYAL).
        case oldest
    }

    public let extent: Extent
    /// Records received in this read, oddities included.
    public let received: Int
    /// Records the terminal holds, by the best evidence after the read.
    public let total: Int
    /// The terminal's counter agrees; or, where it says nothing, the declared size and two reads
    /// in a row do.
    public let isComplete: Bool
    /// The position that was given is not in the log any more: cleared, refilled, or a ring that
    /// went all the way round, or nearly.
    public let lostPosition: Bool
    /// Where the position is lost but the log is full and begins in the midst of its proof: the
    /// seconds that those known records reach over (``LogRemnant``).
    public let remnantSeconds: Int64?
    /// The read has removed every record itself: an empty log is one of which all was read.
    public let isDrained: Bool

    public init(
        extent: Extent, received: Int, total: Int, isComplete: Bool, lostPosition: Bool,
        remnantSeconds: Int64? = nil, isDrained: Bool = false
    ) {
        self.extent = extent
        self.received = received
        self.total = total
        self.isComplete = isComplete
        self.lostPosition = lostPosition
        self.remnantSeconds = remnantSeconds
        self.isDrained = isDrained
    }

    /// Nothing in such a log can show later that it was not filled and cleared in between.
    public var leavesNothing: Bool { total == 0 && !isDrained }
}
