internal import Attendance
import TerminalKit

/// A talk with the small web server of an older ZKTeco terminal (`/iWsService`).
///
/// There are two questions, for the log and for the clock; nothing else is implemented, and
/// neither changes anything. The server has no counter and always gives the whole log, so a read
/// counts as complete when it came to its end and the next one agrees.
///
/// Source: docs/reference/protocols/zkteco-push.md, "SOAP".
final class SoapSession: TerminalSession {
    /// An old board with a full log takes long before it says anything.
    static let patience = Duration.seconds(60)
    private static let page = 1_000

    private let link: any Link
    private let options: DriverOptions
    /// The newest log that a second reading agreed with.
    private var confirmed: [UInt64] = []

    init(_ link: any Link, options: DriverOptions) {
        self.link = link
        self.options = options
    }

    /// The server tells no serial number: who it is, the configuration says.
    func identify() async throws -> TerminalIdentity {
        guard let serial = options.serialNumber,
            let id = try? TerminalID(make: ZKTecoDriver.make, serial: serial)
        else { throw DriverError.serialMissing(seen: "web service") }
        return TerminalIdentity(id: id, serial: serial)
    }

    func readClock() async throws -> WallTime {
        let answer = try await ask("<GetDate>\(key)</GetDate>")
        let text = String(decoding: answer.body.prefix(4_096), as: UTF8.self)
        guard let date = SoapRows.value(of: "Date", in: text),
            let clock = SoapRows.value(of: "Time", in: text)
        else { throw DriverError.refused(question: "clock", code: answer.status) }
        guard let time = WallTime("\(date) \(clock)") else {
            throw DriverError.garbled(
                what: "a clock with an impossible date", bytes: Array(answer.body.prefix(64)))
        }
        return time
    }

    func counters() async throws -> LogCounters { LogCounters() }

    // MARK: Punches

    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let (log, isComplete) = try await readTwice()
        // A position that was made over the other protocol proves nothing here.
        let known = position.flatMap { $0.recordSize == 0 ? $0 : nil }
        let proven = known.flatMap { $0.end(in: log.hashes) }
        let start = proven ?? 0
        let end = log.rows.count
        for first in stride(from: start, to: end, by: Self.page) {
            let last = min(first + Self.page, end)
            let records = log.rows[first..<last].map(SoapRows.record)
            // How far was read is known only of a log that is whole.
            let place =
                log.isWhole && last == end
                ? LogPosition(count: end, recordSize: 0, proof: log.hashes) : nil
            try await keep(LogPage(records: records, position: place))
        }
        return LogRead(
            extent: proven == nil ? .full : start == end ? .unchanged : .tail,
            received: end - start, total: end, isComplete: isComplete,
            lostPosition: known != nil && proven == nil && log.isWhole)
    }

    /// Reads once more unless the log is the one that two readings have agreed on already.
    private func readTwice() async throws -> (log: SoapLog, isComplete: Bool) {
        let first = try await readOnce()
        if first.isWhole, first.hashes == confirmed { return (first, true) }
        let second = try await readOnce()
        let isComplete = first.isConfirmed(by: second)
        if isComplete { confirmed = second.hashes }
        let isSecondBetter = second.isWhole || second.rows.count >= first.rows.count
        return (isSecondBetter ? second : first, isComplete)
    }

    private func readOnce() async throws -> SoapLog {
        let answer = try await ask(
            "<GetAttLog>\(key)<Arg><PIN xsi:type=\"xsd:integer\">All</PIN></Arg></GetAttLog>")
        let log = SoapLog(answer)
        guard !log.rows.isEmpty else {
            // A wrong key is answered with nothing, and so is the question for an empty log.
            if answer.body.isEmpty || log.isWhole { throw DriverError.emptyOrWrongKey }
            throw DriverError.garbled(
                what: "a log without a row", bytes: Array(answer.body.prefix(64)))
        }
        return log
    }

    /// There are no live events.
    func nextLive(within limit: Duration) async throws -> [Punch] { [] }

    func close() async {}

    // MARK: Asking

    private var key: String {
        "<ArgComKey xsi:type=\"xsd:integer\">\(options.commKey ?? 0)</ArgComKey>"
    }

    private func ask(_ question: String) async throws -> SoapAnswer {
        try await link.send(Array(question.utf8))
        let bytes = try await link.receive(within: Self.patience)
        guard let answer = SoapAnswer(bytes) else {
            throw DriverError.garbled(what: "no HTTP answer", bytes: Array(bytes.prefix(64)))
        }
        guard answer.status == 200 else {
            throw DriverError.unsupported(
                what: "another way than its web service", code: answer.status)
        }
        return answer
    }
}
