import Attendance
import Exchange
import Foundation
import Journal
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Bridge

/// A centre that keeps lines in memory and answers as the contract says.
private final class Centre: Sendable {
    struct State {
        var lines: [[UInt8]] = []
        var calls = 0
        var script: [HTTPAnswer?] = []
        var largest = Int.max
        /// A line that breaks under more.
        var carries = Int.max
        var takesNothing = false
        var forgetsAnswer = false
        var signsWith: SigningKey?
        var nextPins: [String] = []
        /// Pins on the bridge's disk, and those each line was opened with.
        var keptPins: [String] = []
        var linePins: [[String]] = []
        var lives: [Int] = []
    }

    let key = SigningKey()
    let state = Mutex(State())

    /// - Throws: what a broken line throws, if the answer is to be lost.
    func take(_ body: [UInt8]) throws -> HTTPAnswer {
        let opened = try Envelope.open(body)
        return try state.withLock { state in
            state.calls += 1
            state.lives.append(opened.header.live.count)
            if !state.script.isEmpty, let planned = state.script.removeFirst() { return planned }
            guard opened.lines.count <= state.carries else {
                throw SyncError.brokeOff("https://centre", reason: "reset")
            }
            guard opened.lines.count <= state.largest else { return Self.problem(.tooLarge) }
            let have = Int64(state.lines.count)
            guard opened.header.first <= have + 1 else {
                return Self.problem(.gap, sendFrom: have + 1)
            }
            let known = Int(have - opened.header.first + 1)
            if !state.takesNothing {
                state.lines += opened.lines.dropFirst(known).map(Array.init)
            }
            if state.forgetsAnswer {
                state.forgetsAnswer = false
                throw SyncError.timeout("https://centre")
            }
            let receipt = Receipt(
                journal: try JournalID(opened.header.journal),
                ackedThrough: Int64(state.lines.count),
                head: state.takesNothing ? try ChainHash(opened.header.prev) : opened.head,
                safeThrough: 0,
                serverTime: UTCTime(milliseconds: 1_795_000_000_000), nextPins: state.nextPins)
            let answer = try SyncAnswer(receipt, key: state.signsWith ?? key)
            return HTTPAnswer(status: 200, body: try WireJSON.encode(answer))
        }
    }

    static func problem(
        _ code: SyncProblem, sendFrom: Int64? = nil, retryAfter: Int? = nil
    ) -> HTTPAnswer {
        let document = ProblemDocument(code, sendFrom: sendFrom)
        return HTTPAnswer(
            status: code.status, body: (try? WireJSON.encode(document)) ?? [],
            retryAfter: retryAfter)
    }
}

/// A clock whose sleeps end at once, so that waiting costs no time; it counts what was slept.
private final class HastyClock: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant
    private let slept = Mutex<Duration>(.zero)
    private let start = ContinuousClock.now

    var now: Instant { start.advanced(by: slept.withLock { $0 }) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        slept.withLock { $0 = max($0, start.duration(to: deadline)) }
        await Task.yield()
    }
}

@Suite struct `The uplink` {
    private func run(
        _ centre: Centre, entries: Int64 = 12,
        until done: @escaping @Sendable (JournalStatus, Centre.State, SyncStatus) -> Bool
    ) async throws {
        try await withTemporaryFolder { folder in
            let key = SigningKey()
            var random = SystemRandomNumberGenerator()
            let journal = try Journal(
                folder: folder.path, publicKey: key.verifying, using: &random)
            let terminal = try TerminalID("zkteco:BWXP20126001")
            let bodies: [EntryBody] = try (0..<entries).map {
                let punch = Punch(
                    pin: try Pin("17"), time: WallTime(seconds: 1_795_000_000 + $0),
                    verify: .finger, verifyNumber: 1, state: .checkIn, stateNumber: 0)
                return .punch(terminal, punch, via: .log)
            }
            try await journal.record(
                bodies, at: Moment(at: UTCTime(milliseconds: 1), boot: 1, up: 1))
            let enrolment = Enrolment(
                url: "https://centre", pins: ["sha256//old"],
                centreKey: centre.key.verifying.bytes.base64, office: "upt-contoh",
                zone: "Asia/Makassar", bridge: key.verifying.id, enrolledAt: "")
            let host = Host(
                now: { UTCTime(milliseconds: 1_795_000_000_500) }, uptime: { 42 }, bootID: "b",
                hostname: "kotak", isSynced: { true })
            let uplink = Uplink(
                journal: journal, key: key, enrolment: enrolment,
                settings: Configuration.Server(), host: host, boot: 1,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                clock: HastyClock(),
                keep: { enrolment in
                    let state = StateFolder(path: folder.path)
                    try enrolment.save(to: state)
                    let kept = try Enrolment.load(from: state)?.pins ?? []
                    centre.state.withLock { $0.keptPins = kept }
                },
                connect: { enrolment in
                    centre.state.withLock { $0.linePins.append(enrolment.pins) }
                    return { body, isGzip in
                        #expect(isGzip)
                        return try centre.take(try gunzip(body))
                    }
                },
                report: {
                    BridgeStatus(
                        version: "0", office: "upt-contoh", hostname: "kotak", startedAt: "")
                })
            let task = Task { await uplink.run() }
            for _ in 0..<200_000 {
                let state = centre.state.withLock { $0 }
                if done(try await journal.status(), state, await uplink.syncStatus()) { break }
                await Task.yield()
            }
            task.cancel()
            await task.value
            let state = centre.state.withLock { $0 }
            #expect(done(try await journal.status(), state, await uplink.syncStatus()))
        }
    }

    @Test func `delivers what waits and keeps the receipt`() async throws {
        let centre = Centre()
        try await run(centre) { journal, centre, _ in
            journal.queue == 0 && centre.lines.count == 12 && journal.receiptedPunches == 12
        }
    }

    @Test func `halves a batch that is too large until it fits`() async throws {
        let centre = Centre()
        centre.state.withLock { $0.largest = 2 }
        try await run(centre) { journal, centre, _ in
            journal.queue == 0 && centre.lines.count == 12
        }
    }

    @Test func `gets a queue over a line that breaks under large batches`() async throws {
        let centre = Centre()
        centre.state.withLock { $0.carries = 25 }
        try await run(centre, entries: 300) { journal, centre, _ in
            journal.queue == 0 && centre.lines.count == 300
        }
    }

    @Test func `takes a true receipt from before the batch for no answer, and waits`() async throws
    {
        let centre = Centre()
        centre.state.withLock { $0.takesNothing = true }
        try await run(centre) { journal, centre, sync in
            journal.queue == 12 && centre.calls >= 3 && sync.lastProblem?.code == "sync.bad-answer"
        }
    }

    @Test func `sends again what the centre has not`() async throws {
        let centre = Centre()
        centre.state.withLock { $0.script = [Centre.problem(.gap, sendFrom: 1)] }
        try await run(centre) { journal, centre, _ in journal.queue == 0 && centre.lines.count == 12
        }
    }

    /// Calls that fail make up a dead line, and the first that does not has this morning with it.
    @Test func `announces the newest punches until a call was answered, and then no more`()
        async throws
    {
        let centre = Centre()
        centre.state.withLock {
            $0.script = [Centre.problem(.busy), Centre.problem(.busy), Centre.problem(.busy)]
        }
        try await run(centre, entries: 10_050) { journal, centre, _ in
            journal.queue == 0 && centre.lives == [200, 200, 200, 200, 0, 0]
        }
    }

    @Test func `sends the same again when the answer was lost, and it counts once`() async throws {
        let centre = Centre()
        centre.state.withLock { $0.forgetsAnswer = true }
        try await run(centre) { journal, centre, _ in
            journal.queue == 0 && centre.lines.count == 12 && centre.calls >= 2
        }
    }

    @Test func `believes no receipt that another key signed`() async throws {
        let centre = Centre()
        centre.state.withLock { $0.signsWith = SigningKey() }
        try await run(centre) { journal, centre, sync in
            journal.queue == 12 && centre.calls >= 3 && sync.lastProblem?.code == "sync.bad-answer"
                && sync.lastReceiptAt == nil
        }
    }

    @Test func `waits while the centre is busy and then goes on`() async throws {
        let centre = Centre()
        centre.state.withLock { $0.script = [Centre.problem(.busy, retryAfter: 60), nil] }
        try await run(centre) { journal, centre, sync in
            journal.queue == 0 && sync.lastProblem == nil
        }
    }

    @Test func `says that the journal forked, and loses nothing`() async throws {
        let centre = Centre()
        centre.state.withLock {
            $0.script = Array(repeating: Centre.problem(.forked), count: 99_999)
        }
        try await run(centre) { journal, _, sync in journal.queue == 12 && sync.state == .forked }
    }

    @Test func `says that the bridge is not enrolled any more`() async throws {
        let centre = Centre()
        centre.state.withLock {
            $0.script = Array(repeating: Centre.problem(.revokedKey), count: 99_999)
        }
        try await run(centre) { journal, _, sync in
            journal.queue == 12 && sync.state == .refused && sync.lastProblem?.code == "key-revoked"
        }
    }

    @Test func `takes a page of some gateway for no answer`() async throws {
        let centre = Centre()
        let page = HTTPAnswer(status: 200, body: Array("<html>log in to the hotspot".utf8))
        centre.state.withLock { $0.script = [page, page] }
        try await run(centre) { journal, centre, _ in journal.queue == 0 && centre.calls >= 3 }
    }

    @Test func `keeps the pins that a receipt announces and then trusts them`() async throws {
        let centre = Centre()
        let announced = ["sha256//old", "sha256//new"]
        centre.state.withLock { $0.nextPins = announced }
        try await run(centre) { journal, centre, _ in
            journal.queue == 0 && centre.keptPins == announced
                && centre.linePins == [["sha256//old"], announced]
        }
    }

    @Test func `calls now and then with nothing to send`() async throws {
        let centre = Centre()
        try await run(centre, entries: 0) { _, centre, sync in
            centre.calls >= 3 && sync.lastReceiptAt != nil
        }
    }
}

@Suite struct `A retry schedule` {
    @Test func `doubles its ceiling up to a quarter of an hour`() {
        var schedule = RetrySchedule(base: .seconds(30))
        var most = Highest()
        let ceilings = (0..<8).map { _ in schedule.failed(retryAfter: nil, using: &most) }
        #expect(
            ceilings.map { Int($0.seconds.rounded()) } == [30, 60, 120, 240, 480, 900, 900, 900])
        schedule.succeeded()
        #expect(Int(schedule.failed(retryAfter: nil, using: &most).seconds.rounded()) == 30)
    }

    @Test(arguments: [
        (1, 1), (40, 40), (900, 900), (3_600, 3_600), (3_601, 3_600), (86_400, 3_600),
    ])
    func `keeps the centre's wish to the second, up to an hour`(wish: Int, wait: Int) {
        var schedule = RetrySchedule(base: .seconds(30))
        var most = Highest()
        var least = Lowest()
        #expect(schedule.failed(retryAfter: wish, using: &least) == .seconds(wait))
        let longest = schedule.failed(retryAfter: wish, using: &most)
        #expect(longest > .seconds(Double(wait) + 0.9) && longest <= .seconds(wait + 1))
    }

    @Test func `never calls again at once`() {
        var schedule = RetrySchedule(base: .seconds(30))
        var least = Lowest()
        #expect(schedule.failed(retryAfter: nil, using: &least) > .zero)
    }
}

private struct Highest: RandomNumberGenerator { mutating func next() -> UInt64 { .max } }
private struct Lowest: RandomNumberGenerator { mutating func next() -> UInt64 { 0 } }

@Suite struct `An enrolment` {
    private let centre = SigningKey()
    private let key = SigningKey()

    private func code(office: String = "upt-contoh") throws -> String {
        try EnrolmentCode(
            secret: Array(repeating: 3, count: 16), office: try OfficeID(office), zone: .wita,
            pins: ["sha256//abc="], expires: UTCTime(milliseconds: 0)
        ).text
    }

    private func enrol(_ answer: HTTPAnswer) async throws -> Enrolment {
        let enroller = try Enroller(
            url: "https://centre/", code: try code(), office: try OfficeID("upt-contoh"))
        var random = SystemRandomNumberGenerator()
        return try await enroller.enrol(
            key: key, journal: JournalID(using: &random), hostname: "kotak",
            now: UTCTime(milliseconds: 0)
        ) { path, _ in
            #expect(path == "/api/v1/enrol")
            return answer
        }
    }

    @Test func `keeps what the centre grants`() async throws {
        let granted = EnrolmentAnswer(
            office: try OfficeID("upt-contoh"), zone: .wita, bridge: key.verifying,
            centreKey: centre.verifying, pins: ["sha256//abc="],
            serverTime: UTCTime(milliseconds: 0))
        let enrolment = try await enrol(
            HTTPAnswer(status: 200, body: try WireJSON.encode(granted)))
        #expect(enrolment.url == "https://centre" && enrolment.receiptKey == centre.verifying)
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.path)
            #expect(try Enrolment.load(from: state) == nil)
            try enrolment.save(to: state)
            #expect(try Enrolment.load(from: state) == enrolment)
        }
    }

    @Test(arguments: [SyncProblem.codeUnknown, .codeUsed, .codeExpired])
    func `says why a code was refused`(code: SyncProblem) async throws {
        let body = try WireJSON.encode(ProblemDocument(code))
        await #expect(throws: SyncError.refused(code)) {
            try await enrol(HTTPAnswer(status: code.status, body: body))
        }
    }

    @Test func `refuses a text that is no code, and a code of another office`() throws {
        let office = try OfficeID("upt-contoh")
        for text in ["", "titian1.abc", "hello", String(try code().dropLast(30))] {
            #expect(throws: SyncError.notACode) {
                try Enroller(url: "https://centre", code: text, office: office)
            }
        }
        let other = try code(office: "sdn-lain")
        #expect(throws: SyncError.otherOffice(code: "sdn-lain", configured: "upt-contoh")) {
            try Enroller(url: "https://centre", code: other, office: office)
        }
    }
}

@Suite struct `A line to the centre` {
    @Test func `is not opened without a pin or to an address that is no https`() {
        #expect(throws: SyncError.noPin("https://bkd.example.go.id")) {
            try HTTPS(origin: "https://bkd.example.go.id", pins: [])
        }
        #expect(throws: SyncError.badAddress("http://bkd.example.go.id")) {
            try HTTPS(origin: "http://bkd.example.go.id", pins: ["sha256//abc="])
        }
    }

    @Test func `names the caller outside the body, once it is enrolled`() {
        let name = "Titian-Bridge: 56475aa75463474c"
        let call = HTTPS.headers(
            contentType: "application/x-ndjson", isGzip: true, caller: "56475aa75463474c")
        #expect(call.contains(name))
        let first = HTTPS.headers(contentType: "application/json", isGzip: false, caller: nil)
        #expect(first.allSatisfy { !$0.hasPrefix("Titian-Bridge") })
    }

    @Test func `says that nobody is there`() async throws {
        let https = try HTTPS(origin: "https://127.0.0.1:9", pins: ["sha256//abc="])
        let error = await #expect(throws: SyncError.self) {
            try await https.post("/", body: [1], contentType: "text/plain")
        }
        #expect(error?.problem.code == "sync.unreachable")
    }
}

/// What the centre does with a compressed body.
private func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
    try #require(Gunzip.inflate(bytes))
}
