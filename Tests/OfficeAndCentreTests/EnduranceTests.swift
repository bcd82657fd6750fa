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

/// 400 days without a line, 2,000 punches a day, in the real file, with the real SQLite and the real
/// uplink; only the clocks are set by hand. The short form has fewer days and the same bounds in
/// proportion.
@Suite struct `An office without a line for 400 days` {
    private static let isSoak = ProcessInfo.processInfo.environment["TITIAN_SOAK"] == "1"
    private static let days: Int64 = isSoak ? 400 : 12
    private static let punchesADay = 2_000
    /// 300 MB on the office's disk for 800,000 punches and all that is written beside them.
    private static let bytesAPunch: Int64 = 300_000_000 / 800_000
    /// What a small journal takes before its first entry counts for much less in a large one.
    private static let spared: Int64 = isSoak ? 0 : 4_500_000

    private func withOffice(
        _ body: (RealCentre, LongOffice) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { place in
            let centre = try RealCentre(in: place)
            try await centre.addOffices()
            try await centre.start()
            let office = try await LongOffice(in: place, days: Self.days)
            try await office.enrol(at: centre)
            try await centre.stop()
            try await body(centre, office)
        }
    }

    @Test func `keeps it all, shows this morning at once, and every punch counts once`()
        async throws
    {
        try await withOffice { centre, office in
            for day in 0..<Self.days { try await office.day(day) }
            let journal = office.journal
            let before = try await journal.status()
            let punches = Int(Self.days) * Self.punchesADay
            #expect(before.punches == punches && before.receiptedPunches == 0)
            #expect(office.mostBytes <= Self.bytesAPunch * Int64(punches) + Self.spared)
            let kept = try await journal.verify()
            #expect(kept.isWhole && kept.purged == 0, "nothing expires")

            // The line is still dead this morning, and calls fail one after the other.
            let uplink = try office.uplink()
            let running = Task { await uplink.run() }
            defer { running.cancel() }
            try await office.exchangeTerminal()
            try await office.day(Self.days, through: 34)
            try await office.findNobody(uplink)
            let morning = punches + 7 * 125
            office.allowedCalls.withLock { $0 = 1 }
            let peak = PeakMemory()
            try await centre.start()
            let returned = ContinuousClock.now
            uplink.callNow()
            try await eventually("this morning is shown", within: .seconds(60)) {
                try await centre.shown().count { $0.isProvisional } == 200
            }
            let visible = returned.duration(to: .now)
            // The page can show what the call brought before the office has its receipt.
            try await eventually("the call's receipt is stored", within: .seconds(60)) {
                try await journal.status().ackedThrough > 0
            }
            let arrived = try await journal.status()
            // The short form's one call is more than a twentieth of it.
            let first = Int64(Self.isSoak ? 0 : Uplink.Limits.entries)
            #expect(arrived.ackedThrough <= max(first, arrived.headSeq / 20))
            let newest = try await centre.shown().filter(\.isProvisional).map(\.time).max()
            #expect(newest == office.busy.map(\.newestTime).max())
            let terminals = try await centre.shown().filter(\.isProvisional).map(\.terminal)
            #expect(Set(terminals) == Set(office.busy.map(\.id)), "the new terminal's too")
            #expect(try await centre.count() <= Int(arrived.ackedThrough))

            office.allowedCalls.withLock { $0 = nil }
            try await eventually("all is receipted", within: .seconds(3_600)) {
                try await journal.status().queue == 0
            }
            let drained = returned.duration(to: .now)
            let megabytes = peak.megabytes
            running.cancel()
            await running.value
            #expect(megabytes.risen < 200)
            try await compare(centre, office, morning)
            try Self.note([
                "acknowledged": morning, "lost": 0, "double": 0, "entries": Int(before.headSeq),
                "days": Int(Self.days), "recovery_s": visible.tenths, "drain_s": drained.tenths,
                "bytes_per_punch": Int(office.mostBytes) / before.punches,
                "journal_mb": Int(office.mostBytes) / 1_000_000,
                "peak_rss_mb": megabytes.most, "rss_risen_mb": megabytes.risen,
            ])
            try await centre.stop()
        }
    }

    /// Every punch once, none invented, no line changed, both chains whole.
    private func compare(_ centre: RealCentre, _ office: LongOffice, _ punches: Int) async throws {
        var count = 0
        var sum: UInt64 = 0
        var seen = 0
        try await centre.opened().central.forEachPunch(office: OfficeID(RealCentre.office)) {
            page in
            for punch in page {
                count += 1
                seen += punch.sightings
                sum &+= BusyTerminal.hash(punch.terminal, try Pin(punch.pin), punch.time)
            }
        }
        #expect(count == punches && seen == punches && sum == office.sum)
        #expect(try await centre.shown().allSatisfy { !$0.isProvisional })
        let there = try await centre.verification()
        let here = try await office.journal.verify()
        #expect(there.findings == [] && there.lost == 0 && there.purged == 0)
        #expect(there.entries == here.entries && here.isWhole && here.purged == 0)
        // The centre's head is signed over every line in its order, and it is the box's own.
        let status = try await office.journal.status()
        let receipt = try #require(try await office.journal.newestReceipt())
        let signed = try WireJSON.decode(Receipt.self, from: Array(receipt.text.utf8))
        #expect(signed.ackedThrough == status.headSeq && signed.head == "\(status.head)")
    }

    // MARK: The control

    @Test func `would lose what it forgot after a week without asking: the control`() async throws {
        try await withOffice { centre, office in
            for day in 0..<2 as Range<Int64> { try await office.day(day) }
            let head = await office.journal.headSeq
            try await office.forgetUnasked(through: head / 2)
            try await centre.start()
            let uplink = try office.uplink()
            let running = Task { await uplink.run() }
            try await eventually("a few calls") {
                let calls = office.answeredCalls.withLock { $0 }
                return try await office.journal.status().queue == 0 || calls > 3
            }
            running.cancel()
            await running.value
            let counted = try await centre.count()
            #expect(counted < 4_000, "the control lost nothing")
            try Self.note(["control_lost": 4_000 - counted])
            try await centre.stop()
        }
    }

    // MARK: What is left for the table

    /// Adds to the row that this suite leaves for docs/reference/durability.md; in the long form alone.
    private static func note(_ facts: [String: any Sendable]) throws {
        print("  endurance: \(facts.sorted { $0.key < $1.key })")
        guard isSoak else { return }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appendingPathComponent(".build-rigs/durability")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("endurance-line-down-for-400-days.json")
        let old = try? JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        var row: [String: Any] = [
            "rig": "EnduranceTests", "fault": "line down for 400 days, 2,000 punches a day",
            "where": "line", "rounds": 1, "programs": "debug",
            "date": String(RealOffice.now.description.prefix(10)),
        ]
        row.merge(old ?? [:]) { new, _ in new }
        row.merge(facts) { $1 }
        try JSONSerialization.data(withJSONObject: row, options: [.prettyPrinted, .sortedKeys])
            .write(to: file)
    }
}

extension RealCentre {
    /// What the office's page shows.
    fileprivate func shown() async throws -> [RecentPunch] {
        try await opened().central.officeDetail(OfficeID(Self.office), at: RealOffice.now)?.recent
            ?? []
    }

    /// How many punches are counted.
    fileprivate func count() async throws -> Int {
        var count = 0
        try await opened().central.forEachPunch(office: OfficeID(Self.office)) { count += $0.count }
        return count
    }
}

extension Duration {
    /// Seconds with one digit behind the point.
    fileprivate var tenths: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds / 100_000_000_000_000_000) / 10
    }
}

/// The most memory of this process since this was made: both ends are in it.
private struct PeakMemory {
    private let start: Int

    init() {
        // 5 sets the peak back to what is resident now (proc(5)).
        try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        start = Self.peak
    }

    var megabytes: (most: Int, risen: Int) { (Self.peak, Self.peak - start) }

    private static var peak: Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return Int(line.filter(\.isNumber)).map { $0 / 1_024 } ?? 0
    }
}
