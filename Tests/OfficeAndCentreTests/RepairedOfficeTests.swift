import Attendance
import Central
import Console
import Exchange
import Foundation
import Journal
import TestSupport
import Testing

/// The box's journal is repaired, and then the centre's newest backup is lost with its disk: what is
/// restored is older than anything the repair could rely on.
@Suite struct `A repaired journal and a centre that went back further than its receipts said` {
    /// Forty punches are in the old backup and fifty more in the new one, then the journal is damaged.
    ///
    /// - Parameters:
    ///   - isForgotten: All that is older than its 90 days, and its lines are gone from the box.
    ///   - cleared: So many punches the terminal holds no more when it is read again.
    private func afterBoth(
        isForgotten: Bool = false, cleared: Int64 = 0,
        _ body: (RealCentre, RealOffice) async throws -> Void
    ) async throws {
        try await withEnrolledOffice { centre, office in
            let days: Int64 = isForgotten ? 100 : 0
            try await office.punch(40, daysAgo: days)
            try await office.sync()
            let old = try await centre.backup(named: "old.backup")
            try await office.punch(50, daysAgo: days)
            try await office.sync()
            try await centre.backup(named: "new.backup")
            try await office.sync { $0.safeThrough == 90 }
            if isForgotten {
                let limit = RealOffice.now.advanced(byMilliseconds: -90 * 86_400_000)
                #expect(try await office.journal.prune(writtenBefore: limit) == 90)
            }
            try await office.repair()
            try await office.punch(10)
            try await office.readAll(cleared: cleared)
            try await office.sync()
            #expect(try await centre.counted().count == 100)
            try await centre.stop()
            try centre.lose()
            try await centre.restore(old)
            #expect(try await centre.counted().count == 40, "the loss is real")
            try await centre.start()
            try await office.punch(1)
            try await office.sync()
            try await body(centre, office)
            try await centre.stop()
        }
    }

    @Test(arguments: [(false, 0), (false, 90), (true, 0)] as [(Bool, Int64)])
    func `get together all that the old journal still had, in the box or in the terminal`(
        isForgotten: Bool, cleared: Int64
    ) async throws {
        try await afterBoth(isForgotten: isForgotten, cleared: cleared) { centre, _ in
            let counted = try await centre.counted()
            let found = try await centre.verification()
            #expect(counted.count == 101)
            #expect(found.findings == [])
        }
    }

    @Test func `show the hole where nobody has the lines any more`() async throws {
        try await afterBoth(isForgotten: true, cleared: 90) { centre, _ in
            #expect(try await centre.counted().count == 51)
            let detail = try await centre.opened().central.officeDetail(
                OfficeID(RealCentre.office), at: RealOffice.now)
            let covered = detail?.coverage.flatMap(\.stretches.intervals) ?? []
            let lost = UTCTime(milliseconds: (1_795_000_000 + 89) * 1_000)
            #expect(!covered.isEmpty && covered.allSatisfy { $0.from > lost || $0.through < lost })
        }
    }
}
