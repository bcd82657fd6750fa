import Attendance
import Central
import Console
import Exchange
import Foundation
import Journal
import Synchronization
import TestSupport
import Testing

@testable import Bridge

@Suite struct `A server restored from a backup that is six hours old` {
    /// Forty punches are in the backup, three hundred more have receipts, then the disk dies.
    private func afterTheLoss(
        _ body: (RealCentre, RealOffice) async throws -> Void
    ) async throws {
        try await withEnrolledOffice { centre, office in
            try await office.punch(40)
            try await office.sync()
            let backup = try await centre.backup(named: "six-hours-ago.backup")
            for _ in 0..<6 {
                try await office.punch(50)
                try await office.sync()
            }
            let status = try await office.journal.status()
            #expect(status.ackedThrough == 340 && status.safeThrough == 40)
            #expect(try await centre.counted().count == 340)
            try await centre.stop()
            try centre.lose()
            try await centre.restore(backup)
            #expect(try await centre.counted().count == 40, "the loss is real")
            try await centre.start()
            try await body(centre, office)
            try await centre.stop()
        }
    }

    @Test func `gets everything again behind its own receipts: none lost, none double`()
        async throws
    {
        try await afterTheLoss { centre, office in
            office.traffic.withLock { $0 = Traffic(largest: 60) }
            try await office.punch(3)
            try await office.sync { try await centre.counted().count >= 343 && $0.queue == 0 }
            let counted = try await centre.counted()
            #expect(counted.count == 343)
            #expect(Set(counted.map(\.time)).count == 343)
            #expect(counted.allSatisfy { $0.sightings == 1 })
            let found = try await centre.verification()
            #expect(found.findings == [])
            #expect(found.entries == 343 && found.purged == 0)
            #expect(office.traffic.withLock { $0.gaps } == 1, "it is told once where to begin")
        }
    }

    @Test func `would have lost them, were they not sent again`() async throws {
        try await afterTheLoss { centre, office in
            office.traffic.withLock { $0 = Traffic(isDeafToGaps: true) }
            try await office.sync { _ in office.traffic.withLock { $0.calls } > 3 }
            #expect(try await centre.counted().count < 340, "the control lost nothing")
        }
    }

    @Test func `has them from a bridge that has nothing new to send`() async throws {
        try await afterTheLoss { centre, office in
            try await office.sync { _ in try await centre.counted().count >= 340 }
            #expect(try await centre.counted().count == 340)
            #expect(try await centre.verification().findings == [])
        }
    }
}

@Suite struct `A bridge that has forgotten what an older backup does not hold` {
    @Test func `sends the rest, and the hole is shown`() async throws {
        try await withEnrolledOffice { centre, office in
            try await office.punch(20, daysAgo: 120)
            try await office.sync()
            let old = try await centre.backup(named: "old.backup")
            try await office.punch(40, daysAgo: 100)
            try await office.sync()
            try await centre.backup(named: "new.backup")
            try await office.sync { $0.safeThrough == 60 }
            let limit = RealOffice.now.advanced(byMilliseconds: -90 * 86_400_000)
            #expect(try await office.journal.prune(writtenBefore: limit) == 60)
            try await office.punch(10)
            try await office.sync()
            try await centre.stop()
            try centre.lose()

            try await centre.restore(old)
            try await centre.start()
            // The bridge forgets no more on the strength of a backup that is lost.
            try await office.sync {
                try await centre.counted().count >= 30 && $0.safeThrough == 20
            }
            let found = try await centre.verification()
            #expect(found.findings == [])
            #expect(found.entries == 70 && found.purged == 40 && found.lost == 40)
            #expect(try await centre.counted().count == 30)
            let detail = try await centre.opened().central.officeDetail(
                OfficeID(RealCentre.office), at: RealOffice.now)
            let hole = try #require(detail?.events.first { $0.code == "journal-hole" })
            #expect(hole.detail == "21 60")
            try await centre.stop()
        }
    }
}
