import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import Testing

/// What an auditor is given of a journal; `tools/verify.py` judges it in the rig of tampers.
@Suite struct `Evidence of a journal` {
    private struct Header: Decodable {
        let evidence: String?
        let count: Int?
        let last: Int?
        let head: String?
        let acked: Int?
        let punches: Int?
    }

    private struct Row: Decodable {
        let seq: Int64?
        let line: String?
        let hash: String?
    }

    private static func all(
        of journal: Journal, key: VerifyingKey, limit: Int,
        between: (Int) async throws -> Void = { _ in }
    ) async throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var place: String?
        var pieces = 0
        repeat {
            let piece = try await journal.evidence(at: place, centreKeys: [key], limit: limit)
            lines += piece.lines
            place = piece.next
            pieces += 1
            try await between(pieces)
        } while place != nil
        return lines
    }

    private func decoded<Value: Decodable>(_ type: Value.Type, _ lines: some Sequence<[UInt8]>)
        throws -> [Value]
    {
        try lines.map { try JSONDecoder().decode(type, from: Data($0)) }
    }

    @Test(arguments: [1, 3, 7, 2_000])
    func `comes in pieces of any length, and what is written meanwhile is left out`(limit: Int)
        async throws
    {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<8), at: office.moment())
            let (receipt, text) = try await office.receipt(for: journal, through: 6)
            try await journal.keep(receipt, text: text)
            let head = try await journal.hash(before: 9)
            let lines = try await Self.all(of: journal, key: office.key.verifying, limit: limit) {
                piece in
                // Older than all others, so it would stand before them among the identities.
                try await journal.record([try office.punch(Int64(-piece))], at: office.moment(99))
            }
            let headers = try decoded(Header.self, lines)
            let names = headers.map(\.evidence)
            #expect(names.compactMap(\.self) == ["bridge", "known"])
            let bridge = try #require(headers.first { $0.evidence == "bridge" })
            #expect(bridge.count == 8)
            #expect(bridge.last == 8)
            #expect(bridge.head == head.description)
            #expect(bridge.acked == 6)
            #expect(bridge.punches == 8)
            #expect(headers.last { $0.evidence == "known" }?.count == 8)
            let entries = try decoded(Row.self, lines[2..<10])
            #expect(entries.map(\.seq) == Array(1...8))
            let stored = try await journal.lines(from: 1, limit: 8).map {
                String(decoding: $0.line, as: UTF8.self)
            }
            #expect(entries.map(\.line) == stored)
            #expect(Set(try decoded(Row.self, lines[11...]).map(\.seq)) == Set(1...8))
            #expect(lines.count == 19)
            await journal.close()
        }
    }

    /// Where to go on comes over the control socket, so it may be anything.
    @Test(arguments: [
        "", "x", "entries", "entries 0 5", "entries 0 -9223372036854775808 9", "entries -1 5 9",
        "entries 0 5 99999999999999999999", "known 9", "known x 0 x00", "known 9 0 x0g 1",
    ])
    func `goes on nowhere that it did not name`(place: String) async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<8), at: office.moment())
            let piece = try await journal.evidence(at: place, centreKeys: [])
            #expect(piece.lines.isEmpty)
            #expect(piece.next == nil)
            await journal.close()
        }
    }

    /// Identities stand by their time; what has none, as an oddity, stands at the first second of 1970.
    @Test func `tells a punch of the first second of 1970 from what is no punch`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            let oddity = Oddity(reason: "cut", raw: [1, 2, 3])
            try await journal.record(
                [
                    try office.punch(-1_795_000_000), try office.punch(0),
                    .oddity(office.terminal, oddity, via: .log),
                ], at: office.moment())
            let lines = try await Self.all(of: journal, key: office.key.verifying, limit: 9)
            let headers = try decoded(Header.self, lines)
            #expect(headers.last { $0.evidence == "known" }?.count == 2)
            #expect(try decoded(Row.self, lines.suffix(2)).map(\.seq) == [1, 2])
            await journal.close()
        }
    }

    /// A file that no journal would open says what it says.
    @Test func `judges nothing`() async throws {
        try await withOffice { office in
            let journal = try office.open()
            try await journal.record(try office.punches(0..<40), at: office.moment())
            await journal.close()
            let database = try Database(
                path: office.folder.path + "/journal.db", sharing: .exclusive)
            try database.run("DELETE FROM entry WHERE seq > 30")
            try database.run("UPDATE entry SET line = x'7bff7d' WHERE seq = 5")
            database.close()
            var lines: [[UInt8]] = []
            try Journal.evidence(in: office.folder.path, centreKeys: []) { lines.append($0) }
            let bridge = try #require(try decoded(Header.self, lines).first)
            #expect(bridge.last == 40)
            #expect(bridge.count == 30)
            #expect(String(decoding: lines[5], as: UTF8.self).contains(#""line":"{\udcff}""#))
        }
    }

    @Test(arguments: [
        (Array(#"{"pin":"17"}"#.utf8), #""{\"pin\":\"17\"}""#),
        ([0x7B, 0xC3, 0xA9, 0x0A, 0x7D], "\"{é\\u000a}\""),
        ([0x22, 0xC3, 0x28, 0x5C], #""\"\udcc3(\\""#),
        ([], "\"\""),
    ])
    func `has a line from which its bytes come back`(line: [UInt8], text: String) {
        #expect(String(decoding: EvidenceLine.text(line), as: UTF8.self) == text)
    }
}
