import Attendance
import Central
import Exchange
import Foundation
import SQLite
import Testing

@Suite struct `The books beside what a box holds` {
    private let centre: Centre
    private let raw: Database
    private let office: Office

    /// What lies in an office: a journal, what it has counted, and its receipts.
    private struct Office {
        let box: Box
        var receipts: [String] = []

        /// Evidence as `titian journal evidence` writes it.
        ///
        /// - Parameter count: Entries that the box had when it was written.
        func evidence(of count: Int? = nil, key: String? = nil) throws -> [String] {
            let lines = box.lines.prefix(count ?? box.lines.count)
            let key = key ?? box.key.verifying.bytes.base64
            var chain = Chain(journal: box.journal, publicKey: box.key.verifying.bytes)
            var identities: Set<String> = []
            var (entries, known): ([String], [String]) = ([], [])
            for (index, line) in lines.enumerated() {
                chain.append(line: line)
                let digest = Chain.digest(ofLine: line).description
                // Of a line that is there only the first bytes are kept.
                entries.append(
                    index < 5
                        ? #"{"seq":\#(index + 1),"digest":"\#(digest)","hash":"\#(chain.head)"}"#
                        : #"{"seq":\#(index + 1),"line":"…","digest":"\#(digest.prefix(16))"}"#)
                guard let fields = EntryFields(line: line)?.punch else { continue }
                let identity = PunchIdentity(
                    terminal: fields.0, pin: fields.1.pin, time: fields.1.time
                ).bytes.prefix(16)
                let name = Array(identity).hex
                guard identities.insert(name).inserted else { continue }
                known.append(
                    #"{"seq":\#(index + 1),"identity":"\#(name)","time":"\#(fields.1.time)","told":["1/0/0"]}"#
                )
            }
            let bridge =
                #"{"evidence":"bridge","journal":"\#(box.journal)","public_key":"\#(key)","count":\#(entries.count),"last":\#(entries.count)}"#
            let header =
                #"{"evidence":"known","journal":"\#(box.journal)","count":\#(known.count)}"#
            return receipts + [bridge] + entries + [header] + known
        }
    }

    init() async throws {
        centre = try await Centre()
        var box = try await centre.box()
        for second in 0..<20 { box.write(try punch("\(second % 4)", Int64(second))) }
        for second in 0..<5 { box.write(try punch("\(second % 4)", Int64(second), via: .stick)) }
        var receipts: [String] = []
        for range in [0..<12, 12..<25] {
            let answer = try await centre.central.accept(try box.call(range), at: moment())
            let signed = String(decoding: try WireJSON.encode(answer.receipt), as: UTF8.self)
            receipts.append(#"{"receipt":\#(signed)}"#)
        }
        office = Office(box: box, receipts: receipts)
        raw = try Database(path: centre.folder.path + "/centre.db", sharing: .shared)
    }

    private func verify(_ lines: [String]) async throws -> CentralVerification {
        let path = centre.folder.path + "/office.evidence"
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: path))
        return try await centre.central.verify(beside: [path])
    }

    /// The chain made anew over what the store holds now, as somebody would who knows how.
    private func makeAnew() throws {
        var chain = Chain(journal: office.box.journal, publicKey: office.box.key.verifying.bytes)
        var rows: [(seq: Int64, line: [UInt8])] = []
        try raw.rows("SELECT seq, line FROM entry ORDER BY seq") {
            rows.append(($0.int(0), $0.blob(1)))
        }
        for row in rows {
            chain.append(line: row.line)
            try raw.run(
                "UPDATE entry SET digest = ?, chain = ? WHERE seq = ?",
                .blob(Chain.digest(ofLine: row.line).bytes), .blob(chain.head.bytes), .int(row.seq))
        }
        try raw.run(
            "UPDATE journal SET head_seq = ?, head = ?", .int(rows.last?.seq ?? 0),
            .blob(chain.head.bytes))
    }

    @Test func `agree, and all of it was compared`() async throws {
        let found = try await verify(try office.evidence())
        #expect(found.findings == [] && found.unchecked == [])
        #expect(found.compared == (receipts: 2, entries: 25, punches: 20))
    }

    @Test func `show an entry that was changed though everything was made anew`() async throws {
        try raw.execute(
            """
            UPDATE entry SET line = CAST(replace(CAST(line AS TEXT), '08:00:07', '07:00:07') AS BLOB) WHERE seq = 8;
            UPDATE punch SET time = time - 3600 WHERE seq = 8
            """)
        try makeAnew()
        #expect(try await centre.central.verify().isWhole, "alone the books agree with themselves")
        let receipts = try await verify(office.receipts)
        #expect(
            receipts.findings.contains {
                $0.hasSuffix("is not what was receipted, entry 12 and 1 more")
            })
        let all = try await verify(try office.evidence())
        #expect(all.findings.contains { $0.hasSuffix("has something else here, entry 8") })
        #expect(
            all.findings.contains { $0.hasSuffix("counts a punch that the books do not, entry 8") })
        #expect(all.findings.contains { $0.contains("the books count a punch") })
    }

    @Test func `show that the end is gone`() async throws {
        try raw.execute("DELETE FROM sighting WHERE seq > 20; DELETE FROM entry WHERE seq > 20")
        try raw.execute("UPDATE punch SET sightings = 1")
        try makeAnew()
        #expect(try await centre.central.verify().isWhole, "alone the books agree with themselves")
        let found = try await verify(office.receipts)
        #expect(
            found.findings.map { $0.hasSuffix("further than the books have it, entry 21") } == [
                true
            ])
    }

    @Test func `show that a whole journal is gone`() async throws {
        try raw.execute(
            """
            PRAGMA foreign_keys = OFF; DELETE FROM punch; DELETE FROM sighting; DELETE FROM entry;
            DELETE FROM journal_office; DELETE FROM journal; UPDATE office SET punches = 0
            """)
        let found = try await verify(office.receipts)
        #expect(found.findings.count == 1 && found.findings[0].contains("was received and is gone"))
    }

    @Test func `do not mind people who were erased`() async throws {
        _ = try await centre.central.erase(
            Subject(office: try OfficeID(Centre.north), pin: try Pin("2")), apply: true, by: tester,
            at: moment()
        )
        let found = try await verify(try office.evidence())
        #expect(found.findings == [] && found.compared.punches == 20)
    }

    @Test func `say what they could not compare`() async throws {
        let early = try await verify(try office.evidence(of: 24))
        #expect(early.findings == [])
        #expect(early.unchecked.map { $0.contains("has grown since") } == [true])
        let foreign = try await verify([
            office.receipts[0].replacing(#""key":""#, with: #""key":"00"#)
        ])
        #expect(foreign.findings == [])
        #expect(foreign.unchecked.map { $0.contains("none of this centre") } == [true])
    }

    @Test func `refuse files that are changed, cut, or something else`() async throws {
        let whole = try office.evidence()
        let other = SigningKey().verifying.bytes.base64
        let cases: [([String], String)] = [
            ([office.receipts[0].replacing("server_time", with: "server_timE")], "did not sign"),
            (whole.dropLast(3), "it was cut"), ([], "it was cut"),
            (["bukan bukti"], "line 1 is neither evidence of a box nor a receipt"),
            (whole.map { $0.replacing(#""seq":9,"#, with: #""seq":"x","#) }, "line 12 is neither"),
            (try office.evidence(key: other), "is of another key"),
        ]
        for (lines, words) in cases {
            let found = try await verify(lines)
            #expect(found.findings.contains { $0.contains(words) }, "\(words): \(found.findings)")
        }
        await #expect(throws: CentralError.self) {
            try await centre.central.verify(beside: [centre.folder.path + "/none"])
        }
    }
}
