import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

@Suite struct `A journal's file` {
    private func write(_ bytes: [UInt8], as name: String, in office: Office) throws -> URL {
        let url = office.folder.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        return url
    }

    @Test func `is made with a name of its own, which lies beside it`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let note = try String(
                contentsOf: office.folder.appendingPathComponent("journal.id"), encoding: .utf8)
            #expect(note == "\(journal.id)\n")
        }
    }

    @Test func `that is empty is new on the first day and refused on every later one`()
        async throws
    {
        try await withOffice { office in
            let url = try write([], as: "journal.db", in: office)
            let first = try office.open()
            let id = first.id
            await first.close()
            try Data().write(to: url)
            for _ in 0..<2 {
                let error = #expect(throws: JournalError.self) { try office.open() }
                #expect(error == .emptied(path: url.path, journal: id))
            }
        }
    }

    @Test func `that is gone is followed by a new journal that says so`() async throws {
        try await withOffice { office in
            let first = try office.open()
            try await first.record([try office.punch(1)], at: office.moment())
            await first.close()
            try FileManager.default.removeItem(
                at: office.folder.appendingPathComponent("journal.db"))
            let second = try office.open(randomFrom: 9)
            #expect(second.id != first.id)
            for round in 1..<3 as Range<Int64> {
                try await second.record([try office.punch(1)], at: office.moment(round))
            }
            let lines = try await second.lines(from: 1, limit: 9)
            #expect(lines.compactMap { EntryFields(line: $0.line)?.kind } == ["bridge", "punch"])
            #expect(EntryFields(line: lines[0].line)?.detail?.contains("\(first.id)") == true)
        }
    }

    @Test func `of another program is refused and left as it is`() async throws {
        try await withOffice { office in
            let url = office.folder.appendingPathComponent("journal.db")
            let other = try Database(path: url.path, sharing: .shared)
            try other.execute("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('mine')")
            other.close()
            let before = try Data(contentsOf: url)
            let error = #expect(throws: SQLiteError.self) { try office.open() }
            #expect(error?.problem.code == "store.foreign")
            #expect(try Data(contentsOf: url) == before)
        }
    }

    @Test func `that is no database is refused and left as it is`() async throws {
        try await withOffice { office in
            let bytes = (0..<5_000).map { UInt8($0 & 0xFF) }
            let url = try write(bytes, as: "journal.db", in: office)
            let error = #expect(throws: SQLiteError.self) { try office.open() }
            #expect(error?.problem.code == "store.damaged")
            #expect(try Data(contentsOf: url) == Data(bytes))
        }
    }

    @Test func `of a newer program is refused and left as it is`() async throws {
        try await withOffice { office in
            let url = office.folder.appendingPathComponent("journal.db")
            await (try office.open()).close()
            let newer = try Database(path: url.path, sharing: .exclusive)
            try newer.execute("PRAGMA user_version = 99")
            newer.close()
            let before = try Data(contentsOf: url)
            let error = #expect(throws: SQLiteError.self) { try office.open() }
            #expect(error?.problem.code == "store.newer")
            #expect(try Data(contentsOf: url) == before)
        }
    }

    @Test func `in a folder that is not there is refused with words`() async throws {
        try await withOffice { office in
            let error = #expect(throws: SQLiteError.self) {
                try office.open(in: office.folder.appendingPathComponent("no"))
            }
            #expect(error?.problem.code == "store.read-only")
        }
    }

    @Test func `is not touched while nothing happens`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let page = try office.punches(0..<50)
            try await journal.record(
                page, positions: [office.terminal: "50"], at: office.moment())
            let (receipt, text) = try await office.receipt(for: journal, through: 50)
            try await journal.keep(receipt, text: text)
            _ = try await journal.bootNumber(forBootID: "a")
            let before = try office.files()
            for round in 1..<20 as Range<Int64> {
                try await journal.record(
                    page, positions: [office.terminal: "50"], at: office.moment(round))
                try await journal.keep(receipt, text: text)
                _ = try await journal.bootNumber(forBootID: "a")
                _ = try await journal.status()
                _ = try await journal.outbox(maxEntries: 9, maxBytes: 9_999)
            }
            #expect(try office.files() == before)
        }
    }
}
