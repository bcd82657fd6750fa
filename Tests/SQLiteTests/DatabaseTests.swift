import Attendance
import Foundation
import SQLite
import TestSupport
import Testing

@Suite struct `A database` {
    private func withDatabase(
        _ sharing: Database.Sharing = .exclusive, _ body: (Database, String) throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("test.db").path
            try body(try Database(path: path, sharing: sharing), path)
        }
    }

    @Test(arguments: [Database.Sharing.exclusive, .shared])
    func `syncs every commit to the disk`(sharing: Database.Sharing) async throws {
        try await withDatabase(sharing) { database, _ in
            let level = try database.int("PRAGMA synchronous")
            let mode = try database.text("PRAGMA journal_mode")
            #expect(level == 2 && mode == "wal")
        }
    }

    @Test func `gives back what was bound`() async throws {
        try await withDatabase { database, _ in
            try database.execute("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d TEXT) STRICT")
            try database.run(
                "INSERT INTO t VALUES (?, ?, ?, ?)", .int(-7), .text(""), .blob([0, 255]), .null)
            try database.run(
                "INSERT INTO t VALUES (?, ?, ?, ?)", .int(8), .text("å\u{0}b"), .blob([]), .null)
            var seen: [(Int64, String?, [UInt8]?, String?)] = []
            try database.rows("SELECT a, b, c, d FROM t ORDER BY a") { row in
                seen.append(
                    (row.int(0), row.optionalText(1), row.optionalBlob(2), row.optionalText(3)))
            }
            #expect(seen.map(\.0) == [-7, 8])
            #expect(seen.map(\.1) == ["", "å\u{0}b"])
            #expect(seen.map(\.2) == [[0, 255], []])
            #expect(seen.allSatisfy { $0.3 == nil })
        }
    }

    @Test func `keeps nothing of a transaction that failed`() async throws {
        struct Stop: Error {}
        try await withDatabase { database, _ in
            try database.execute("CREATE TABLE t (a INTEGER) STRICT")
            #expect(throws: Stop.self) {
                try database.transaction {
                    try database.run("INSERT INTO t VALUES (1)")
                    throw Stop()
                }
            }
            #expect(try database.int("SELECT count(*) FROM t") == 0)
            try database.transaction { try database.run("INSERT INTO t VALUES (2)") }
            #expect(try database.int("SELECT count(*) FROM t") == 1)
        }
    }

    @Test func `that is held alone refuses a second opener with words`() async throws {
        try await withDatabase { database, path in
            try database.execute("CREATE TABLE t (a INTEGER) STRICT")
            let error = #expect(throws: SQLiteError.self) {
                try Database(path: path, sharing: .exclusive)
            }
            #expect(error?.kind == .busy)
            #expect(error?.problem.code == "store.busy")
        }
    }

    @Test func `that is shared lets two connections write in turn`() async throws {
        try await withDatabase(.shared) { database, path in
            let other = try Database(path: path, sharing: .shared)
            try database.execute("CREATE TABLE t (a INTEGER) STRICT")
            try other.run("INSERT INTO t VALUES (1)")
            try database.run("INSERT INTO t VALUES (2)")
            #expect(try other.int("SELECT count(*) FROM t") == 2)
        }
    }

    @Test func `says that the disk is full and goes on when there is room`() async throws {
        try await withDatabase { database, _ in
            try database.execute("CREATE TABLE t (a BLOB) STRICT")
            try database.execute("PRAGMA max_page_count = 8")
            let error = #expect(throws: SQLiteError.self) {
                try database.run(
                    "INSERT INTO t VALUES (?)", .blob(Array(repeating: 1, count: 90_000)))
            }
            #expect(error?.kind == .full)
            try database.execute("PRAGMA max_page_count = 1000")
            try database.run("INSERT INTO t VALUES (?)", .blob(Array(repeating: 1, count: 90_000)))
        }
    }

    @Test func `migrates step by step and refuses a newer file`() async throws {
        try await withDatabase { database, _ in
            let first = ["CREATE TABLE t (a INTEGER) STRICT"]
            try database.migrate(first)
            try database.migrate(first + ["ALTER TABLE t ADD COLUMN b TEXT"])
            try database.run("INSERT INTO t (a, b) VALUES (1, 'x')")
            let error = #expect(throws: SQLiteError.self) { try database.migrate(first) }
            #expect(error?.kind == .newer)
        }
    }

    @Test func `that is no database is left as it is`() async throws {
        try await withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("notes.db")
            let text = String(repeating: "these are notes and no database. ", count: 40)
            try text.write(to: url, atomically: true, encoding: .utf8)
            let error = #expect(throws: SQLiteError.self) {
                try Database(path: url.path, sharing: .exclusive)
            }
            #expect(error?.kind == .damaged)
            #expect(try String(contentsOf: url, encoding: .utf8) == text)
        }
    }

    @Test func `of another program is refused before anything in it is changed`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("test.db").path
            let ours: Int32 = 0x5469_7400
            let first = try Database(path: path, sharing: .exclusive, applicationID: ours)
            try first.migrate(["PRAGMA application_id = \(ours); CREATE TABLE t (a INTEGER) STRICT"]
            )
            first.close()
            try Database(path: path, sharing: .exclusive, applicationID: ours).close()
            let error = #expect(throws: SQLiteError.self) {
                try Database(path: path, sharing: .exclusive, applicationID: ours + 1)
            }
            #expect(error?.kind == .foreign)
        }
    }

    @Test func `answers the same question while its rows are being read`() async throws {
        try await withDatabase { database, _ in
            try database.execute("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1), (2)")
            var pairs = 0
            let sql = "SELECT a FROM t WHERE a > ?"
            try database.rows(sql, .int(0)) { _ in
                try database.rows(sql, .int(0)) { _ in pairs += 1 }
            }
            #expect(pairs == 4)
        }
    }

    @Test func `refuses work after it was closed`() async throws {
        try await withDatabase { database, _ in
            database.close()
            database.close()
            #expect(throws: SQLiteError.self) { try database.execute("SELECT 1") }
            #expect(throws: SQLiteError.self) { try database.int("SELECT 1") }
        }
    }

    @Test func `never takes a value for SQL`() async throws {
        try await withDatabase { database, _ in
            try database.execute("CREATE TABLE t (a TEXT) STRICT")
            let text = "'); DROP TABLE t; --"
            try database.run("INSERT INTO t VALUES (?)", .text(text))
            #expect(try database.text("SELECT a FROM t WHERE a = ?", .text(text)) == text)
        }
    }

    @Test func `says so when a rule of the schema is broken`() async throws {
        try await withDatabase { database, _ in
            try database.execute("CREATE TABLE t (a INTEGER UNIQUE) STRICT")
            try database.run("INSERT INTO t VALUES (1)")
            let error = #expect(throws: SQLiteError.self) {
                try database.run("INSERT INTO t VALUES (1)")
            }
            #expect(error?.kind == .constraint && error?.problem.code == "store.failed")
            try database.run("INSERT INTO t VALUES (2)")
        }
    }

    @Test func `finds a byte that was changed behind its back`() async throws {
        try await withDatabase { database, path in
            try database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT")
            for number in 0..<500 {
                try database.run("INSERT INTO t VALUES (?, ?)", .int(number), .text("text"))
            }
            #expect(try database.quickCheck() == nil)
            try database.checkpoint()
            database.close()
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes.replaceSubrange(4_096..<4_104, with: repeatElement(0xFF, count: 8))
            try bytes.write(to: URL(fileURLWithPath: path))
            let again = try Database(path: path, sharing: .exclusive)
            let finding: String?
            do { finding = try again.quickCheck() } catch { finding = "\(error)" }
            #expect(finding != nil)
        }
    }

    @Test func `copies itself while it is used`() async throws {
        try await withDatabase { database, path in
            try database.execute("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (42)")
            try database.backup(to: path + ".copy")
            let copy = try Database(path: path + ".copy", sharing: .shared)
            #expect(try copy.int("SELECT a FROM t") == 42)
            #expect(try copy.quickCheck() == nil)
        }
    }

    @Test func `is made by all that open it at once`() async throws {
        for _ in 0..<40 {
            try await withTemporaryFolder { folder in
                let path = folder.appendingPathComponent("test.db").path
                try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try Database(path: path, sharing: .shared, applicationID: 17)
                                .text("PRAGMA journal_mode")
                        }
                    }
                    for try await mode in group { #expect(mode == "wal") }
                }
            }
        }
    }
}
