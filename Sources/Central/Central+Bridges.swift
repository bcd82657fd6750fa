public import Attendance
import Exchange
import SQLite

extension Central {
    /// Bridges of one office or of all, revoked ones included, in the order of their enrolment.
    public func bridges(of office: OfficeID? = nil) throws -> [Bridge] {
        var bridges: [Bridge] = []
        try database.rows(
            "\(Self.bridgeQuery) WHERE ?1 IS NULL OR o.name = ?1 ORDER BY b.id",
            .text(office?.description)
        ) { row in
            if let bridge = Self.bridge(row) { bridges.append(bridge) }
        }
        return bridges
    }

    public func bridge(_ id: String) throws -> Bridge? {
        try database.first("\(Self.bridgeQuery) WHERE b.name = ?", .text(id)) {
            Self.bridge($0)
        } ?? nil
    }

    private static let bridgeQuery = """
        SELECT b.key, o.name, b.hostname, b.enrolled_at, b.revoked_at, b.revoked_by,
            b.revoked_why, s.heard_at
        FROM bridge b JOIN office o ON o.id = b.office
            LEFT JOIN bridge_status s ON s.bridge = b.id
        """

    private static func bridge(_ row: Row) -> Bridge? {
        guard let key = try? VerifyingKey(bytes: row.blob(0)),
            let office = try? OfficeID(row.text(1))
        else { return nil }
        let revocation = row.moment(4).map {
            Bridge.Revocation(
                at: $0, who: row.optionalText(5) ?? "", reason: row.optionalText(6) ?? "")
        }
        return Bridge(
            id: key.id, key: key, office: office, hostname: row.text(2),
            enrolledAt: UTCTime(milliseconds: row.int(3)), lastHeard: row.moment(7),
            revocation: revocation)
    }

    /// Letters of a reason that are kept.
    public static let longestReason = 200

    /// Takes a bridge's place away: its calls are refused from now on, what it brought stays.
    ///
    /// - Parameters:
    ///   - id: `VerifyingKey.id`.
    ///   - reason: Why, for the audit trail and the office's page.
    ///   - doer: Who does it.
    ///   - now: The moment it happens.
    /// - Returns: Whether it was in force until now; a second time changes nothing.
    @discardableResult
    public func revoke(
        bridge id: String, because reason: String, by doer: Doer, at now: UTCTime
    ) throws -> Bool {
        let reason = String(reason.prefix(Self.longestReason))
        return try database.transaction {
            let office = try database.int("SELECT office FROM bridge WHERE name = ?", .text(id))
            guard let office else { throw CentralError.unknownBridge(id) }
            let changed = try database.run(
                """
                UPDATE bridge SET revoked_at = ?, revoked_by = ?, revoked_why = ?
                WHERE name = ? AND revoked_at IS NULL
                """, .int(now.milliseconds), .text(doer.name), .text(reason), .text(id))
            guard changed == 1 else { return false }
            try event("bridge-revoked", office: office, at: now, now: now, detail: reason)
            try audit(doer, "revoke-bridge", "\(id): \(reason)", at: now)
            return true
        }
    }
}
