import Attendance
import Central
import SQLite
import Testing

@Suite struct `Users and sessions` {
    let central: Central
    let folder: TemporaryFolder
    let token = [UInt8](repeating: 1, count: 32)

    init() async throws {
        folder = try TemporaryFolder()
        central = try Central(folder: folder.path)
        try await central.addUser(
            "operator.utara", role: .operator, passwordHash: "scrypt$x", by: tester, at: moment())
    }

    @Test func `have a role and a hash`() async throws {
        let user = try await central.user(named: "operator.utara")
        #expect(user?.role == .operator)
        #expect(user?.passwordHash == "scrypt$x")
        #expect(try await central.user(named: "lain") == nil)
        #expect(try await central.users().count == 1)
    }

    @Test func `are added once, under a plain name`() async throws {
        await #expect(throws: CentralError.userExists("operator.utara")) {
            try await central.addUser(
                "operator.utara", role: .administrator, passwordHash: "y", by: tester,
                at: moment())
        }
        for name in ["", "Budi", "a b", String(repeating: "a", count: 41)] {
            await #expect(throws: CentralError.badUserName(name)) {
                try await central.addUser(
                    name, role: .operator, passwordHash: "y", by: tester, at: moment())
            }
        }
    }

    @Test func `end when idle, when old and when closed`() async throws {
        try await open()
        #expect(try await central.session(tokenHash: token, at: moment(3_000)) != nil)
        #expect(try await central.session(tokenHash: token, at: moment(6_000)) != nil)
        #expect(try await central.session(tokenHash: token, at: moment(9_601)) == nil)
        try await central.closeSession(tokenHash: token)
        try await open()
        for second in stride(from: 0, to: 43_200, by: 3_000) {
            #expect(try await central.session(tokenHash: token, at: moment(Int64(second))) != nil)
        }
        #expect(try await central.session(tokenHash: token, at: moment(43_200)) == nil)
        try await central.closeSession(tokenHash: token)
        #expect(try await central.session(tokenHash: token, at: moment(1)) == nil)
    }

    @Test func `end when the user is shut out or gets a new password`() async throws {
        try await open()
        try await central.setPassword(
            of: "operator.utara", passwordHash: "neu", by: tester, at: moment(1))
        #expect(try await central.session(tokenHash: token, at: moment(2)) == nil)
        try await open()
        try await central.setDisabled(true, user: "operator.utara", by: tester, at: moment(1))
        #expect(try await central.session(tokenHash: token, at: moment(2)) == nil)
    }

    private func open() async throws {
        try await central.openSession(user: "operator.utara", tokenHash: token, at: moment())
    }
}

@Suite struct `The audit trail` {
    let central: Central
    let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        central = try Central(folder: folder.path)
        for number in 0..<6 {
            try await central.record(
                Doer(name: "admin", address: "10.0.0.\(number)"), "view-office",
                object: number == 3 ? nil : Centre.north, at: moment(Int64(number)))
        }
    }

    @Test func `says who did what, newest first, page by page`() async throws {
        let rows = try await central.auditRows(limit: 4)
        #expect(rows.map(\.seq) == [6, 5, 4, 3])
        #expect(rows.first?.who == "admin")
        #expect(rows.first?.address == "10.0.0.5")
        #expect(rows[2].object == nil)
        #expect(try await central.auditRows(before: 3, limit: 9).map(\.seq) == [2, 1])
        #expect(try await central.auditIsWhole())
        #expect(try await central.auditIsWhole(newest: 2))
    }

    @Test func `is guarded by the store itself`() async throws {
        let raw = try Database(path: folder.path + "/centre.db", sharing: .shared)
        #expect(throws: SQLiteError.self) { try raw.run("UPDATE audit SET who = 'x'") }
        #expect(throws: SQLiteError.self) { try raw.run("DELETE FROM audit") }
    }

    @Test(arguments: [
        "UPDATE audit SET who = 'lain' WHERE seq = 2",
        "UPDATE audit SET object = 'lain' WHERE seq = 4",
        "UPDATE audit SET at = at + 1 WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 6",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT 7, at, who, action, object, address, chain FROM audit WHERE seq = 6",
    ])
    func `shows what was done to it behind its back`(tamper: String) async throws {
        let raw = try Database(path: folder.path + "/centre.db", sharing: .shared)
        try raw.execute("DROP TRIGGER audit_stays; DROP TRIGGER audit_remains;")
        try raw.execute(tamper)
        #expect(try await central.auditIsWhole() == false)
        #expect(try await central.verify().isWhole == false)
    }
}
