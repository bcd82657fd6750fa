public import Attendance
import SQLite

extension Central {
    /// Takes in a list of offices: new ones are added, known ones brought up to date, none removed.
    ///
    /// - Parameters:
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens.
    ///   - csv: See ``OfficeList``.
    /// - Throws: ``CentralError/badOffices(line:column:rule:)``; nothing was changed then.
    @discardableResult
    public func importOffices(csv: [UInt8], by doer: Doer, at now: UTCTime) throws -> OfficeImport {
        let rows = try OfficeList.read(csv)
        return try database.transaction {
            var done = OfficeImport()
            for row in rows { try store(row, at: now, counting: &done) }
            try audit(
                doer, "import-offices", "\(done.added) added, \(done.changed) changed", at: now)
            return done
        }
    }

    private func store(_ row: OfficeList.Row, at now: UTCTime, counting done: inout OfficeImport)
        throws
    {
        let values: [Value] = [
            .text(row.name), .text(row.zone.rawValue), .text(row.stage.rawValue),
            .text(row.contact), .text(row.id.description),
        ]
        guard let old = try office(row.id) else {
            try database.run(
                """
                INSERT INTO office (title, zone, stage, contact, name, added_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """, values + [.int(now.milliseconds)])
            done.added += 1
            return
        }
        let new = Office(
            id: row.id, name: row.name, zone: row.zone, stage: row.stage, contact: row.contact,
            addedAt: old.addedAt)
        guard new != old else {
            done.unchanged += 1
            return
        }
        try database.run(
            "UPDATE office SET title = ?, zone = ?, stage = ?, contact = ? WHERE name = ?", values)
        done.changed += 1
    }

    /// Every office, by id.
    public func offices() throws -> [Office] {
        var offices: [Office] = []
        try database.rows("SELECT \(Self.officeColumns) FROM office ORDER BY name") { row in
            if let office = Self.office(row) { offices.append(office) }
        }
        return offices
    }

    public func office(_ id: OfficeID) throws -> Office? {
        try database.first(
            "SELECT \(Self.officeColumns) FROM office WHERE name = ?", .text(id.description)
        ) { Self.office($0) } ?? nil
    }

    static let officeColumns = "name, title, zone, stage, contact, added_at"

    /// Reads ``officeColumns`` from a row that begins with them.
    static func office(_ row: Row) -> Office? {
        guard let id = try? OfficeID(row.text(0)), let zone = Zone(rawValue: row.text(2)),
            let stage = Office.Stage(rawValue: row.text(3))
        else { return nil }
        return Office(
            id: id, name: row.text(1), zone: zone, stage: stage, contact: row.optionalText(4),
            addedAt: UTCTime(milliseconds: row.int(5)))
    }

    /// The row number of an office.
    func officeRow(_ id: OfficeID) throws -> Int64 {
        if let row = try database.int("SELECT id FROM office WHERE name = ?", .text(id.description))
        {
            return row
        }
        throw CentralError.unknownOffice(id.description, nearest: try nearestOffice(to: id))
    }

    /// The known office whose id shares the longest beginning with a mistyped one.
    private func nearestOffice(to id: OfficeID) throws -> String? {
        let typed = Array(id.description.utf8)
        var best: (name: String, shared: Int)?
        try database.rows("SELECT name FROM office ORDER BY name") { row in
            let name = row.text(0)
            let shared = zip(typed, name.utf8).prefix { $0 == $1 }.count
            if shared >= 3, shared > best?.shared ?? 0 { best = (name, shared) }
        }
        return best?.name
    }
}
