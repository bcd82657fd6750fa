import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

/// What SQLite passes over without a word: a write-ahead log that is none any more, and one that is gone.
@Suite struct `A write-ahead log that the disk has lost` {
    enum Loss: CaseIterable {
        case garbage, zeros, word, anotherFormat, gone, cutToNothing, cutToItsHead
        /// The head and the first frames; whole commits stand behind them.
        case firstPages, firstPagesZeroed

        var leavesCommits: Bool { [.anotherFormat, .firstPages, .firstPagesZeroed].contains(self) }

        func applied(to log: Data, _ dice: inout SeededGenerator) -> Data? {
            let noise = Data((0..<log.count).map { _ in UInt8.random(in: 0...255, using: &dice) })
            return switch self {
            case .garbage: noise
            case .zeros: Data(count: log.count)
            case .word: Data("lost".utf8)
            case .anotherFormat: log.prefix(8) + [0, 0, 4, 0] + log.dropFirst(12)
            case .gone: nil
            case .cutToNothing: Data()
            case .cutToItsHead: log.prefix(32)
            case .firstPages: noise.prefix(8_192) + log.dropFirst(8_192)
            case .firstPagesZeroed: Data(count: 8_192) + log.dropFirst(8_192)
            }
        }
    }

    private func withDamaged(_ body: (DamagedOffice) async throws -> Void) async throws {
        try await withOffice { office in
            try await withTemporaryFolder { files in
                try await body(try await DamagedOffice(office, in: files))
            }
        }
    }

    private func opened(_ damaged: DamagedOffice, seed: UInt64 = 1) async throws -> Journal {
        var random = SeededGenerator(state: seed)
        return try await Journal.open(damaged.place, using: &random)
    }

    private func lines(_ journal: Journal) async throws -> Set<[UInt8]> {
        let lines = try await journal.lines(from: 1, limit: 99_999).map(\.line)
        return DamagedOffice.punches(lines)
    }

    private func put(_ data: Data?, at file: URL) throws {
        guard let data else { return try FileManager.default.removeItem(at: file) }
        try data.write(to: file)
    }

    @Test(arguments: Loss.allCases)
    func `is set aside with its database, named, and nothing that can be read is lost`(loss: Loss)
        async throws
    {
        try await withDamaged { damaged in
            var dice = SeededGenerator(state: 3)
            let log = loss.applied(to: try Data(contentsOf: damaged.log), &dice)
            try put(log, at: damaged.log)
            let readable = try damaged.readable()
            let journal = try await opened(damaged)
            let report = try #require(Journal.repairs(in: damaged.files.path).last)
            #expect(report.cause == .damaged)
            let isMissed = (report.missing ?? 0) > 0
            #expect(isMissed != loss.leavesCommits, "what was confirmed and is not here is missing")
            let file = try #require(report.file)
            let aside = damaged.files.appendingPathComponent(file + "/journal.db-wal")
            let kept = try? Data(contentsOf: aside)
            #expect(kept ?? Data() == log ?? Data(), "it is kept as it was found")
            #expect(try await journal.position(of: damaged.office.terminal) == nil)
            let carried = try await lines(journal)
            #expect(carried.isSuperset(of: damaged.atCentre.union(readable)))
            #expect(carried.count > damaged.atCentre.count || !loss.leavesCommits)
            // The terminal is read from its beginning.
            let read = try await journal.record(
                damaged.office.punches(DamagedOffice.held), at: damaged.office.moment(9_000))
            #expect(read.new > 0 || loss.leavesCommits)
            await journal.close()
            await (try await opened(damaged)).close()
            #expect(Journal.repairs(in: damaged.files.path).count == 1)
        }
    }

    @Test func `is told by its bytes alone where nothing says how far the journal went`()
        async throws
    {
        for loss in [Loss.garbage, .zeros, .word] {
            try await withDamaged { damaged in
                try? FileManager.default.removeItem(at: damaged.head)
                var dice = SeededGenerator(state: 4)
                try put(loss.applied(to: try Data(contentsOf: damaged.log), &dice), at: damaged.log)
                await (try await opened(damaged)).close()
                let report = try #require(Journal.repairs(in: damaged.files.path).last, "\(loss)")
                #expect(report.missing == nil, "nobody knows how many there were")
                #expect(report.detail.contains("journal.db-wal"))
            }
        }
    }

    /// A power cut leaves such logs, and nobody was told that what they held was kept.
    @Test(arguments: [0, 3, 8, 12, 20, 31, 32])
    func `is none where it was only about to begin`(written: Int) async throws {
        for zeros in [0, 32 - written] {
            try await withOffice { office in
                try await withTemporaryFolder { files in
                    let damaged = try await DamagedOffice(office, in: files, log: false)
                    let head = try await headOfALog(damaged)
                    try (head.prefix(written) + Data(count: zeros)).write(to: damaged.log)
                    let journal = try await opened(damaged)
                    #expect(await journal.headSeq == DamagedOffice.total)
                    #expect(Journal.repairs(in: damaged.files.path).isEmpty)
                    await journal.close()
                }
            }
        }
    }

    private func headOfALog(_ damaged: DamagedOffice) async throws -> Data {
        try await withTemporaryFolder { folder in
            let journal = try damaged.office.open(in: folder)
            let log = try Data(contentsOf: folder.appendingPathComponent("journal.db-wal"))
            await journal.close()
            return log.prefix(32)
        }
    }

    /// SQLite writes over a log from its beginning once all of it is in the file.
    @Test func `is none where a log has begun anew over an older one`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            // So many pages that the log goes into the file by itself, and begins anew.
            for first in stride(from: 0 as Int64, to: 30_000, by: 3_000) {
                try await journal.record(
                    office.punches(first..<first + 3_000), at: office.moment(first))
            }
            try await journal.record(office.punches(30_000..<30_001), at: office.moment())
            try await withTemporaryFolder { files in
                for (name, data) in try office.files() {
                    try data.write(to: files.appendingPathComponent(name))
                }
                let again = try office.open(in: files)
                #expect(await again.headSeq == 30_001)
                await again.close()
            }
            await journal.close()
        }
    }

    @Test func `is not missed once somebody has moved it into the file`() async throws {
        try await withDamaged { damaged in
            let other = try Database(path: damaged.database.path, sharing: .shared)
            try other.checkpoint()
            other.close()
            try? FileManager.default.removeItem(at: damaged.log)
            let journal = try await opened(damaged)
            #expect(await journal.headSeq == DamagedOffice.total)
            #expect(Journal.repairs(in: damaged.files.path).isEmpty)
            await journal.close()
        }
    }

    @Test(arguments: ["", "no note", "of another journal", "a digit changed", "cut"])
    func `is not missed on the word of a note that nobody wrote`(note: String) async throws {
        try await withDamaged { damaged in
            try FileManager.default.removeItem(at: damaged.log)
            var text = try String(contentsOf: damaged.head, encoding: .utf8)
            switch note {
            case "of another journal":
                text = text.replacingOccurrences(
                    of: damaged.journal.description, with: String(repeating: "a", count: 32))
            case "a digit changed": text = text.replacingOccurrences(of: "1000", with: "2000")
            case "cut": text = String(text.prefix(40))
            default: text = note
            }
            try Data(text.utf8).write(to: damaged.head)
            let journal = try await opened(damaged)
            #expect(await journal.headSeq == DamagedOffice.receipted)
            #expect(Journal.repairs(in: damaged.files.path).isEmpty)
            await journal.close()
        }
    }

    @Test func `is named by the number of the first entry that is gone`() async throws {
        try await withDamaged { damaged in
            try FileManager.default.removeItem(at: damaged.log)
            #expect(
                throws: JournalError.behind(
                    path: damaged.database.path, head: DamagedOffice.receipted,
                    confirmed: DamagedOffice.total)
            ) { try damaged.office.open(in: damaged.files) }
            await (try await opened(damaged)).close()
            let report = try #require(Journal.repairs(in: damaged.files.path).last)
            #expect(report.missing == DamagedOffice.total - DamagedOffice.receipted)
        }
    }

    /// The note costs no sync, and an entry that is not new leaves it alone.
    @Test func `is noted by whoever reads the same again in no file at all`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(office.punches(0..<10), at: office.moment())
            let before = try office.files()
            #expect(before["journal.head"]?.isEmpty == false)
            try await journal.record(office.punches(0..<10), at: office.moment(5))
            #expect(try office.files() == before)
            await journal.close()
        }
    }
}
