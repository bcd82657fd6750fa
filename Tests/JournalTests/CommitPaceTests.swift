import Attendance
import Exchange
import Foundation
import Journal
import Synchronization
import TestSupport
import Testing

@Suite struct `How slow the disk is` {
    /// A stopwatch on which every commit takes as long as it is told.
    private final class Watch: Sendable {
        private let state = Mutex((now: Duration.zero, step: Duration.milliseconds(20)))

        func setStep(_ step: Duration) { state.withLock { $0.step = step } }

        /// Each second look is the end of a commit.
        func look() -> Duration {
            state.withLock { state in
                state.now += state.step
                return state.now
            }
        }
    }

    private func journal(_ office: Office, _ watch: Watch) throws -> Journal {
        var random = CountingGenerator(state: 0)
        return try Journal(
            folder: office.folder.path, publicKey: office.key.verifying, using: &random,
            stopwatch: { watch.look() })
    }

    @Test func `is the middle of the last small commits`() async throws {
        try await withOffice { office in
            let watch = Watch()
            let journal = try journal(office, watch)
            for second in 0..<4 as Range<Int64> {
                try await journal.record([office.punch(second)], at: office.moment(second))
            }
            #expect(try await journal.status().commitTime == nil)
            watch.setStep(.seconds(3))
            try await journal.record([office.punch(4)], at: office.moment(4))
            #expect(try await journal.status().commitTime == .milliseconds(20))
            for second in 5..<15 as Range<Int64> {
                try await journal.record([office.punch(second)], at: office.moment(second))
            }
            #expect(try await journal.status().commitTime == .seconds(3))
            await journal.close()
        }
    }

    @Test func `is not told by large commits, nor by what writes nothing`() async throws {
        try await withOffice { office in
            let journal = try journal(office, Watch())
            for start in stride(from: 0, to: 2_000, by: 200) as StrideTo<Int64> {
                try await journal.record(
                    office.punches(start..<(start + 200)), at: office.moment(start))
            }
            for _ in 0..<9 {
                try await journal.record([office.punch(3)], at: office.moment(9_000))
            }
            #expect(try await journal.status().commitTime == nil)
            await journal.close()
        }
    }
}
