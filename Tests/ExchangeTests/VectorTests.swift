import Attendance
import Exchange
import Foundation
import TestSupport
import Testing

/// What this code writes is compared byte for byte with `Tests/Fixtures/vectors`, which an
/// independent program checks against `docs/reference/journal.md` (`Tests/Rigs/vectors`).
@Suite struct `The test vectors` {
    @Test func `hold the keys that signed them`() throws {
        let keys = [
            "bridge": try Samples.bridgeKey(), "centre": try Samples.centreKey(),
        ].mapValues { key in
            [
                "id": key.verifying.id, "public": key.verifying.bytes.base64, "seed": key.seed.hex,
            ]
        }
        try expectVector(keys, "keys.json")
    }

    @Test func `hold a line of every kind`() throws {
        let lines = try Samples.lines().reduce(into: [UInt8]()) { $0 += $1 + [0x0A] }
        try expectVector(bytes: lines, "lines.ndjson")
    }

    @Test func `hold the chain over those lines`() throws {
        struct Link: Encodable { let digest: String, hash: String }
        struct Vector: Encodable { let journal: String, genesis: String, chain: [Link] }
        let journal = try Samples.journal()
        var chain = Chain(journal: journal, publicKey: try Samples.bridgeKey().verifying.bytes)
        let genesis = chain.head.description
        let links = try Samples.lines().map { line in
            Link(
                digest: Chain.digest(ofLine: line).description,
                hash: chain.append(line: line).description)
        }
        try expectVector(
            Vector(journal: journal.description, genesis: genesis, chain: links), "chain.json")
    }

    @Test func `hold identities of punches and of damaged records`() throws {
        struct Vector: Encodable {
            var terminal: String
            var pin: String?
            var time: String?
            var raw: String?
            var identity: String
        }
        var vectors: [Vector] = []
        for pin in [try Pin("17"), try Pin("0017"), try Pin("000"), try Pin("0A7"), Pin(slot: 17)] {
            for name in ["zkteco:BWXP20126001", "anviz:0000000000001234+0017618a2b3c"] {
                let terminal = try TerminalID(name)
                let time = try Samples.wall("2026-11-21T08:02:09")
                let identity = PunchIdentity(terminal: terminal, pin: pin, time: time)
                vectors.append(
                    Vector(
                        terminal: name, pin: pin.text, time: time.description,
                        identity: identity.bytes.hex))
            }
        }
        for raw in [[], [0xFF, 0x00, 0x0A]] as [[UInt8]] {
            let identity = PunchIdentity(terminal: try Samples.terminal(), oddity: raw)
            vectors.append(
                Vector(
                    terminal: try Samples.terminal().description, raw: raw.hex,
                    identity: identity.bytes.hex))
        }
        try expectVector(vectors, "identities.json")
    }

    @Test func `hold a signed call, which is a courier file too`() throws {
        let live = [#"{"seq":11,"kind":"punch","pin":"17"}"#]
        try expectVector(bytes: try Samples.call(live: live), "call.ndjson")
    }

    @Test func `hold a heartbeat after that call`() throws {
        let next = Int64(try Samples.lines().count + 1)
        try expectVector(
            bytes: try Samples.call(lines: [], first: next, prev: try Samples.head()),
            "heartbeat.ndjson")
    }

    @Test func `hold the centre's answer with its receipt`() throws {
        let answer = try SyncAnswer(try Samples.receipt(), key: try Samples.centreKey())
        try expectVector(bytes: try WireJSON.encode(answer) + [0x0A], "answer.json")
    }

    @Test func `hold an enrolment code, the request made of it and the answer`() throws {
        struct Vector: Encodable {
            let code: String
            let says: EnrolmentCode
            let request: SignedText
            let answer: EnrolmentAnswer
        }
        let code = try Samples.code()
        let answer = EnrolmentAnswer(
            office: try OfficeID(code.office), zone: .wita,
            bridge: try Samples.bridgeKey().verifying, centreKey: try Samples.centreKey().verifying,
            pins: code.pins, serverTime: try Samples.time("2026-11-21T00:00:00.000Z"))
        try expectVector(
            Vector(code: try code.text, says: code, request: try Samples.request(), answer: answer),
            "enrolment.json")
    }
}

private func expectVector(_ value: some Encodable, _ name: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try expectVector(bytes: [UInt8](try encoder.encode(value)) + [0x0A], name)
}

/// Compares with the stored vector; `RECORD_GOLDEN=1` rewrites it. A missing one fails.
private func expectVector(bytes: [UInt8], _ name: String) throws {
    let url = try projectFixture("vectors/\(name)")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return
    }
    let stored = try #require(
        try? Data(contentsOf: url), "no vector \(name); record it with 'make golden' and read it")
    #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: stored, as: UTF8.self))
}
