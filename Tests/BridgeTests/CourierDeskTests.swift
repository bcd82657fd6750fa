import Attendance
import Exchange
import Foundation
import Journal
import TestSupport
import Testing

@testable import Bridge

@Suite struct `A code typed without a line` {
    private func code() throws -> EnrolmentCode {
        EnrolmentCode(
            secret: Array(0..<16), office: try OfficeID("upt-contoh-utara"), zone: .wita,
            pins: ["sha256//AAAA"], expires: UTCTime(milliseconds: 0))
    }

    private func pending() throws -> PendingEnrolment {
        try PendingEnrolment(
            url: "https://bkd.example.go.id/", code: try code().text,
            office: try OfficeID("upt-contoh-utara"))
    }

    private func desk(_ office: FakeOffice, _ key: SigningKey, in folder: URL) -> CourierDesk {
        CourierDesk(
            state: StateFolder(path: folder.path), journal: office.journal, key: key,
            host: office.host.host, boot: 1,
            report: { BridgeStatus(version: "", office: "", hostname: "", startedAt: "") })
    }

    @Test func `is kept for its owner alone and is gone when it was used`() async throws {
        try await withTemporaryFolder { folder in
            let state = StateFolder(path: folder.path)
            let pending = try pending()
            try pending.save(to: state)
            let mode = try FileManager.default.attributesOfItem(atPath: state.pendingFile)[
                .posixPermissions]
            #expect(mode as? Int == 0o600)
            #expect(PendingEnrolment.load(from: state) == pending)
            PendingEnrolment.remove(from: state)
            #expect(PendingEnrolment.load(from: state) == nil)
        }
    }

    @Test func `enrols at the first contact, however many calls fail before`() async throws {
        try await withTemporaryFolder { folder in
            let key = SigningKey()
            let office = try FakeOffice(in: folder, [], key: key) { _ in nil }
            let state = StateFolder(path: folder.path)
            try pending().save(to: state)
            let (made, signal) = AsyncStream<String>.makeStream()
            let (asked, question) = AsyncStream<Void>.makeStream()
            var asking = asked.makeAsyncIterator()
            let failures = Failures(left: 2)
            let sending = SendingTask(
                state: state, logger: office.log.logger, liveness: office.place.liveness,
                retryBase: .milliseconds(1),
                enrol: { pending in
                    question.yield()
                    try failures.fail()
                    return Enrolment(
                        url: pending.url, pins: ["sha256//AAAA"],
                        centreKey: key.verifying.bytes.base64, office: "upt-contoh-utara",
                        zone: "Asia/Makassar", bridge: key.verifying.id,
                        enrolledAt: "2026-11-21T00:00:00.000Z")
                }
            ) { enrolment, _ in
                signal.yield(enrolment.url)
                return Uplink(
                    journal: office.journal, key: key, enrolment: enrolment,
                    settings: Configuration.Server(), host: office.host.host, boot: 1,
                    logger: office.log.logger, keep: { _ in },
                    connect: { _ in { _, _ in throw SyncError.timeout("https://bkd") } },
                    report: { BridgeStatus(version: "", office: "", hostname: "", startedAt: "") })
            }
            let running = Task { await sending.run() }
            for _ in 0..<3 { _ = await asking.next() }
            #expect(await made.first { _ in true } == "https://bkd.example.go.id")
            #expect(PendingEnrolment.load(from: state) == nil)
            #expect(try Enrolment.load(from: state) != nil)
            running.cancel()
            await running.value
        }
    }

    @Test func `lets a stick ask, and only who knows it answer`() async throws {
        try await withTemporaryFolder { folder in
            let (key, centre) = (SigningKey(), SigningKey())
            let office = try FakeOffice(in: folder, [], key: key) { _ in nil }
            let state = StateFolder(path: folder.path)
            try pending().save(to: state)
            let desk = desk(office, key, in: folder)
            let piece = try await desk.piece(after: nil)
            let request = try #require(piece.enrolment)
            #expect(request.isSigned(by: key.verifying, purpose: .enrolment))
            let granted = EnrolmentAnswer(
                office: try OfficeID("upt-contoh-utara"), zone: .wita, bridge: key.verifying,
                centreKey: centre.verifying, pins: ["sha256//AAAA"],
                serverTime: UTCTime(milliseconds: 0))
            let stranger = try CarriedAnswer(granted, proof: CodeProof(codeHash: [1, 2, 3]))
            await #expect(throws: SyncError.self) {
                try await desk.take(try WireJSON.encode(stranger))
            }
            #expect(try Enrolment.load(from: state) == nil)
            let proof = try #require(CodeProof(try code()))
            let answer = try WireJSON.encode(try CarriedAnswer(granted, proof: proof))
            #expect(try await desk.take(answer) == CourierNews(enrolled: true, isNew: true))
            #expect(try await desk.take(answer) == CourierNews(enrolled: true, isNew: false))
            #expect(try Enrolment.load(from: state)?.receiptKey == centre.verifying)
            #expect(try await desk.piece(after: nil).enrolment == nil)
        }
    }
}

private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var left: Int

    init(left: Int) { self.left = left }

    func fail() throws {
        try lock.withLock {
            guard left > 0 else { return }
            left -= 1
            throw SyncError.timeout("https://bkd.example.go.id")
        }
    }
}
