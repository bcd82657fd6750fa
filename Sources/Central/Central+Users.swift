public import Attendance
import SQLite

extension Central {
    /// Adds somebody who may sign in.
    ///
    /// - Parameters:
    ///   - doer: Who does it, for the audit trail.
    ///   - name: The name to sign in with.
    ///   - now: The moment it happens.
    ///   - role: What the user may do.
    ///   - passwordHash: The console's text; the centre never sees a password.
    public func addUser(
        _ name: String, role: User.Role, passwordHash: String, by doer: Doer, at now: UTCTime
    ) throws {
        let isName = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
        }
        guard isName, (1...40).contains(name.utf8.count) else {
            throw CentralError.badUserName(name)
        }
        try database.transaction {
            let added = try database.run(
                "INSERT INTO user VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING", .text(name),
                .text(role.rawValue), .text(passwordHash))
            guard added == 1 else { throw CentralError.userExists(name) }
            try audit(doer, "add-user", "\(name) \(role.rawValue)", at: now)
        }
    }

    public func user(named name: String) throws -> User? {
        try database.first(
            "SELECT \(Self.userColumns) FROM user WHERE name = ?", .text(name)
        ) { Self.user($0) }
    }

    public func users() throws -> [User] {
        var users: [User] = []
        try database.rows("SELECT \(Self.userColumns) FROM user ORDER BY name") {
            users.append(Self.user($0))
        }
        return users
    }

    /// Gives a new password; sessions under the old one end.
    public func setPassword(
        of name: String, passwordHash: String, by doer: Doer, at now: UTCTime
    ) throws {
        try database.transaction {
            let changed = try database.run(
                "UPDATE user SET password_hash = ? WHERE name = ?", .text(passwordHash),
                .text(name))
            guard changed == 1 else { throw CentralError.unknownUser(name) }
            try database.run("DELETE FROM session WHERE user = ?", .text(name))
            try audit(doer, "set-password", name, at: now)
        }
    }

    /// Shuts somebody out at once, or lets them in again.
    public func setDisabled(_ isDisabled: Bool, user name: String, by doer: Doer, at now: UTCTime)
        throws
    {
        try database.transaction {
            let changed = try database.run(
                "UPDATE user SET disabled = ? WHERE name = ?", .int(isDisabled ? 1 : 0),
                .text(name))
            guard changed == 1 else { throw CentralError.unknownUser(name) }
            if isDisabled { try database.run("DELETE FROM session WHERE user = ?", .text(name)) }
            try audit(doer, isDisabled ? "disable-user" : "enable-user", name, at: now)
        }
    }

    private static let userColumns = "name, role, password_hash, disabled"

    static func user(_ row: Row) -> User {
        User(
            name: row.text(0), role: User.Role(rawValue: row.text(1)) ?? .operator,
            passwordHash: row.text(2), isDisabled: row.int(3) != 0)
    }
}

// MARK: Sessions

extension Central {
    /// Opens a session.
    ///
    /// - Parameters:
    ///   - now: The moment it happens.
    ///   - user: Who signs in.
    ///   - tokenHash: SHA-256 of the token; the token itself is only in the browser.
    ///   - lifetime: When it ends whatever happens.
    ///   - idle: When it ends if nobody uses it.
    public func openSession(
        user: String, tokenHash: [UInt8], at now: UTCTime, lifetime: Duration = .seconds(43_200),
        idle: Duration = .seconds(3_600)
    ) throws {
        try database.transaction {
            try database.run("DELETE FROM session WHERE expires_at <= ?", .int(now.milliseconds))
            try database.run(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", .blob(tokenHash), .text(user),
                .int(now.milliseconds), .int(now.milliseconds),
                .int(now.milliseconds + lifetime.components.seconds * 1_000),
                .int(idle.components.seconds * 1_000))
        }
    }

    /// Who is signed in with this token; nil if nobody is, or no longer.
    public func session(tokenHash: [UInt8], at now: UTCTime) throws -> User? {
        let found = try database.first(
            """
            SELECT u.name, u.role, u.password_hash, u.disabled, s.seen_at
            FROM session s JOIN user u ON u.name = s.user
            WHERE s.token = ? AND s.expires_at > ? AND s.seen_at + s.idle_ms > ? AND u.disabled = 0
            """, .blob(tokenHash), .int(now.milliseconds), .int(now.milliseconds)
        ) { (user: Self.user($0), seenAt: $0.int(4)) }
        guard let found else { return nil }
        // Once a minute is enough, or every picture on a page would be a write.
        if found.seenAt + 60_000 <= now.milliseconds {
            try database.run(
                "UPDATE session SET seen_at = ? WHERE token = ?", .int(now.milliseconds),
                .blob(tokenHash))
        }
        return found.user
    }

    public func closeSession(tokenHash: [UInt8]) throws {
        try database.run("DELETE FROM session WHERE token = ?", .blob(tokenHash))
    }
}
