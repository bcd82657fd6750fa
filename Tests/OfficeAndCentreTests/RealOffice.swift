import Attendance
import Exchange
import Foundation
import Journal
import Logging
import Synchronization
import TestSupport

@testable import Bridge

/// What went over an office's line.
struct Traffic {
    var calls = 0
    var gaps = 0
    /// Calls with more entries are refused as too large, so that there are several.
    var largest = Int.max
    /// The bridge never hears from where it is to send again: the control.
    var isDeafToGaps = false
}

/// A bridge's journal and the uplink of life, over real lines.
final class RealOffice {
    let state: StateFolder
    let key = SigningKey()
    private(set) var journal: Journal
    let traffic = Mutex(Traffic())
    private var made: Int64 = 0

    init(in place: URL) throws {
        let folder = place.appendingPathComponent("office", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        state = StateFolder(path: folder.path)
        var random = SystemRandomNumberGenerator()
        journal = try Journal(folder: folder.path, publicKey: key.verifying, using: &random)
    }

    func enrol(at centre: RealCentre) async throws {
        let enroller = try Enroller(
            url: centre.address, code: try await centre.code(),
            office: OfficeID(RealCentre.office))
        let https = try HTTPS(origin: centre.address, pins: enroller.code.pins)
        let enrolment = try await enroller.enrol(
            key: key, journal: journal.id, hostname: "kotak", now: Self.now
        ) { path, body in
            try await https.post(path, body: body, contentType: "application/json")
        }
        try enrolment.save(to: state)
    }

    static var now: UTCTime {
        UTCTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }

    static let terminal = "zkteco:BWXP20126001"

    /// Somebody comes to work, so many times, and the journal was told so many days ago.
    func punch(_ count: Int64, daysAgo days: Int64 = 0) async throws {
        let bodies = try punches(made..<made + count)
        made += count
        let written = Self.now.advanced(byMilliseconds: -days * 86_400_000)
        try await journal.record(bodies, at: Moment(at: written, boot: 1, up: made))
    }

    private func punches(_ numbers: Range<Int64>) throws -> [EntryBody] {
        let terminal = try TerminalID(Self.terminal)
        return try numbers.map {
            let punch = Punch(
                pin: try Pin("\(17 + $0 % 5)"), time: WallTime(seconds: 1_795_000_000 + $0),
                verify: .finger, verifyNumber: 1, state: .checkIn, stateNumber: 0)
            return .punch(terminal, punch, via: .log)
        }
    }

    /// The terminal's log is read from its beginning, and what that shows is told.
    ///
    /// - Parameter cleared: So many of the first punches stand there no more.
    func readAll(cleared: Int64 = 0) async throws {
        let moment = Moment(at: Self.now, boot: 1, up: made)
        try await journal.record(punches(cleared..<made), at: moment)
        let first = UTCTime(milliseconds: (1_795_000_000 + cleared) * 1_000)
        let through = UTCTime(milliseconds: (1_795_000_000 + made) * 1_000)
        try await journal.record(
            [
                .coverage(
                    try TerminalID(Self.terminal), CoverageInterval(from: first, through: through),
                    records: Int(made))
            ], at: moment)
    }

    /// The journal's file was damaged: the box goes on with a new one.
    func repair() async throws {
        await journal.close()
        var random = SystemRandomNumberGenerator()
        let keys = try Enrolment.load(from: state)?.receiptKeys ?? []
        journal = try await Journal.open(
            Journal.Surroundings(
                folder: state.path, publicKey: key.verifying, receiptKeys: keys, now: Self.now),
            repairing: RepairCause(.damaged), using: &random)
    }

    /// Lets the uplink run until something holds.
    func sync(until done: (JournalStatus) async throws -> Bool) async throws {
        let uplink = try uplink()
        let running = Task { await uplink.run() }
        defer { running.cancel() }
        try await eventually("the office has sent") { try await done(try await journal.status()) }
        running.cancel()
        await running.value
    }

    /// Sends all that waits.
    func sync() async throws {
        try await sync { $0.queue == 0 }
    }

    private func uplink() throws -> Uplink {
        guard let enrolment = try Enrolment.load(from: state) else { throw SyncError.notACode }
        let state = state
        return Uplink(
            journal: journal, key: key, enrolment: enrolment,
            settings: Configuration.Server(
                retryBase: .milliseconds(50), heartbeat: .milliseconds(200)),
            host: .system, boot: 1,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            keep: { try $0.save(to: state) }, connect: watched,
            report: {
                BridgeStatus(
                    version: "0", office: RealCentre.office, hostname: "kotak", startedAt: "")
            })
    }

    /// The line of life, with somebody listening in.
    private var watched: Uplink.Connect {
        { [self] enrolment in
            let post = try Uplink.overHTTPS()(enrolment)
            return { body, isGzip in try await self.pass(body, isGzip, post) }
        }
    }

    private func pass(_ body: [UInt8], _ isGzip: Bool, _ post: Uplink.Post) async throws
        -> HTTPAnswer
    {
        let plain = isGzip ? Gunzip.inflate(body) ?? [] : body
        let largest = traffic.withLock { traffic in
            traffic.calls += 1
            return traffic.largest
        }
        if try Envelope.open(plain).lines.count > largest {
            return HTTPAnswer(
                status: 413, body: try WireJSON.encode(ProblemDocument(.tooLarge)))
        }
        let answer = try await post(body, isGzip)
        let document = try? WireJSON.decode(ProblemDocument.self, from: answer.body)
        guard document?.code == SyncProblem.gap.rawValue else { return answer }
        return traffic.withLock { traffic in
            traffic.gaps += 1
            return traffic.isDeafToGaps ? HTTPAnswer(status: 503, body: []) : answer
        }
    }
}

extension RealOffice: @unchecked Sendable {}  // `made` is changed by the test's own task alone

/// An office that is enrolled at a centre that runs, both in a folder of their own.
func withEnrolledOffice(
    _ body: (RealCentre, RealOffice) async throws -> Void
) async throws {
    try await withTemporaryFolder { place in
        let centre = try RealCentre(in: place)
        try await centre.addOffices()
        try await centre.start()
        let office = try RealOffice(in: place)
        try await office.enrol(at: centre)
        try await body(centre, office)
    }
}
