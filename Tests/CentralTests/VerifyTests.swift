import Attendance
import Central
import SQLite
import Testing

@Suite struct `A check of the whole store` {
    let centre: Centre
    let raw: Database

    init() async throws {
        centre = try await Centre()
        var box = try await centre.box()
        for second in 0..<20 { box.write(try punch("\(second % 4)", Int64(second))) }
        for second in 0..<5 { box.write(try punch("\(second % 4)", Int64(second), via: .stick)) }
        _ = try await centre.central.accept(try box.call(0..<25), at: moment())
        raw = try Database(path: centre.folder.path + "/centre.db", sharing: .shared)
    }

    @Test func `finds nothing when nothing was done`() async throws {
        let report = try await centre.central.verify()
        #expect(report.findings == [])
        #expect(report.journals == 1)
        #expect(report.entries == 25)
        #expect(report.punches == 20)
        #expect(report.sightings == 25)
        #expect(report.auditRows > 0)
    }

    @Test(arguments: [
        "UPDATE entry SET line = CAST(replace(CAST(line AS TEXT), '08:00:07', '07:00:07') AS BLOB) WHERE seq = 8",
        "DELETE FROM entry WHERE seq = 12",
        "DELETE FROM entry WHERE seq = 25",
        "DELETE FROM entry WHERE seq = 1",
        "UPDATE entry SET chain = zeroblob(32) WHERE seq = 25",
        "DELETE FROM punch WHERE pin = '1' AND seq = 2",
        "UPDATE punch SET time = time - 3600 WHERE seq = 9",
        "UPDATE punch SET verify = 'card' WHERE seq = 9",
        "UPDATE punch SET pin = '99' WHERE seq = 9",
        "UPDATE punch SET sightings = 9 WHERE seq = 9",
        """
        INSERT INTO punch SELECT office, terminal, time + 500, pin, pin_text, verify, state, work,
            via, journal, seq, 1 FROM punch WHERE seq = 9
        """,
        """
        INSERT INTO punch SELECT office, terminal, time + 500, pin, pin_text, verify, state, work,
            via, journal, 999, 1 FROM punch WHERE seq = 9
        """,
        "DELETE FROM sighting WHERE seq = 22",
        "UPDATE office SET punches = punches + 1 WHERE punches > 0",
        "UPDATE journal SET head_seq = 24",
        "UPDATE entry SET line = NULL WHERE seq = 25",
        """
        INSERT INTO forgotten VALUES (1, 21, 24, 'retention', 0, NULL, NULL);
        UPDATE entry SET line = NULL WHERE seq BETWEEN 21 AND 25
        """,
        """
        UPDATE entry SET line = NULL WHERE seq = 20;
        INSERT INTO forgotten VALUES (1, 20, 20, 'retention', 0, NULL, NULL)
        """,
        """
        DELETE FROM punch WHERE seq = 20; UPDATE office SET punches = 19 WHERE punches = 20;
        UPDATE entry SET line = NULL WHERE seq = 20;
        INSERT INTO forgotten VALUES (1, 20, 20, 'subject', 0, NULL, NULL)
        """,
        """
        DELETE FROM punch WHERE seq = 20; UPDATE office SET punches = 19 WHERE punches = 20;
        UPDATE entry SET line = NULL WHERE seq = 20;
        INSERT INTO forgotten VALUES (1, 20, 20, 'hole', 0, NULL, NULL)
        """,
        "INSERT INTO erased VALUES (1, '77', 0, 0)",
        "PRAGMA foreign_keys = OFF; INSERT INTO entry SELECT 9, seq, line, digest, chain FROM entry WHERE seq = 1",
        "DELETE FROM waiting; INSERT INTO waiting VALUES (1, 1, 3, 1, 0)",
    ])
    func `shows what was done behind its back`(tamper: String) async throws {
        try raw.execute(tamper)
        #expect(try await centre.central.verify().isWhole == false)
    }

    @Test func `finds a punch that was put on a line which is forgotten`() async throws {
        try await centre.central.record(tester, "apply-retention", at: UTCTime(milliseconds: 0))
        try raw.execute(
            """
            INSERT INTO forgotten VALUES (1, 1, 1, 'retention', 0, NULL, NULL);
            UPDATE entry SET line = NULL WHERE seq = 1;
            INSERT INTO punch SELECT office, terminal, time + 500, pin, pin_text, verify, state, work,
                via, journal, seq, 1 FROM punch WHERE seq = 9;
            UPDATE punch SET seq = 1 WHERE seq = 9 AND time % 100 = (SELECT max(time) FROM punch) % 100;
            UPDATE office SET punches = 21 WHERE punches = 20
            """)
        #expect(try await centre.central.verify().isWhole == false)
    }

    @Test func `finds what is left of a person who is said to be erased`() async throws {
        try await centre.central.record(tester, "erase-subject", at: UTCTime(milliseconds: 0))
        try raw.execute("INSERT INTO erased SELECT terminal, pin, time, 0 FROM punch WHERE seq = 9")
        #expect(try await centre.central.verify().findings.count == 1)
    }

    @Test func `does not mind that a line was purged while its digest stays`() async throws {
        // Who forgets answers for it in the audit trail.
        try await centre.central.record(tester, "apply-retention", at: UTCTime(milliseconds: 0))
        try raw.execute(
            """
            INSERT INTO forgotten VALUES (1, 21, 25, 'retention', 0, NULL, NULL);
            UPDATE entry SET line = NULL WHERE seq BETWEEN 21 AND 25
            """)
        let report = try await centre.central.verify()
        #expect(report.findings == [])
        #expect(report.purged == 5 && report.lost == 0)
    }
}
