import Attendance
import Foundation
import TerminalKit
import TestSupport
import Testing

@testable import ZKTeco

/// Bytes of real terminals, published by others.
///
/// What a page expects of names, passwords and card numbers is not compared: the decoder drops
/// them, and one test holds that it does.
@Suite(.enabled(if: Fixtures.areExpected, "TITIAN_FIXTURES names no folder"))
struct `Recorded ZKTeco bytes` {
    static var names: [String] {
        let folder = Fixtures.folder?.appendingPathComponent("zk").path ?? ""
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }.sorted()
    }

    // MARK: What each means

    @Test func `are all looked at`() {
        #expect(Self.names.count >= 20)
    }

    @Test(arguments: names)
    func `mean something to the last byte`(name: String) throws {
        let items = Decoded(try talk(name))
        #expect(!items.all.isEmpty)
        let isCutAtItsSource = name == "att16-udp-datagram-77"
        #expect(items.noise.isEmpty || isCutAtItsSource)
    }

    @Test func `att8: slots, verify and state from one byte`() throws {
        for name in ["att8-zem500", "att8-reconstructed-ma300"] {
            let punches = try decoded(name).punches
            let rows = try expectedRows(name)
            #expect(punches.map { $0.pin } == rows.map { Pin(slot: $0.int("uid")) })
            try expectSame(punches, rows)
        }
    }

    @Test func `att16: a datagram out of the middle, cut at its end`() throws {
        let items = try decoded("att16-udp-datagram-77")
        let page = try expected("att16-udp-datagram-77")
        let packet = try #require(items.packets("data").first)
        #expect(packet.number("index") == page.int("session_field_is_datagram_index"))
        #expect(packet.number("reply") == page.int("reply"))
        #expect(packet["checksum_ok"] == .flag(false))
        guard case .noise(_, let head) = items.noise.first else {
            Issue.record("the rest of the record before is not shown")
            return
        }
        #expect(head.count == page.int("leading_bytes_of_previous_record"))
        let rows = try #require(page["records"] as? [[String: Any]])
        #expect(items.punches.count == page.int("full_records"))
        #expect(items.punches.prefix(rows.count).map(\.pin.text) == rows.map { "\($0.int("pin"))" })
        try expectSame(Array(items.punches.prefix(rows.count)), rows)
        #expect(items.punches.prefix(rows.count).map(\.workCode).allSatisfy { $0 == 0 })
    }

    @Test func `att40: PIN in text, the rest kept`() throws {
        let one = try expected("att40-one")
        let rows = [one] + (try expectedRows("att40-three-face"))
        let punches =
            try decoded("att40-one").punches + decoded("att40-three-face").punches
        #expect(punches.map(\.pin.text) == rows.map { $0.text("pin") })
        try expectSame(punches, rows)
        #expect(
            punches[0].raw?.suffix(8).elementsEqual([UInt8](hex: one.text("tail")) ?? []) == true)
        #expect(punches.dropFirst().allSatisfy { $0.raw == nil && $0.verify == .face })
    }

    @Test(arguments: [
        "event-attlog-10-synthetic", "event-attlog-12", "event-attlog-32-frame",
        "event-attlog-36-synthetic", "event-attlog-52-synthetic",
    ])
    func `event: the live punch`(name: String) throws {
        let items = try decoded(name)
        let page = try expected(name)
        let packet = try #require(items.packets("event").first)
        #expect(packet.number("event") == 1)
        #expect(packet.number("reply") == 0)
        let punch = try #require(items.punches.first)
        let id = page["pin"].map { "\($0)" } ?? "\(page.int("id"))"
        #expect(punch.pin.text == id || punch.pin.text == "#\(id)")
        try expectSame([punch], [page])
        #expect(items.live.count == 1)
    }

    @Test func `event-two-in-one-read: two events in one piece are two`() throws {
        let items = try decoded("event-two-in-one-read")
        let rows = try expectedRows("event-two-in-one-read")
        #expect(items.packets("event").map { $0.number("reply") } == rows.map { $0.int("reply") })
        try expectSame(items.punches, rows)
    }

    @Test(arguments: ["free-sizes-80-70users", "free-sizes-92"])
    func `free-sizes: every counter`(name: String) throws {
        let packet = try #require(try decoded(name).packets("free-sizes").first)
        for (key, value) in try expected(name) where key != "checksum" && key != "checksum_ok" {
            switch key {
            case "cmd": #expect(packet.number("command") == value as? Int)
            case "session": #expect(packet.number("session") == Self.hex(value))
            default: #expect(packet.number(key) == value as? Int, "\(key)")
            }
        }
    }

    @Test func `free-sizes-speedface-h5l: no records, and a capacity`() throws {
        let data = Data(try Fixtures.bytes("zk/free-sizes-speedface-h5l.json"))
        let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: [Int]])
        var bytes: [UInt8] = []
        for word in file["int32_le"] ?? [] { bytes.appendLE(UInt32(truncatingIfNeeded: word)) }
        let page = try expected("free-sizes-speedface-h5l")
        let sizes = try #require(FreeSizes(bytes))
        for (name, word) in FreeSizes.names {
            if let value = page[name] as? Int { #expect(sizes.word(word) == value) }
        }
        #expect(sizes.counters.records == 0)
        #expect(sizes.counters.recordCapacity == 200_000)
        #expect(page.int("attlog_1503_answer") == Int(Command.noSuchTable))
    }

    @Test func `oplog16-one: the terminal's diary`() throws {
        let operation = try #require(try decoded("oplog16-one").packets("operation").first)
        let page = try expected("oplog16-one")
        #expect(operation.number("admin") == page.int("admin"))
        #expect(operation.number("op") == page.int("op"))
        #expect(operation.number("filler") == page.int("byte3"))
        #expect(operation.text("time") == page.time("time"))
        let parameters = (page["params"] as? [Int])?.map(String.init)
        #expect(operation.text("params") == parameters?.joined(separator: " "))
    }

    @Test func `option: questions, answers and an option that is not there`() throws {
        let workcode = try decoded("option-read-workcode")
        #expect(workcode.packets("option-read").first?.text("name") == "WorkCode")
        #expect(workcode.packets("option").first?.text("name") == "WorkCode")
        #expect(workcode.packets("option").first?.text("value") == "0")
        let asked = try #require(try decoded("option-read-os-request").packets("option-read").first)
        #expect(asked.text("name") == "~OS")
        #expect(asked.number("session") == 0xC0C5)
        let absent = try decoded("option-unknown-answers-ffff")
        #expect(absent.all.count == 3)
        #expect(absent.packets("ack-unknown").first?.number("reply") == 10)
        #expect(absent.packets("ack-ok").first?.number("reply") == 36)
        let written = try decoded("option-write-examples").packets("option-write")
        #expect(written.map { $0.text("name") } == ["LockOn", "AntiPassbackOn"])
        #expect(written.map { $0.text("value") } == ["5", "0"])
    }

    @Test(arguments: ["tcp-connect-noauth", "udp-connect-noauth", "tcp-auth-key45-accepted"])
    func `connect: a session begins and ends`(name: String) throws {
        let items = try decoded(name)
        #expect(items.packets("connect").count == 1)
        #expect(items.packets("exit").count == 1)
        let answer = items.packets("ack-ok").first
        #expect(answer?.number("session") == (name.contains("auth-key") ? 0x45CF : 0xFB2F))
        if name.contains("auth-key") {
            #expect(items.packets("ack-unauthorised").count == 1)
            let page = try expected(name)
            let key = CommKey.scramble(key: UInt32(page.int("key")), session: 0x45CF)
            #expect(key.hex == page.text("scrambled"))
            #expect(items.packets("auth").first?["scrambled"] == .bytes(key))
        }
    }

    @Test func `session-tcp-synthetic: a whole talk of another client`() throws {
        let items = try decoded("session-tcp-synthetic")
        let page = try expected("session-tcp-synthetic")
        #expect(items.packets("version").first?.text("text") == page.text("fw"))
        #expect(
            items.packets("option").first { $0.text("name") == "~SerialNumber" }?.text("value")
                == page.text("sn"))
        #expect(items.packets("clock").first?.text("time") == page.time("time"))
        let sizes = try #require(page["sizes"] as? [String: Any])
        #expect(items.packets("free-sizes").first?.number("users") == sizes.int("users"))
        #expect(items.packets("free-sizes").first?.number("records") == sizes.int("records"))
        // That client reads the users twice: once for themselves, once for their punches.
        try expectUsers(items, page["users"], times: 2)
        #expect(items.punches.count == 60)
        #expect(items.punches.first?.pin.text == "1000")
        #expect(items.punches.first?.time.description == "2026-03-02T07:29:58")
        #expect(items.punches.last?.pin.text == "1019")
        #expect(items.punches.last?.time.description == "2026-03-02T07:30:57")
        #expect(items.punches.last?.stateNumber == 1)
    }

    @Test func `users72: who sits in which slot`() throws {
        let direct = try decoded("users72-direct-data")
        try expectUsers(direct, try expected("users72-direct-data")["users"])
        #expect(direct.packets("user").count == 7)
        let cut = try decoded("users72-70-fragmented")
        let page = try expected("users72-70-fragmented")
        try #require(cut.packets("user").count == page.int("count"))
        #expect(cut.packets("data").map { $0.number("index") } == [0, 1, 2, 3, 4, 5])
        let prepared = try #require(page["ack1503"] as? [String: Any])
        #expect(cut.packets("buffer").first?.number("size") == prepared.int("size"))
        #expect(cut.packets("buffer").first?.number("third") == prepared.int("third"))
        for (row, user) in [("first", 0), ("second", 1), ("last", 69)] {
            let row = try #require(page[row] as? [String: Any])
            #expect(cut.packets("user")[user].number("uid") == row.int("uid"))
            #expect(cut.packets("user")[user].number("privilege") == row.int("privilege"))
            #expect(cut.packets("user")[user].text("pin") == row.text("pin"))
        }
        let written = try #require(try decoded("user-write-frame").packets("user-write").first)
        #expect(written.number("uid") == 14)
        #expect(written.number("privilege") == 6)
        #expect(written.text("pin") == "11224488")
    }

    @Test(arguments: names)
    func `never show a name, a password or a card`(name: String) throws {
        let shown = "\(try decoded(name).all)"
        for secret in ["Andi", "Budi", "Citra", "Pegawai", "Nuevo", "123456", "6543", "card"] {
            #expect(!shown.contains(secret))
        }
    }

    // MARK: However they are cut

    @Test(arguments: names)
    func `mean the same byte by byte`(name: String) throws {
        let talk = try talk(name)
        let bytes = Talk(
            steps: talk.steps.flatMap { step in
                switch step {
                case .toTerminal(let bytes): bytes.map { Talk.Step.toTerminal([$0]) }
                case .fromTerminal(let bytes): bytes.map { Talk.Step.fromTerminal([$0]) }
                case .silence: [Talk.Step.silence]
                }
            })
        let whole = Decoded(talk)
        let items = Decoded(bytes)
        if talk.steps.contains(where: Self.isFrame) {
            #expect(items.all == whole.all)
        } else {
            #expect(items.punches == whole.punches || items.punches.isEmpty)
        }
    }

    @Test(arguments: names)
    func `never trap or invent a record where they are cut`(name: String) throws {
        let talk = try talk(name)
        let whole = Decoded(talk).punches
        let count = talk.steps.reduce(0) { $0 + Self.bytes($1).count }
        for length in 0..<count {
            let punches = Decoded(Self.prefix(talk, length)).punches
            #expect(punches == Array(whole.prefix(punches.count)), "cut at \(length)")
        }
    }

    @Test(arguments: names)
    func `never trap on a flipped bit`(name: String) throws {
        let talk = try talk(name)
        for (index, step) in talk.steps.enumerated().prefix(12) {
            for position in 0..<min(64, Self.bytes(step).count) {
                var bytes = Self.bytes(step)
                bytes[position] ^= 0x81
                var steps = Array(talk.steps)
                steps[index] = .fromTerminal(bytes)
                _ = ZKTecoDriver().decode(Talk(steps: steps))
            }
        }
    }
}

// MARK: - Reading what is expected

extension `Recorded ZKTeco bytes` {
    func talk(_ name: String) throws -> Talk { try Talk(parsing: Fixtures.text("zk/\(name).hex")) }

    func decoded(_ name: String) throws -> Decoded { Decoded(try talk(name)) }

    func expected(_ name: String) throws -> [String: Any] {
        try #require(try Fixtures.expectation("zk/\(name).md") as? [String: Any])
    }

    func expectedRows(_ name: String) throws -> [[String: Any]] {
        try #require(try Fixtures.expectation("zk/\(name).md") as? [[String: Any]])
    }

    func expectSame(_ punches: [Punch], _ rows: [[String: Any]]) throws {
        #expect(punches.map(\.time.description) == rows.map { $0.time("time") })
        for (punch, row) in zip(punches, rows) {
            if let verify = row["verify"] as? Int { #expect(punch.verifyNumber == verify) }
            if let state = row["state"] as? Int { #expect(punch.stateNumber == state) }
        }
    }

    func expectUsers(_ items: Decoded, _ rows: Any?, times: Int = 1) throws {
        let once = try #require(rows as? [[String: Any]])
        let rows = (0..<times).flatMap { _ in once }
        let users = items.packets("user")
        #expect(users.map { $0.number("uid") } == rows.map { $0.int("uid") })
        #expect(users.map { $0.text("pin") } == rows.map { $0.text("pin") })
    }

    static func hex(_ value: Any) -> Int? {
        (value as? String).flatMap { Int($0.dropFirst(2), radix: 16) }
    }

    static func bytes(_ step: Talk.Step) -> [UInt8] {
        switch step {
        case .toTerminal(let bytes), .fromTerminal(let bytes): bytes
        case .silence: []
        }
    }

    static func isFrame(_ step: Talk.Step) -> Bool { bytes(step).starts(with: Packet.magic) }

    /// The first `length` bytes of a talk.
    static func prefix(_ talk: Talk, _ length: Int) -> Talk {
        var left = length
        var steps: [Talk.Step] = []
        for step in talk.steps where left > 0 {
            let bytes = Array(bytes(step).prefix(left))
            left -= bytes.count
            if case .toTerminal = step {
                steps.append(.toTerminal(bytes))
            } else {
                steps.append(.fromTerminal(bytes))
            }
        }
        return Talk(steps: steps)
    }
}

/// What a talk was decoded to, for asking.
struct Decoded {
    struct Fields {
        let fields: [DecodedField]

        subscript(name: String) -> DecodedField.Value? {
            fields.first { $0.name == name }?.value
        }

        func number(_ name: String) -> Int? {
            if case .number(let number) = self[name] { Int(number) } else { nil }
        }

        func text(_ name: String) -> String? {
            if case .text(let text) = self[name] { text } else { nil }
        }
    }

    let all: [DecodedItem]

    init(_ talk: Talk) { all = ZKTecoDriver().decode(talk) }

    var punches: [Punch] {
        all.compactMap { if case .record(.punch(let punch), _) = $0 { punch } else { nil } }
    }

    var live: [DecodedItem] {
        all.filter { if case .record(_, .live) = $0 { true } else { false } }
    }

    var noise: [DecodedItem] {
        all.filter { if case .noise = $0 { true } else { false } }
    }

    func packets(_ name: String) -> [Fields] {
        all.compactMap { item in
            guard case .packet(name, _, let fields) = item else { return nil }
            return Fields(fields: fields)
        }
    }
}

extension [String: Any] {
    func int(_ key: String) -> Int { self[key] as? Int ?? .min }
    func text(_ key: String) -> String { self[key] as? String ?? "" }
    func time(_ key: String) -> String { text(key).replacingOccurrences(of: " ", with: "T") }
}
