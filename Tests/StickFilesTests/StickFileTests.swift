import Foundation
import Attendance
import StickFiles
import TerminalKit
import TestSupport
import Testing

@Suite struct `A stick file` {
    private func read(_ text: String, name: String = "1_attlog.dat") -> StickFile? {
        StickFile.decode(Array(text.utf8), name: name)
    }

    @Test func `has six columns on most terminals`() throws {
        let file = try #require(read("      200\t2020-08-26 23:08:49\t7\t0\t1\t-53\r\n"))
        let punch = try #require(file.punches.first)
        #expect(file.rows.first?.device == 7)
        #expect(punch.pin.text == "200" && punch.time.description == "2020-08-26T23:08:49")
        #expect(punch.stateNumber == 0 && punch.verify == .finger && punch.workCode == -53)
    }

    @Test func `keeps what is no row beside the rows`() throws {
        let protected = "S/N: BWXP20126001\n  17\t2026-11-02 07:29:58\t1\t0\t1\t0\nC3A1F0\n"
        let file = try #require(read(protected))
        #expect(file.punches.count == 1)
        #expect(file.oddities.map(\.reason) == ["not a row", "not a row"])
    }

    @Test func `takes letters in a PIN and says so`() throws {
        let file = try #require(read("NB2401004\t2026-11-02 07:29:58\t1\t0\t1\t0\n"))
        #expect(file.punches.first?.pin.text == "NB2401004")
        #expect(file.rows.first?.doubts == ["PIN not digits"])
    }

    @Test func `does not believe a punch after its reader's own time`() throws {
        let latest = try #require(WallTime("2026-11-03T00:00:00"))
        let rows = "17\t2026-11-02 07:29:58\t1\t0\t1\t0\n17\t2026-12-02 07:29:58\t1\t0\t1\t0\n"
        let file = try #require(
            StickFile.decode(Array(rows.utf8), name: "attlog.dat", latest: latest))
        #expect(file.oddities.map(\.reason) == ["implausible year"])
    }

    @Test func `takes one strange thing alone in a row, as the terminal's log does`() throws {
        let rows =
            "17\t2000-01-01 00:03:10\t1\t0\t1\t0\n17\t2026-11-02 07:29:58\t1\t0\t200\t0\n"
            + "17\t2026-11-02 07:29:59\t1\t9\t1\t0\n17\t2000-01-01 00:03:10\t1\t9\t1\t0\n"
        let file = try #require(read(rows))
        #expect(file.punches.count == 3 && file.oddities.count == 1)
        #expect(file.rows.map(\.doubts.count) == [1, 1, 1, 2])
    }

    @Test func `of two bytes a character says the same`() throws {
        let text = "      200\t2020-08-26 23:08:49\t7\t0\t1\t53\r\n"
        for littleEndian in [true, false] {
            var bytes: [UInt8] = littleEndian ? [0xFF, 0xFE] : [0xFE, 0xFF]
            for byte in text.utf8 { bytes += littleEndian ? [byte, 0] : [0, byte] }
            let file = try #require(StickFile.decode(bytes, name: "7_attlog.dat"))
            #expect(file.punches == read(text)?.punches)
        }
    }

    @Test func `that stops in a number does not believe the number`() throws {
        let whole = "17\t2026-11-02 07:29:58\t1\t0\t1\t53\n"
        let file = try #require(read(whole + "17\t2026-11-02 07:30:58\t1\t0\t1"))
        #expect(file.punches.count == 1 && file.oddities.map(\.reason) == ["not a row"])
        #expect(file.doubts == ["cut short"])
        #expect(read(String(whole.dropLast()))?.doubts == [], "a last line may have no end")
    }

    @Test(arguments: ["15:20:4", "3:20:41", "03:20:41"])
    func `that stops in a time does not believe the time`(cut: String) throws {
        let head = "No\tTMNo\tEnNo\tName\tINOUT\tMode\tDateTime\n"
        let file = try #require(
            read(
                head
                    + "1\t1\t17\t\t0\t1\t2026/11/02 03:20:40PM\n2\t1\t17\t\t0\t1\t2026/11/02 \(cut)",
                name: "GLG_001.TXT"))
        #expect(file.punches.map(\.time.description) == ["2026-11-02T15:20:40"])
        #expect(file.doubts == ["cut short"])
    }

    @Test func `holds little of a line without an end`() throws {
        let noise = String(repeating: "Z", count: 100_000) + "\n"
        let file = try #require(read("17\t2026-11-02 07:29:58\t1\t0\t1\t0\n" + noise))
        #expect(file.oddities.map(\.reason) == ["line too long"])
        #expect(file.oddities.first?.raw.count == 4_096)
    }

    @Test func `that is none of ours is not read`() {
        for text in ["", "hello\n", "PK\u{3}\u{4}", "a,b,c\n1,2,3\n"] {
            #expect(read(text) == nil)
        }
    }

    @Test func `with dates of both orders decides each row by itself`() throws {
        let head = "No\tTMNo\tEnNo\tName\tINOUT\tMode\tDateTime\n"
        let file = try #require(
            read(
                head + "1\t1\t17\tANI\t0\t1\t07/03/2015 07:30:47\n"
                    + "2\t1\t17\tANI\t0\t1\t07/07/2015 07:30:47\n", name: "GLG_001.TXT"))
        #expect(file.doubts == ["ambiguous date order"])
        #expect(file.punches.map(\.time.description) == ["2015-07-07T07:30:47"])
        let raw = try #require(file.oddities.first?.raw)
        #expect(!String(decoding: raw, as: UTF8.self).contains("ANI"), "no name is kept")
    }

    @Test func `with one day above twelve gives the order for all`() throws {
        let head = "No\tTMNo\tEnNo\tName\tINOUT\tMode\tDateTime\n"
        let file = try #require(
            read(
                head + "1\t1\t17\t\t0\t1\t07/03/2015 07:30:47\n"
                    + "2\t1\t17\t\t0\t1\t07/23/2015 07:30:47\n", name: "GLG_001.TXT"))
        #expect(file.punches.map(\.time.description).first == "2015-07-03T07:30:47")
    }
}

@Suite struct `An outline of a stick file` {
    private func survey(_ text: String, name: String = "1_attlog.dat") -> StickOutline? {
        var survey = StickSurvey(name: name)
        survey.take(Array(text.utf8))
        return survey.conclude()
    }

    static let row = "  17\t2026-11-02 07:29:58\t3\t0\t1\t0\n"

    @Test(arguments: ["BWXP20126001", "S/N: BWXP20126001", "SN=BWXP20126001"])
    func `names the terminal of a protected export`(first: String) throws {
        let outline = try #require(survey("\(first)\n\(Self.row)\(Self.row)C3A1F0\n"))
        #expect(outline.serial == "BWXP20126001")
        #expect(outline.rows == 2 && outline.punches == 2 && outline.device == 3)
        #expect(outline.doubts.isEmpty)
        let marks = [1, 2, 3, 4].map { number in
            outline.isProtection(
                StickFile.Row(number: number, record: .oddity(Oddity(reason: "", raw: []))))
        }
        #expect(marks == [true, false, false, true])
    }

    @Test func `tells that a protected export has lost its end`() throws {
        let outline = try #require(survey("BWXP20126001\n\(Self.row)\(Self.row)"))
        #expect(outline.isCutShort)
    }

    @Test(arguments: ["", "HELLO WORLD\n", "12\n"])
    func `names no terminal where none is named`(first: String) throws {
        #expect(try #require(survey(first + Self.row)).serial == nil)
    }

    @Test func `asks for the order of dates only where they do not say it`() throws {
        let head = "No\tTMNo\tEnNo\tName\tINOUT\tMode\tDateTime\n"
        let open = head + "1\t1\t17\t\t0\t1\t07/03/2015 07:30:47\n"
        var asked = try #require(survey(open, name: "GLG_001.TXT"))
        #expect(asked.needsOrder)
        asked.settle(.monthFirst)
        #expect(!asked.needsOrder)
        let read = StickRows.all(asked, [Array(open.utf8)[...]])
        guard case .punch(let punch) = read.first?.record else {
            Issue.record("no punch")
            return
        }
        #expect(punch.time.description == "2015-07-03T07:30:47")
        let said = try #require(
            survey(open + "2\t1\t17\t\t0\t1\t23/03/2015 07:30:47\n", name: "GLG_001.TXT"))
        #expect(said.order == .dayFirst && !said.needsOrder)
    }
}

@Suite(.enabled(if: Fixtures.areExpected, "TITIAN_FIXTURES names no folder"))
struct `The published stick files` {
    private func decode(_ path: String) throws -> StickFile {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return try #require(StickFile.decode(try Fixtures.bytes(path), name: name))
    }

    @Test(arguments: [
        "zk/1_attlog-padded9", "zk/attlog-workcode-53", "zk/attlog-5-columns-unpadded",
    ])
    func `of ZKTeco say what their pages say`(path: String) throws {
        let file = try decode(path + ".dat")
        let page = try Fixtures.expectation(path + ".md")
        let object = page as? [String: Any]
        let expected =
            page as? [[String: Any]] ?? object?["first"] as? [[String: Any]] ?? [object ?? [:]]
        #expect(file.oddities.isEmpty && !expected.isEmpty)
        if let rows = object?["rows"] as? Int { #expect(file.rows.count == rows) }
        for (row, wanted) in zip(file.rows, expected) {
            guard case .punch(let punch) = row.record else { continue }
            #expect(punch.pin.text == wanted["pin"] as? String)
            #expect(punch.time.description.replacing("T", with: " ") == wanted["time"] as? String)
            #expect(punch.stateNumber == wanted["state"] as? Int ?? wanted["col4"] as? Int)
            #expect(punch.verifyNumber == wanted["verify"] as? Int ?? wanted["col5"] as? Int)
            #expect(punch.workCode == Int64(wanted["workcode"] as? Int ?? 0))
            #expect(row.device == wanted["device"] as? Int ?? wanted["col3"] as? Int)
        }
    }

    @Test func `out of order keep the file's order`() throws {
        let file = try decode("zk/1_attlog-out-of-order.dat")
        let times = file.punches.map(\.time)
        let steps = zip(times, times.dropFirst()).enumerated().filter { $1.1 < $1.0 }
        #expect(file.rows.count == 40)
        #expect(steps.map { $0.offset + 2 } == [21])
    }

    @Test func `of damaged flash are set aside row by row`() throws {
        let file = try decode("zk/1_attlog-flash-corruption-a.dat")
        let page = try #require(
            try Fixtures.expectation("zk/1_attlog-flash-corruption-a.md") as? [[String: Any]])
        #expect(file.rows.count == page.count)
        for (row, wanted) in zip(file.rows, page) {
            let problems = wanted["problems"] as? [String] ?? []
            #expect(row.number == wanted["line"] as? Int)
            #expect(row.doubts == problems, "line \(row.number)")
            if case .punch = row.record {
                #expect(problems.isEmpty)
            } else {
                #expect(!problems.isEmpty)
            }
        }
    }

    @Test func `of other boards are read by their headers`() throws {
        let nine = try decode("zk/AGL_001-9col-crlf.dat")
        #expect(nine.rows.count == 7 && nine.doubts == ["ambiguous date order"])
        #expect(nine.punches.first?.time.description == "2015-03-03T12:15:44")
        let wide = try decode("zk/AGL_001-utf16le.dat")
        #expect(wide.punches.map(\.pin.text) == ["13", "13", "17"] && wide.oddities.isEmpty)
        #expect(wide.punches.first?.time.description == "2025-10-21T08:00:00")
        let seven = try decode("zk/GLG_001-7col.dat")
        #expect(seven.punches.count == 24)
        #expect(seven.punches[0] == seven.punches[1], "one punch under two numbers")
    }

    @Test func `of Anviz say what their pages say`() throws {
        let small = try decode("anviz/anviz-bak-small.KQ")
        let page = try #require(
            try Fixtures.expectation("anviz/anviz-bak-small.md") as? [[String: Any]])
        #expect(
            small.punches.map(\.time.description)
                == page.map {
                    ($0["local"] as? String ?? "").replacing(" ", with: "T")
                })
        #expect(small.punches.map(\.stateNumber) == page.map { $0["state"] as? Int ?? -1 })
        #expect(small.doubts.isEmpty)
        let short = try decode("anviz/anviz-bak-BAD-short.KQ")
        #expect(short.punches.count == 3 && short.doubts == ["cut short"])
    }

    @Test func `of a whole Anviz log add up`() throws {
        let file = try decode("anviz/anviz-bak-slice-a.KQ")
        let page = try #require(
            try Fixtures.expectation("anviz/anviz-bak-slice-a.md") as? [String: Any])
        let punches = file.punches
        #expect(punches.count == page["records"] as? Int)
        #expect(Set(punches.map(\.pin)).count == page["users"] as? Int)
        let seconds = punches.reduce(Int64(0)) { $0 + $1.time.seconds - 946_771_200 }
        #expect(seconds == (page["sum_seconds"] as? NSNumber)?.int64Value)
        #expect(punches.count { $0.workCode != 0 } == page["with_work_code"] as? Int)
        let steps = zip(punches, punches.dropFirst()).count { $1.time < $0.time }
        #expect(steps == page["time_goes_back"] as? Int)
    }

    @Test(arguments: [
        "zk/1_attlog-padded9.dat", "zk/1_attlog-flash-corruption-a.dat", "zk/AGL_001-utf16le.dat",
        "zk/AGL_001-9col-crlf.dat", "zk/GLG_001-7col.dat", "anviz/anviz-bak-small.KQ",
    ])
    func `in pieces of any size give the same rows`(path: String) throws {
        let bytes = try Fixtures.bytes(path)
        let whole = try decode(path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        for size in [1, 2, 3, 7, 64, 1_000] {
            let starts = Array(stride(from: 0, to: bytes.count, by: size))
            let pieces = starts.map { bytes[$0..<min($0 + size, bytes.count)] }
            var survey = StickSurvey(name: name)
            for piece in pieces { survey.take(piece) }
            let outline = try #require(survey.conclude())
            let read = StickRows.all(outline, pieces)
            #expect(read == whole.rows)
            #expect(outline.rows == whole.rows.count && outline.doubts == whole.doubts)
        }
    }

    @Test(arguments: [
        "zk/1_attlog-padded9.dat", "zk/1_attlog-flash-corruption-a.dat", "zk/AGL_001-utf16le.dat",
        "zk/AGL_001-9col-crlf.dat", "zk/GLG_001-7col.dat", "anviz/anviz-bak-small.KQ",
    ])
    func `cut at every length never trap and invent nothing`(path: String) throws {
        let bytes = try Fixtures.bytes(path)
        let whole = Set(try decode(path).punches.map(\.pin))
        let name = path.split(separator: "/").last.map(String.init) ?? path
        for length in 0..<bytes.count {
            let cut = StickFile.decode(Array(bytes.prefix(length)), name: name)
            let strangers = Set(cut?.punches.map(\.pin) ?? []).subtracting(whole)
            #expect(strangers.isEmpty, "\(length) bytes")
        }
    }
}

extension StickRows {
    static func all(_ outline: StickOutline, _ pieces: [ArraySlice<UInt8>]) -> [StickFile.Row] {
        var reader = StickRows(outline)
        var rows: [StickFile.Row] = []
        for piece in pieces {
            reader.feed(piece)
            while let row = reader.next() { rows.append(row) }
        }
        reader.finish()
        while let row = reader.next() { rows.append(row) }
        return rows
    }
}

extension StickFile {
    var punches: [Punch] {
        rows.compactMap { if case .punch(let punch) = $0.record { punch } else { nil } }
    }

    var oddities: [Oddity] {
        rows.compactMap { if case .oddity(let oddity) = $0.record { oddity } else { nil } }
    }
}
