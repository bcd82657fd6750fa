import Attendance
import Exchange
import Foundation
import Testing

@Suite struct `An entry's line` {
    private func line(_ body: EntryBody) -> [UInt8] {
        Entry(seq: 1, at: UTCTime(milliseconds: 0), boot: 1, up: 0, body: body).line
    }

    @Test func `is exactly what the design shows`() throws {
        let punch = try Samples.punch(try Pin("17"), "2026-11-21T08:02:09")
        let entry = Entry(
            seq: 1_042, at: try Samples.time("2026-11-21T00:02:11.120Z"), boot: 7, up: 81_234_567,
            body: .punch(try Samples.terminal(), punch, via: .log))
        #expect(
            String(decoding: entry.line, as: UTF8.self) == """
                {"seq":1042,"at":"2026-11-21T00:02:11.120Z","boot":7,"up":81234567,"kind":"punch",\
                "terminal":"zkteco:BWXP20126001","pin":"17","time":"2026-11-21T08:02:09",\
                "verify":"finger","verify_no":1,"state":"in","state_no":0,"work":0,"via":"log"}
                """)
    }

    @Test func `is one line of JSON for every kind`() throws {
        for line in try Samples.lines() {
            #expect(!line.contains(0x0A))
            let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            #expect(object?["seq"] is Int && object?["kind"] is String)
        }
    }

    @Test func `gives its punch back`() throws {
        for body in try Samples.bodies() {
            guard case .punch(let terminal, let punch, let via) = body else { continue }
            let found = try #require(EntryFields(line: line(body))?.punch)
            #expect(found == (terminal, punch, via))
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `escapes whatever a text holds`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let text = String(decoding: dice.bytes(0...60), as: UTF8.self)
        let fields = try #require(EntryFields(line: line(.bridge(.version, detail: text))))
        #expect(fields.detail == text)
    }

    @Test func `never exceeds what the centre takes`() throws {
        let text = String(repeating: "\u{1}", count: 70_000)
        let terminal = try TerminalID("zkteco:" + String(repeating: "9", count: 64))
        let bytes = [UInt8](repeating: 0xFF, count: 70_000)
        let bodies: [EntryBody] = [
            .oddity(terminal, Oddity(reason: text, raw: bytes), via: .stick),
            .terminal(terminal, .lost, detail: text), .bridge(.configuration, detail: text),
            .fileImport(
                terminal, file: text, sha256: text, read: .max, new: .max, known: .max, odd: .max),
        ]
        for body in bodies {
            let line = line(body.bounded)
            #expect(line.count + 200 <= Envelope.longestLine, "\(body.kind)")
            #expect(EntryFields(line: line) != nil)
        }
    }

    @Test func `is left alone where it is short`() throws {
        for body in try Samples.bodies() { #expect(body.bounded == body) }
    }

    @Test func `says how much of an oddity it holds`() throws {
        let oddity = Oddity(reason: "impossible date", raw: Array(repeating: 1, count: 5_000))
        let body = EntryBody.oddity(try Samples.terminal(), oddity, via: .log).bounded
        let fields = try #require(EntryFields(line: line(body)))
        #expect(fields.reason == "impossible date, first 4096 of 5000 bytes")
    }

    @Test func `is cut between characters`() throws {
        let text = String(repeating: "é", count: 600)
        guard case .bridge(_, let detail?) = EntryBody.bridge(.start, detail: text).bounded else {
            throw InvalidValue(text, rule: "the body is a bridge's")
        }
        #expect(detail.utf8.count <= 1_000)
        #expect(detail.dropLast().allSatisfy { $0 == "é" } && detail.last == "…")
    }
}

@Suite struct `Fields of an entry` {
    @Test(arguments: [
        "", "{", "null", "[]", "17", "\"seq\"", "{}", #"{"seq":"1"}"#, #"{"seq":1.5}"#,
        #"{"seq":99999999999999999999}"#, #"{"seq":1,"pin":17}"#, "\u{0}", #"{"seq":1} x"#,
    ])
    func `are none where the line cannot be understood`(line: String) {
        #expect(EntryFields(line: line.utf8) == nil)
    }

    @Test func `ignore kinds and keys they do not know`() throws {
        let line = #"{"seq":3,"kind":"weather","rain":{"mm":[1,null]},"pin":"7"}"#
        let fields = try #require(EntryFields(line: line.utf8))
        #expect(fields.seq == 3 && fields.kind == "weather" && fields.pin == "7")
        #expect(fields.punch == nil)
    }

    @Test(arguments: [
        #"{"seq":1,"kind":"punch"}"#,
        #"{"seq":1,"kind":"punch","terminal":"x","pin":"1","time":"2026-11-21T08:02:09"}"#,
        #"{"seq":1,"kind":"punch","terminal":"zkteco:1","pin":"","time":"2026-11-21T08:02:09"}"#,
        #"{"seq":1,"kind":"punch","terminal":"zkteco:1","pin":"1","time":"2026-02-30T08:02:09"}"#,
        #"{"seq":1,"kind":"clock","terminal":"zkteco:1","pin":"1","time":"2026-11-21T08:02:09"}"#,
    ])
    func `tell of no punch where one is not clear`(line: String) throws {
        let fields = try #require(EntryFields(line: line.utf8))
        #expect(fields.punch == nil)
    }

    @Test func `take words of a newer program for other`() throws {
        let line = """
            {"seq":1,"kind":"punch","terminal":"zkteco:1","pin":"#4","time":"2026-11-21T08:02:09",\
            "verify":"iris","state":"nap","via":"pigeon"}
            """
        let found = try #require(EntryFields(line: line.utf8)?.punch)
        #expect(found.punch.verify == .other && found.punch.state == .other)
        #expect(found.punch.pin == Pin(slot: 4) && found.via == .live)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `survive damage anywhere in a line`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var line = try Samples.lines().randomElement(using: &dice) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let place = Int.random(in: 0..<line.count, using: &dice)
            line[place] = UInt8.random(in: 0...255, using: &dice)
        }
        _ = EntryFields(line: line)?.punch
    }
}
