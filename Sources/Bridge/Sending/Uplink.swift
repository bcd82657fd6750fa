import Attendance
public import Exchange
public import Journal
public import Logging

/// Carries what waits in the journal to the centre, as long as it runs.
///
/// Nothing here has to survive: what was sent is known by the receipts on disk, and a batch sent
/// twice is counted once. An answer is believed only if the centre's key signed its receipt.
///
/// The centre's answers lead to four reactions and no others: *acked*, *wait*, *fix identity*,
/// *start a new journal*.
public actor Uplink {
    /// Posts a call's bytes, compressed or not; ``HTTPS`` in life.
    public typealias Post = @Sendable (_ body: [UInt8], _ isGzip: Bool) async throws -> HTTPAnswer
    /// Posts again once the pins have changed.
    public typealias Connect = @Sendable (Enrolment) throws -> Post

    /// What one call may carry at most.
    struct Limits {
        static let entries = 5_000
        static let bytes = 3 << 20
        /// However bad the line is, a batch brings so many.
        static let fewest = 20
        static let live = 200
        /// Above the time limit of a call (``CurlSession``).
        static let time = Duration.seconds(620)
    }

    let journal: Journal
    let key: SigningKey
    let settings: Configuration.Server
    let host: Host
    let boot: Int64
    let report: @Sendable () async -> BridgeStatus
    let logger: Logger
    private let connect: Connect
    private let expect: @Sendable (Duration) -> Void
    private let keepEnrolment: @Sendable (Enrolment) throws -> Void
    private let clock: any Clock<Duration>

    private var enrolment: Enrolment
    private var post: Post?
    private var schedule: RetrySchedule
    private var random: any RandomNumberGenerator & Sendable
    private(set) var status: SyncStatus

    private var batchEntries = Limits.entries
    private var sendFrom: Int64?
    private var lastCall: Int64 = 0
    /// Punches through here were announced by a call that was answered, and by the one under way.
    private var liveThrough: Int64 = 0
    private var liveAsked: Int64 = 0
    private var statusChangedSince = true
    private let bell = Bell()

    /// - Parameters:
    ///   - clock: Measures the waits.
    ///   - enrolment: The centre and its keys.
    ///   - host: The box and its clocks.
    ///   - journal: What waits, and where receipts are kept.
    ///   - key: The bridge's key.
    ///   - logger: Where the few lines of the log go.
    ///   - random: Where jitter comes from.
    ///   - settings: The section `[server]` of the configuration.
    ///   - keep: Puts a changed enrolment (new pins) on disk before it is used.
    ///   - connect: Makes the line to the centre that an enrolment names.
    ///   - boot: The journal's number of this start of the box.
    ///   - report: How the bridge is, for the header of each call.
    ///   - expect: Told before each step how long it may take at most.
    public init(
        journal: Journal, key: SigningKey, enrolment: Enrolment, settings: Configuration.Server,
        host: Host, boot: Int64, logger: Logger, clock: any Clock<Duration> = ContinuousClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        keep: @escaping @Sendable (Enrolment) throws -> Void,
        connect: Connect? = nil,
        expect: @escaping @Sendable (Duration) -> Void = { _ in },
        report: @escaping @Sendable () async -> BridgeStatus
    ) {
        self.journal = journal
        self.key = key
        self.enrolment = enrolment
        self.settings = settings
        self.host = host
        self.boot = boot
        self.logger = logger
        self.clock = clock
        self.random = random
        keepEnrolment = keep
        self.connect = connect ?? Self.overHTTPS(through: settings.proxy)
        self.expect = expect
        self.report = report
        schedule = RetrySchedule(base: settings.retryBase)
        status = SyncStatus(state: .idle, centre: enrolment.url)
    }

    /// The line of life: HTTPS to the enrolment's address, trusting its pins alone.
    public static func overHTTPS(through proxy: Configuration.Proxy? = nil) -> Connect {
        { enrolment in
            let https = try HTTPS(origin: enrolment.url, pins: enrolment.pins, through: proxy)
            return { body, isGzip in
                try await https.post(
                    "/api/v1/sync", body: body, contentType: "application/x-ndjson",
                    isGzip: isGzip, caller: enrolment.bridge)
            }
        }
    }

    // MARK: Ringing

    /// Something new is on disk.
    public nonisolated func nudge() { bell.ring(.entries) }

    /// The status to report has changed; it goes with the next call, which comes soon.
    public nonisolated func statusChanged() { bell.ring(.status) }

    /// Calls at once, whatever the schedule says.
    public nonisolated func callNow() { bell.ring(.now) }

    /// How sending goes.
    public func syncStatus() -> SyncStatus { status }

    // MARK: Running

    /// Sends until the task is cancelled. Never throws: whatever happens, entries wait on disk.
    public func run() async {
        var wait = Duration.zero
        while !Task.isCancelled {
            if wait > .zero { await rest(for: wait) }
            guard !Task.isCancelled else { return }
            do {
                try await drain()
                status.state = .idle
                wait = settings.heartbeat
            } catch is CancellationError {
                return
            } catch {
                wait = failed(error)
            }
            // Also after a call that failed: months without a line are when it is held the longest.
            Heap.giveBack()
        }
    }

    /// Waits until it is time for the next call, or until something worth one happens.
    private func rest(for wait: Duration) async {
        let end = clock.now(advancedBy: wait)
        while !Task.isCancelled, let left = clock.left(until: end) {
            expect(left)
            let reason = await bell.wait(atMost: left, on: clock)
            switch reason {
            case .now: return
            case .entries where schedule.failures == 0: return
            case .status where schedule.failures == 0:
                statusChangedSince = true
                return
            case .status: statusChangedSince = true
            case .entries, nil: continue
            }
        }
    }

    /// Sends until nothing waits; at least one call is made.
    private func drain() async throws {
        var calls = 0
        repeat {
            try Task.checkCancellation()
            expect(Limits.time)
            let batch = try await journal.outbox(
                from: sendFrom, maxEntries: batchEntries, maxBytes: Limits.bytes)
            guard batch != nil || calls == 0 else { return }
            CrashPoint.batchRead.reached()
            status.calling(again: schedule.failures > 0)
            try await call(with: batch)
            calls += 1
        } while true
    }

    private func failed(_ error: any Error) -> Duration {
        let isFirst = schedule.failures == 0
        let problem = Problem(explaining: error)
        var generator = AnyGenerator(base: random)
        let retryAfter = (error as? Refusal)?.retryAfter
        let wait = schedule.failed(retryAfter: retryAfter, using: &generator)
        random = generator.base
        let next = host.now().advanced(byMilliseconds: Int64(wait.seconds * 1_000))
        status.failed(problem, at: host.now(), next: next)
        status.state = (error as? Refusal)?.state ?? .waiting
        if isFirst {
            logger.warning(
                "no receipt from the centre; entries wait on disk",
                metadata: [
                    "code": "\(problem.code)", "reason": "\(problem.summary.english)",
                ])
        }
        return wait
    }

    // MARK: One call

    private func call(with batch: Outgoing?) async throws {
        let asked = host.now()
        let body = try await envelope(batch)
        CrashPoint.batchSealed.reached()
        let answer = try await deliver(body, batch)
        CrashPoint.batchAnswered.reached()
        guard answer.status == 200 else { return try await refused(answer, batch) }
        guard let decoded = try? WireJSON.decode(SyncAnswer.self, fromOutside: answer.body),
            let (receipt, followed) = enrolment.receipt(in: decoded, orOf: true)
        else { throw SyncError.badAnswer(enrolment.url, reason: "receipt") }
        try follow(followed)
        CrashPoint.receiptVerified.reached()
        // What no call has brought is announced again: calls that fail make up a dead line.
        liveThrough = max(liveThrough, liveAsked)
        try await keep(receipt, text: decoded.receipt)
        // A receipt from before this batch, however true it is, says nothing of it.
        if let batch, receipt.ackedThrough < batch.first {
            throw SyncError.badAnswer(enrolment.url, reason: "old receipt")
        }
        reached()
        status.answered(receipt, asked: asked, answered: host.now())
        statusChangedSince = false
        sendFrom = await next(after: receipt, to: batch)
        batchEntries = min(batchEntries * 2, Limits.entries)
        try adopt(pins: receipt.nextPins)
    }

    /// Waits begin short again, also if the next call fails: what gets on is no outage.
    private func reached() {
        if schedule.failures > 0 { logger.notice("centre reached again") }
        schedule.succeeded()
        status.state = .sending
    }

    /// A receipt for this journal that does not fit it is the centre's word that the journal has gone
    /// back: what it has received is not here.
    private func keep(_ receipt: Receipt, text: SignedText) async throws {
        do {
            try await journal.keep(receipt, text: text)
        } catch JournalError.receiptMismatch(let seq) where receipt.journal == "\(journal.id)" {
            await journal.fork("the centre has entry \(seq) of it")
            throw Refusal(error: .refused(.forked), state: .forked, retryAfter: nil)
        }
    }

    /// Where to go on. A centre that was restored from a backup is behind its own receipts, and
    /// gets everything from there again; one that does not get on is asked again later.
    private func next(after receipt: Receipt, to batch: Outgoing?) async -> Int64? {
        let known = await journal.ackedThrough
        guard let batch, receipt.ackedThrough >= batch.last, receipt.ackedThrough < known else {
            return nil
        }
        return receipt.ackedThrough + 1
    }

    private func deliver(_ body: [UInt8], _ batch: Outgoing?) async throws -> HTTPAnswer {
        let post = try post ?? connect(enrolment)
        self.post = post
        let compressed = Gzip.compress(body)
        do {
            return try await post(compressed ?? body, compressed != nil)
        } catch SyncError.brokeOff(let url, let reason) {
            // A line that carries so much and no more would never carry the same batch.
            batchEntries = max(Limits.fewest, min(batchEntries, batch?.count ?? batchEntries) / 4)
            throw SyncError.brokeOff(url, reason: reason)
        }
    }

    private func envelope(_ batch: Outgoing?) async throws -> [UInt8] {
        let end = await journal.end
        // A clock that only grows within one start of the box, so no counter has to be kept.
        lastCall = max(lastCall + 1, host.uptime())
        let last = batch?.last ?? end.next - 1
        let live = try await journal.newestPunches(
            after: max(last, liveThrough), limit: Limits.live)
        liveAsked = live.isEmpty ? 0 : end.next - 1
        let header = Envelope.Header(
            journal: journal.id, key: key.verifying, first: batch?.first ?? end.next,
            count: batch?.count ?? 0, prev: batch?.prev ?? end.prev, boot: boot,
            n: lastCall, status: await report(), live: live, forgotten: batch?.forgottenCount,
            proof: try await proof(for: batch))
        return try Envelope.seal(header, lines: batch?.wire ?? [], key: key)
    }

    private func proof(for batch: Outgoing?) async throws -> SignedText? {
        guard let batch else { return nil }
        return try await journal.proof(for: batch)
    }

    /// The centre's new key is on disk before a receipt of it is.
    private func follow(_ followed: Enrolment) throws {
        guard followed != enrolment else { return }
        try keepEnrolment(followed)
        enrolment = followed
        logger.notice(
            "the centre signs with another key", metadata: ["key": "\(followed.centreKey)"])
    }

    /// New pins are on disk before the next call trusts them.
    private func adopt(pins: [String]) throws {
        guard !pins.isEmpty, pins != enrolment.pins else { return }
        var changed = enrolment
        changed.pins = pins
        try keepEnrolment(changed)
        CrashPoint.pinsKept.reached()
        enrolment = changed
        post = nil
    }

    private func refused(_ answer: HTTPAnswer, _ batch: Outgoing?) async throws {
        let document = try? WireJSON.decode(ProblemDocument.self, fromOutside: answer.body)
        let code = document.flatMap { SyncProblem(rawValue: $0.code) }
        switch code {
        case .gap:
            // Sent again from where the centre asks, at once, but not for ever.
            guard let wanted = document?.sendFrom, wanted >= 1, sendFrom != wanted else { break }
            sendFrom = wanted
            return
        case .tooLarge where batchEntries > 1 && (batch?.count ?? 0) > 1:
            batchEntries = max(1, (batch?.count ?? batchEntries) / 2)
            return
        default: break
        }
        sendFrom = nil
        if code?.reaction == .startNewJournal {
            await journal.fork("the centre has other entries")
        }
        throw Refusal(
            error: SyncError(refusal: answer, from: enrolment.url),
            state: Self.state(after: code?.reaction ?? .wait), retryAfter: answer.retryAfter)
    }

    private static func state(after reaction: SyncReaction) -> SyncStatus.State {
        switch reaction {
        case .fixIdentity: .refused
        case .startNewJournal: .forked
        case .wait, .acked: .waiting
        }
    }
}

/// An answer that is no receipt, and what follows from it.
private struct Refusal: Explained {
    let error: SyncError
    let state: SyncStatus.State
    let retryAfter: Int?

    var problem: Problem { error.problem }
}

/// Lets a stored generator be drawn from.
private struct AnyGenerator: RandomNumberGenerator {
    var base: any RandomNumberGenerator & Sendable
    mutating func next() -> UInt64 { base.next() }
}

extension Clock where Duration == Swift.Duration {
    fileprivate func now(advancedBy wait: Duration) -> any InstantProtocol {
        now.advanced(by: wait)
    }
}

extension Clock {
    /// What is left until `end`, an instant of this clock; nil once it has passed.
    fileprivate func left(until end: any InstantProtocol) -> Duration?
    where Duration == Swift.Duration {
        guard let end = end as? Instant else { return nil }
        let left = now.duration(to: end)
        return left > .zero ? left : nil
    }
}
