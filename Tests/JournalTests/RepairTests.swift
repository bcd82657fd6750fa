import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

@Suite struct `A damaged journal` {
    private static let isSoak = ProcessInfo.processInfo.environment["TITIAN_SOAK"] == "1"
    private static let rounds: UInt64 = isSoak ? 100 : 2

    private func withDamaged(
        log: Bool = true, _ body: (DamagedOffice) async throws -> Void
    ) async throws {
        try await withOffice { office in
            try await withTemporaryFolder { files in
                try await body(try await DamagedOffice(office, in: files, log: log))
            }
        }
    }

    private func repaired(
        _ damaged: DamagedOffice, _ cause: RepairCause? = nil, seed: UInt8 = 1
    ) async throws -> Journal {
        var random = SeededGenerator(state: UInt64(seed))
        return try await Journal.open(damaged.place, repairing: cause, using: &random)
    }

    /// As the daemon does: what the opening does not see, the look behind it does, and calls for a repair.
    private func lookedThrough(_ damaged: DamagedOffice) async throws -> Journal {
        let journal = try await repaired(damaged)
        try await journal.examine()
        await journal.close(untouched: true)
        var cause: RepairCause?
        for await alarm in journal.alarms { cause = alarm }
        return try await repaired(damaged, cause, seed: 2)
    }

    /// Everything that would go to the centre from now on.
    private func sent(_ journal: Journal) async throws -> [[UInt8]] {
        let waiting = try await journal.outbox(maxEntries: 99_999, maxBytes: 1 << 30)
        return waiting?.lines ?? []
    }

    private func examine(
        _ damaged: DamagedOffice, _ damage: Damage, _ name: String
    ) async throws {
        let readable = try damaged.readable()
        let journal = try await lookedThrough(damaged)
        #expect(try await journal.quickCheck() == nil, "\(name)")
        let seen = try await journal.verify()
        #expect(seen.firstBad == nil, "\(name): \(seen)")
        // A bit in an identity is for `verify` to name: it hides nothing, and may as well be somebody's doing.
        #expect(seen.doubt == nil || damage == .bit || damage == .bits, "\(name): \(seen)")
        let carried = DamagedOffice.punches(try await sent(journal))
        // A line whose digest was hit, or cut off, can be read and is not proven.
        let spared = damage == .bits ? 40 : [.bit, .logBit, .cut].contains(damage) ? 1 : 0
        if damage != .anotherBridge {
            let left = readable.subtracting(carried)
            #expect(left.count <= spared, "\(name): \(left.count) readable lines were left behind")
        }
        if damage.leavesAllLines {
            #expect(damaged.atCentre.union(carried) == damaged.truth, "\(name)")
        }
        #expect(carried.isSubset(of: damaged.truth), "\(name): lines of another box")
        // The terminal is read again: what the disk has lost and it still holds is there again.
        try await journal.record(
            damaged.office.punches(DamagedOffice.held), at: damaged.office.moment(9_000))
        let counted = damaged.atCentre.union(DamagedOffice.punches(try await sent(journal)))
        let held = damaged.lines[
            Int(DamagedOffice.held.lowerBound)..<Int(DamagedOffice.held.upperBound)]
        let due = damaged.atCentre.union(DamagedOffice.punches(Array(held))).union(carried)
        #expect(counted == due, "\(name): \(due.subtracting(counted).count) missing at the centre")
        await journal.close()
        // What was set aside lies there, and the next start finds nothing to do.
        if let report = Journal.repairs(in: damaged.files.path).last {
            let file = try #require(report.file)
            let folder = damaged.files.appendingPathComponent(file).path
            #expect(try !FileManager.default.contentsOfDirectory(atPath: folder).isEmpty, "\(name)")
        }
        let count = Journal.repairs(in: damaged.files.path).count
        let again = try await repaired(damaged)
        #expect(Journal.repairs(in: damaged.files.path).count == count, "\(name)")
        await again.close()
    }

    @Test(arguments: Damage.allCases)
    func `works again, and loses no line that can be read`(damage: Damage) async throws {
        for seed in 1...Self.rounds {
            try await withDamaged { damaged in
                var dice = SeededGenerator(state: seed)
                try await damaged.inflict(damage, &dice)
                try await examine(damaged, damage, "\(damage) \(seed)")
            }
        }
    }

    @Test(arguments: [Damage.bit, .page, .manyPages, .cut, .garbage, .header])
    func `that was closed in order is no worse off`(damage: Damage) async throws {
        for seed in 1...Self.rounds {
            try await withDamaged(log: false) { damaged in
                var dice = SeededGenerator(state: seed)
                try await damaged.inflict(damage, &dice)
                try await examine(damaged, damage, "\(damage) \(seed), closed")
            }
        }
    }

    /// Where nobody was told that it is kept; each repair would set a journal aside.
    @Test(arguments: [false, true])
    func `is not repaired for a last commit that the power has broken`(wasConfirmed: Bool)
        async throws
    {
        try await withDamaged { damaged in
            var data = try Data(contentsOf: damaged.log)
            data[data.count - 10 * 4_120 + 100] ^= 1
            try data.write(to: damaged.log)
            // A box that has lost its power in a commit has noted the one before.
            if !wasConfirmed { try FileManager.default.removeItem(at: damaged.head) }
            let journal = try await repaired(damaged)
            #expect(Journal.repairs(in: damaged.files.path).isEmpty != wasConfirmed)
            if !wasConfirmed {
                #expect(await journal.headSeq == DamagedOffice.total - 100)
            }
            await journal.close()
        }
    }

    @Test func `that is only replaced by an empty one loses what no terminal holds`() async throws {
        try await withDamaged(log: false) { damaged in
            var dice = SeededGenerator(state: 1)
            try await damaged.inflict(.header, &dice)
            #expect(throws: (any Error).self) { try damaged.office.open(in: damaged.files) }
            for name in ["journal.db", "journal.db-wal", "journal.id"] {
                try? FileManager.default.removeItem(at: damaged.files.appendingPathComponent(name))
            }
            let journal = try await repaired(damaged)
            try await journal.record(
                damaged.office.punches(DamagedOffice.held), at: damaged.office.moment(9_000))
            let counted = damaged.atCentre.union(DamagedOffice.punches(try await sent(journal)))
            #expect(counted != damaged.truth, "the control lost nothing: these tests do not bite")
        }
    }

    @Test func `carries lines on as they stand, and says where they were first`() async throws {
        try await withDamaged(log: false) { damaged in
            var dice = SeededGenerator(state: 1)
            try await damaged.inflict(.header, &dice)
            let journal = try await repaired(damaged)
            #expect(journal.id != damaged.journal)
            let lines = try await sent(journal).map { String(decoding: $0, as: UTF8.self) }
            let old = damaged.lines.map { String(decoding: $0, as: UTF8.self) }
            try #require(lines.count == old.count)
            for (index, (new, old)) in zip(lines, old).enumerated() {
                let seq = index + 1
                #expect(new.hasPrefix("{\"seq\":\(index + 1),"))
                let middle = old.dropFirst("{\"seq\":\(seq)".count).dropLast()
                let end = ",\"from\":{\"journal\":\"\(damaged.journal)\",\"seq\":\(seq)}}"
                #expect(new.dropFirst("{\"seq\":\(index + 1)".count) == middle + end)
            }
        }
    }

    @Test func `tells all punches again, whatever the centre and its backups were said to have`()
        async throws
    {
        try await withDamaged(log: false) { damaged in
            var dice = SeededGenerator(state: 1)
            try await damaged.inflict(.header, &dice)
            let journal = try await repaired(damaged)
            #expect(DamagedOffice.punches(try await sent(journal)) == damaged.truth)
            let read = try await journal.record(
                damaged.office.punches(0..<DamagedOffice.total),
                at: damaged.office.moment(9_000))
            #expect(read.new == 0)
            #expect(Journal.repairs(in: damaged.files.path).last?.missing == 0)
        }
    }

    @Test(arguments: [false, true])
    func `says of coverage only what its own punches show`(isForgotten: Bool) async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(office.punches(0..<40), at: office.moment())
            let (receipt, text) = try await office.receipt(for: journal, through: 40, safe: 40)
            try await journal.keep(receipt, text: text)
            if isForgotten {
                try await journal.prune(writtenBefore: office.moment(1).at)
            }
            let stretch = CoverageInterval(from: office.moment().at, through: office.moment(90).at)
            try await journal.record(
                office.punches(40..<50) + [.coverage(office.terminal, stretch, records: 50)],
                at: office.moment(90))
            await journal.close()
            let place = Journal.Surroundings(
                folder: office.folder.path, publicKey: office.key.verifying,
                receiptKeys: [office.key.verifying], now: office.moment(99).at)
            var random = SeededGenerator(state: 1)
            let fresh = try await Journal.open(
                place, repairing: RepairCause(.damaged), using: &random)
            let lines = try await sent(fresh)
            #expect(DamagedOffice.punches(lines).count == (isForgotten ? 10 : 50))
            let kinds = lines.map { EntryFields(line: $0)?.kind }
            #expect(kinds.contains("coverage") == !isForgotten)
            let read = try await fresh.record(office.punches(0..<50), at: office.moment(99))
            #expect(
                read.new == (isForgotten ? 40 : 0), "what the terminal still holds is told again")
        }
    }

    @Test func `is named in the next entry, and the box's starts are counted on`() async throws {
        try await withDamaged(log: false) { damaged in
            var dice = SeededGenerator(state: 1)
            try await damaged.inflict(.firstPage, &dice)
            let journal = try await repaired(damaged)
            let before = await journal.headSeq
            try await journal.record(
                [.bridge(.start, detail: nil)], at: damaged.office.moment(9_000))
            let line = try #require(try await journal.lines(from: before + 1, limit: 1).first)
            let fields = try #require(EntryFields(line: line.line))
            #expect(fields.event == "repaired")
            #expect(fields.detail?.contains("\(damaged.journal)") == true)
            #expect(try await journal.bootNumber(forBootID: "b") > 7)
            let report = try #require(Journal.repairs(in: damaged.files.path).first)
            #expect(report.ackedThrough == DamagedOffice.receipted)
            #expect(report.missing == 0)
            #expect(report.carried == Int(DamagedOffice.total))
        }
    }

    @Test func `that is repaired twice keeps a line's first place`() async throws {
        try await withDamaged { damaged in
            let first = try await repaired(damaged, RepairCause(.asked))
            let sentFirst = try await sent(first)
            await first.close()
            let second = try await repaired(damaged, RepairCause(.forked), seed: 2)
            #expect(second.id != first.id)
            #expect(try await sent(second) == sentFirst)
            // What the centre has is known still, and what waits stays what waits.
            let read = try await second.record(
                damaged.office.punches(0..<DamagedOffice.total), at: damaged.office.moment(9_000))
            #expect(read.new == 0 && read.known == Int(DamagedOffice.total))
        }
    }

    @Test func `of which nothing is receipted by the centre's own word is sent whole`() async throws
    {
        try await withDamaged { damaged in
            var place = damaged.place
            place.receiptKeys = [SigningKey().verifying]
            var random = SeededGenerator(state: 1)
            let journal = try await Journal.open(
                place, repairing: RepairCause(.forked), using: &random)
            #expect(DamagedOffice.punches(try await sent(journal)) == damaged.truth)
        }
    }

    @Test func `of which the power takes the repair away is repaired once more`() async throws {
        for half in ["repair.new", "repair.ready"] {
            try await withDamaged(log: false) { damaged in
                var dice = SeededGenerator(state: 1)
                try await damaged.inflict(.header, &dice)
                let folder = damaged.files.appendingPathComponent(half)
                try await withTemporaryFolder { copy in
                    // The new journal of a repair, put where a power cut would have left it.
                    let other = copy.appendingPathComponent("copy")
                    try FileManager.default.copyItem(at: damaged.files, to: other)
                    var place = damaged.place
                    place.folder = other.path
                    var random = SeededGenerator(state: 5)
                    await (try await Journal.open(place, using: &random)).close()
                    try FileManager.default.createDirectory(
                        at: folder, withIntermediateDirectories: false)
                    let whole = half == "repair.ready"
                    let data = try Data(contentsOf: other.appendingPathComponent("journal.db"))
                    try (whole ? data : data.prefix(9_999)).write(
                        to: folder.appendingPathComponent("journal.db"))
                }
                let journal = try await repaired(damaged)
                let carried = DamagedOffice.punches(try await sent(journal))
                #expect(damaged.atCentre.union(carried) == damaged.truth)
                #expect(!FileManager.default.fileExists(atPath: folder.path))
                let aside = damaged.files.appendingPathComponent("aside").path
                #expect(try FileManager.default.contentsOfDirectory(atPath: aside).count == 1)
                await journal.close()
            }
        }
    }

    @Test func `keeps the first and the newest seven of its files`() async throws {
        try await withDamaged { damaged in
            for round in 1...12 as ClosedRange<UInt8> {
                await (try await repaired(damaged, RepairCause(.asked), seed: round)).close()
            }
            let aside = damaged.files.appendingPathComponent("aside").path
            let names = try FileManager.default.contentsOfDirectory(atPath: aside).sorted()
            #expect(
                names.map { $0.prefix(4) } == ["0001"]
                    + (6...12).map { "00\($0 < 10 ? "0" : "")\($0)" })
        }
    }

    @Test func `is noticed by the look behind the start, and before a wrong line leaves the box`()
        async throws
    {
        try await withOffice { office in
            let first = try office.open()
            for start in stride(from: 0 as Int64, to: 2_600, by: 400) {
                try await first.record(
                    office.punches(start..<start + 400), at: office.moment(start))
            }
            let line = try #require(try await first.lines(from: 10, limit: 1).first).line
            await first.close()
            let file = office.folder.appendingPathComponent("journal.db")
            var data = try Data(contentsOf: file)
            let place = try #require(data.range(of: Data(line)))
            data[place.lowerBound + 60] ^= 1
            try data.write(to: file)
            let surroundings = Journal.Surroundings(
                folder: office.folder.path, publicKey: office.key.verifying, receiptKeys: [],
                now: UTCTime(milliseconds: 0))
            var random = SeededGenerator(state: 1)
            let journal = try await Journal.open(surroundings, using: &random)
            await #expect(throws: JournalError.self) {
                try await journal.outbox(maxEntries: 100, maxBytes: 1 << 20)
            }
            try await journal.examine()
            await journal.close(untouched: true)
            var causes: [RepairCause] = []
            for await cause in journal.alarms { causes.append(cause) }
            #expect(causes.map(\.kind) == [.damaged])
            let again = try await Journal.open(
                surroundings, repairing: causes.first, using: &random)
            #expect(await again.headSeq == 2_799)
            #expect(Journal.repairs(in: office.folder.path).last?.missing == 1)
        }
    }

    @Test func `gives its plan without changing anything`() async throws {
        try await withDamaged(log: false) { damaged in
            var dice = SeededGenerator(state: 1)
            try await damaged.inflict(.header, &dice)
            let before = try FileManager.default.contentsOfDirectory(atPath: damaged.files.path)
            let plan = Journal.plan(damaged.place, cause: RepairCause(.damaged))
            #expect(plan.carried == Int(DamagedOffice.total))
            #expect(plan.missing == 0 && plan.ackedThrough == DamagedOffice.receipted)
            let after = try FileManager.default.contentsOfDirectory(atPath: damaged.files.path)
            #expect(before.sorted() == after.sorted())
        }
    }
}
