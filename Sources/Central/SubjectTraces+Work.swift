import Attendance
import Exchange
import SQLite

// What is done with the traces of a person.
extension SubjectTraces {
    // MARK: Telling

    func addPunches(to export: inout SubjectExport) throws {
        try database.rows(
            """
            SELECT t.name, coalesce(p.pin_text, p.pin), p.time, p.verify, p.state, p.work,
                p.sightings
            FROM punch p JOIN terminal t ON t.id = p.terminal
            WHERE p.office = ? AND p.pin = ? ORDER BY t.name, p.time
            """, .int(office), pin
        ) { row in
            export.punches += 1
            export.add("punch") {
                $0.add("office", subject.office.description)
                $0.add("terminal", row.text(0))
                $0.add("pin", row.text(1))
                $0.add("time", WallTime(seconds: row.int(2)).description)
                $0.add("verify", row.text(3))
                $0.add("state", row.text(4))
                $0.add("work", row.int(5))
                $0.add("sightings", row.int(6))
            }
        }
    }

    /// The lines verbatim; one that is forgotten is named all the same.
    func addLines(to export: inout SubjectExport) throws {
        for place in places.sorted() {
            let name = try database.text(
                "SELECT name FROM journal WHERE id = ?", .int(place.journal))
            let line = try line(at: place)
            export.add("line") {
                $0.add("journal", name ?? "")
                $0.add("seq", place.seq)
                $0.add("line", ifPresent: line.map { String(decoding: $0, as: UTF8.self) })
            }
        }
    }

    func addProvisional(to export: inout SubjectExport) throws {
        try database.rows(
            """
            SELECT t.name, p.pin_text, p.time, p.verify, p.state
            FROM provisional p JOIN terminal t ON t.id = p.terminal
            WHERE p.office = ? AND p.pin = ? ORDER BY t.name, p.time
            """, .int(office), pin
        ) { row in
            export.add("provisional") {
                $0.add("terminal", row.text(0))
                $0.add("pin", row.text(1))
                $0.add("time", WallTime(seconds: row.int(2)).description)
                $0.add("verify", row.text(3))
                $0.add("state", row.text(4))
            }
        }
    }

    func addAudit(to export: inout SubjectExport) throws {
        try database.rows(
            "SELECT at, who, action FROM audit WHERE object = ? ORDER BY seq",
            .text(subject.description)
        ) { row in
            export.add("audit") {
                $0.add("at", UTCTime(milliseconds: row.int(0)).description)
                $0.add("who", row.text(1))
                $0.add("action", row.text(2))
            }
        }
    }

    // MARK: Taking away

    func erase(at now: UTCTime) throws {
        for place in places.sorted() where try line(at: place) != nil {
            let key: [Value] = [.int(place.journal), .int(place.seq)]
            try database.run("UPDATE entry SET line = NULL WHERE journal = ? AND seq = ?", key)
            try database.run("DELETE FROM waiting WHERE journal = ? AND seq = ?", key)
            try database.run("UPDATE flagged SET detail = NULL WHERE journal = ? AND seq = ?", key)
            try Forgotten.note(
                database, place.journal, place.seq...place.seq, .subject, at: now)
        }
        for punch in punches {
            try database.run(
                "DELETE FROM sighting WHERE terminal = ? AND time = ? AND pin = ?",
                .int(punch.terminal), .int(punch.time), pin)
        }
        let gone = try database.run(
            "DELETE FROM punch WHERE office = ? AND pin = ?", .int(office), pin)
        try database.run(
            "UPDATE office SET punches = punches - ? WHERE id = ?", .int(gone), .int(office))
        try database.run(
            "DELETE FROM provisional WHERE office = ? AND pin = ?", .int(office), pin)
    }

    /// The same punches, come again, stay out.
    func keepOut(through last: WallTime, at now: UTCTime) throws {
        try database.run(
            """
            INSERT INTO erased SELECT DISTINCT terminal, ?2, ?3, ?4 FROM placement WHERE office = ?1
            ON CONFLICT (terminal, pin) DO UPDATE SET through = max(through, excluded.through)
            """, .int(office), pin, .int(last.seconds), .int(now.milliseconds))
    }
}
