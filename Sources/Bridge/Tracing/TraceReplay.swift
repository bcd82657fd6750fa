public import Attendance
public import TerminalKit

/// Runs a driver against a recorded talk, as if the terminal stood there; time costs nothing.
public struct TraceReplay: Sendable {
    /// What the driver made of the talk.
    public struct Result: Sendable {
        public var identity: TerminalIdentity?
        public var clock: WallTime?
        public var counters: LogCounters?
        public var records: [LogRecord] = []
        public var live: [Punch] = []
        public var read: LogRead?
        public var problem: Problem?
        public var divergence: ReplayLink.Divergence?
        /// Steps played, of how many.
        public var played = 0
        public var steps = 0

        public var oddities: Int {
            records.count { if case .oddity = $0 { true } else { false } }
        }

        /// The talk was played to its end and nothing went wrong that did not go wrong then.
        public var isWhole: Bool { divergence == nil && played == steps }
    }

    private let file: TalkFile
    private let driver: any TerminalDriver

    /// - Parameters:
    ///   - file: A talk; its header says over what line and with what options.
    ///   - make: The driver's name; nil to take the header's.
    /// - Returns: nil if there is no such driver.
    public init?(_ file: TalkFile, driver make: String?) {
        var options = DriverOptions()
        options.station = file["Station"].flatMap { UInt32($0) }
        options.recordSize = file["Record size"].flatMap { Int($0) }
        options.serialNumber = file["Serial number"]
        if file["Key"] != nil { options.commKey = Redaction.key }
        guard let make = make ?? file["Make"],
            let driver = KnownDrivers.driver(named: make, options: options)
        else { return nil }
        self.file = file
        self.driver = driver
    }

    public func run() async -> Result {
        let link = ReplayLink(file.talk, isDatagram: file["Line"] == "udp")
        var result = Result()
        do {
            try await driver.talk(over: link) { session in
                for question in questions { try await ask(question, session, link, &result) }
            }
        } catch {
            result.problem = Problem(explaining: error)
        }
        result.divergence = link.divergence
        result.played = link.played
        result.steps = file.talk.steps.count
        return result
    }

    private var questions: [TraceRecorder.Question] {
        guard let asked = file["Asked"] else { return [.identity, .clock, .counters, .log] }
        return asked.split(separator: " ").compactMap {
            TraceRecorder.Question(rawValue: String($0))
        }
    }

    private func ask(
        _ question: TraceRecorder.Question, _ session: any TerminalSession, _ link: ReplayLink,
        _ result: inout Result
    ) async throws {
        switch question {
        case .identity: result.identity = try await session.identify()
        case .clock: result.clock = try await session.readClock()
        case .counters: result.counters = try await session.counters()
        case .log:
            var records: [LogRecord] = []
            defer { result.records = records }
            let read = try await session.readLog(from: nil) { records += $0.records }
            result.read = read
            guard read.isComplete else {
                throw DriverError.incomplete(received: read.received, expected: read.total)
            }
        case .live:
            // What is left ends with a good-bye, which is said, not heard.
            repeat {
                result.live += try await session.nextLive(within: .seconds(1))
            } while link.hasMoreToHear
        }
    }
}
