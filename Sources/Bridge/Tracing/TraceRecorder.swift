public import Attendance
import Synchronization
public import TerminalKit

/// Writes down a talk with a terminal so that it can be shown, decoded and replayed.
public struct TraceRecorder: Sendable {
    /// What is asked after the greeting, in this order; a file names what its talk has.
    public enum Question: String, Hashable, Sendable, CaseIterable {
        case identity
        case clock
        case counters
        case log
        case live
    }

    /// A recorded talk, not cleaned yet.
    public struct Recording: Sendable {
        public let talk: Talk
        public var identity: TerminalIdentity?
        public var asked: [Question] = []
        public var punches = 0
        /// What ended the talk before its end: that is worth recording most of all.
        public var problem: Problem?
    }

    private let questions: [Question]
    private let duration: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - readsLog: The whole log is read.
    ///   - duration: How long to wait for live punches; zero for none.
    ///   - now: The clock that ends the waiting.
    public init(
        readsLog: Bool, live duration: Duration = .zero,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        var questions: [Question] = [.identity, .clock, .counters]
        if readsLog { questions.append(.log) }
        if duration > .zero { questions.append(.live) }
        self.questions = questions
        self.duration = duration
        self.now = now
    }

    /// Talks and writes. Never throws: a talk that fails is a recording too.
    public func record(_ driver: any TerminalDriver, over link: any Link) async -> Recording {
        let lines = Mutex<[String]>([])
        let recording = RecordingLink(link) { line in lines.withLock { $0.append(line) } }
        var result = Recording(talk: Talk(steps: []))
        do {
            try await driver.talk(over: recording) { session in
                for question in questions {
                    result.asked.append(question)
                    try await ask(question, session, &result)
                }
            }
        } catch {
            result.problem = Problem(explaining: error)
        }
        let text = lines.withLock { $0.joined(separator: "\n") }
        let talk = (try? Talk(parsing: text)) ?? Talk(steps: [])
        var whole = Recording(talk: talk)
        whole.identity = result.identity
        whole.asked = result.asked
        whole.punches = result.punches
        whole.problem = result.problem
        return whole
    }

    private func ask(
        _ question: Question, _ session: any TerminalSession, _ result: inout Recording
    ) async throws {
        switch question {
        case .identity: result.identity = try await session.identify()
        case .clock: _ = try await session.readClock()
        case .counters: _ = try await session.counters()
        case .log:
            var count = 0
            let read = try await session.readLog(from: nil) { count += $0.records.count }
            result.punches += count
            guard read.isComplete else {
                throw DriverError.incomplete(received: read.received, expected: read.total)
            }
        case .live:
            let end = now() + duration
            while now() < end, !Task.isCancelled {
                let punches = try await session.nextLive(
                    within: max(.milliseconds(1), now().duration(to: end)))
                result.punches += punches.count
            }
        }
    }
}

/// What `titian trace record` writes at the head of a file.
public struct TraceHeader {
    private let fields: [(name: String, value: String)]

    /// - Parameters:
    ///   - recording: What was recorded.
    ///   - make: The driver's name.
    ///   - line: `serial`, `usb`, `tcp` or `udp`.
    ///   - options: What the driver was told; keys are never written.
    ///   - redaction: What was taken out.
    ///   - version: Of this program.
    ///   - time: The host's clock.
    public init(
        _ recording: TraceRecorder.Recording, make: String, line: String, options: DriverOptions,
        redaction: Redaction, version: String, time: UTCTime
    ) {
        let identity = recording.identity
        var fields = [("Talk", "titian 1"), ("Make", make), ("Line", line)]
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { fields.append((name, value)) }
        }
        add("Model", identity?.model)
        add("Firmware", identity?.firmware)
        add("Board", identity?.platform)
        add("Terminal", redaction.inventsSerials ? nil : identity?.id.description)
        add("Serial number", redaction.inventsSerials ? nil : options.serialNumber)
        add("Station", options.station.map { "\($0)" })
        add("Record size", options.recordSize.map { "\($0)" })
        add("Key", (options.commKey ?? 0) == 0 ? nil : "replaced")
        add("Asked", recording.asked.map(\.rawValue).joined(separator: " "))
        add("Ended", recording.problem?.code)
        add("Recorded", "\(time) by titian \(version)")
        let gone =
            ["keys", "names"] + (redaction.inventsPins ? ["pins"] : [])
            + (redaction.inventsSerials ? ["serial numbers"] : [])
        add("Taken out", gone.joined(separator: ", "))
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    public func file(_ talk: Talk) -> TalkFile { TalkFile(header: fields, talk: talk) }
}
