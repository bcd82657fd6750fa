import Attendance
import Exchange
import Foundation
import Journal
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Bridge

@Suite struct `The retention of lines` {
    /// Sleeps that take no time; after `rounds` of them the day does not come any more.
    private func pace(rounds: Int) -> Pace {
        let left = Mutex(rounds)
        return Pace(
            now: { .zero },
            sleep: { _ in
                try left.withLock { left in
                    guard left > 0 else { throw CancellationError() }
                    left -= 1
                }
            }, jitter: { 0 })
    }

    /// A journal with one entry of 2026-01-01, receipted, with or without the centre's backup.
    private func purged(safe: Int64, at now: String) async throws -> Int {
        try await withTemporaryFolder { folder in
            let key = SigningKey()
            var random = SystemRandomNumberGenerator()
            let journal = try Journal(
                folder: folder.path, publicKey: key.verifying, using: &random)
            let written = try #require(UTCTime("2026-01-01T00:00:00Z"))
            try await journal.record(
                [.bridge(.start, detail: nil)], at: Moment(at: written, boot: 1, up: 1))
            let receipt = Receipt(
                journal: journal.id, ackedThrough: 1, head: try await journal.hash(before: 2),
                safeThrough: safe, serverTime: written)
            let text = String(decoding: try WireJSON.encode(receipt), as: UTF8.self)
            try await journal.keep(
                receipt, text: try SignedText(text, key: key, purpose: .receipt))
            let today = try #require(UTCTime(now))
            await RetentionTask(
                journal: journal, now: { today }, pace: pace(rounds: 2),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ).run()
            return try await journal.verify().purged
        }
    }

    @Test func `forgets a line after ninety days, if the centre has a backup of it`() async throws {
        #expect(try await purged(safe: 1, at: "2026-04-02T00:00:00Z") == 1)
    }

    @Test func `keeps a line that is younger`() async throws {
        #expect(try await purged(safe: 1, at: "2026-03-30T00:00:00Z") == 0)
    }

    @Test func `keeps what is in no backup, however old`() async throws {
        #expect(try await purged(safe: 0, at: "2036-01-01T00:00:00Z") == 0)
    }
}
