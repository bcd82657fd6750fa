import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

@Suite struct `The newest sightings` {
    private func seen(_ sightings: [SeenPin]) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: sightings.map { ($0.pin.text, $0.time.seconds) })
    }

    @Test func `are of one stretch of the terminals' clocks`() async throws {
        try await withTemporaryFolder { folder in
            let office = try Office(folder)
            let journal = try office.open()
            try await journal.record(
                [
                    office.punch(50), office.punch(10), office.punch(99, pin: "3"),
                    office.punch(100, pin: "4"), office.punch(9, pin: "5"),
                ], at: office.moment())
            let start = WallTime(seconds: 1_795_000_010)
            let sightings = try await journal.newestSightings(
                from: start, before: start.advanced(by: 90))
            #expect(seen(sightings) == ["17": 1_795_000_050, "3": 1_795_000_099])
        }
    }

    @Test func `after an entry are told page by page`() async throws {
        try await withTemporaryFolder { folder in
            let office = try Office(folder)
            let journal = try office.open()
            try await journal.record(
                [.bridge(.start, detail: nil)] + office.punches(0..<5), at: office.moment())
            let first = try await journal.sightings(after: 0, limit: 2)
            #expect(first.through == 3)
            #expect(seen(first.seen) == ["17": 1_795_000_001])
            let rest = try await journal.sightings(after: first.through, limit: 100)
            #expect(rest.through == 6)
            #expect(seen(rest.seen) == ["17": 1_795_000_004])
            #expect(try await journal.sightings(after: 6, limit: 100).seen.isEmpty)
        }
    }

    /// A journal of years must not be walked through for a month of it.
    @Test func `are looked up, never searched for`() async throws {
        try await withTemporaryFolder { folder in
            let office = try Office(folder)
            let journal = try office.open()
            await journal.close()
            let database = try Database(path: folder.path + "/journal.db", sharing: .exclusive)
            var plan: [String] = []
            try database.rows("EXPLAIN QUERY PLAN " + Journal.stretch, .int(1), .int(2)) {
                plan.append($0.text(3))
            }
            #expect(plan.count == 2)
            #expect(
                plan.first?.hasPrefix("SEARCH known USING PRIMARY KEY (time>? AND time<?)") == true)
            #expect(plan.last?.hasPrefix("SEARCH entry USING INTEGER PRIMARY KEY") == true)
        }
    }
}
