import Attendance
import Bridge
import Exchange
import Foundation
import Journal
import Speech
import TestSupport
import Testing

@testable import titian

@Suite struct `Without titiand, titian import` {
    private static let rows = (0..<24).map { number in
        "       17\t2026-11-02 07:\(10 + number):58\t1\t0\t1\t0\n"
    }.joined()
    private static let odd = "ZZZZ\t2047-02-30 19:13:30\t1\t90\t90\t1515870810\n"

    private struct Place {
        let folder: URL

        func write(_ text: String, _ name: String) throws -> String {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return file.path
        }

        func titian(_ command: String..., language: Language = .english) async -> CapturedRun {
            await CapturedRun(
                command + [
                    "--state", "\(folder.path)/state", "--control", "\(folder.path)/c.sock",
                    "--config", "\(folder.path)/bridge.toml",
                ], language: language)
        }
    }

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        try await withTemporaryFolder { try await body(Place(folder: $0)) }
    }

    @Test func `takes no receipt in where only a look is wanted`() async throws {
        try await withPlace { place in
            let file = try place.write("{\"titian_receipts\":1}\n{}\n", "kantor.courier.receipt")
            let run = await place.titian("import", file, "--dry-run")
            #expect(run.exitCode == 64)
            #expect(run.errors.contains("--dry-run"))
        }
    }

    @Test func `takes a file into the journal it opens itself`() async throws {
        try await withPlace { place in
            let file = try place.write(Self.rows, "stick/1_attlog.dat")
            let first = await place.titian("import", file, "--terminal", "zkteco:BWXP20126001")
            #expect(
                first.output
                    == "1_attlog.dat: 24 rows; 24 new, 0 known, 0 odd\n"
                    + "  Terminal zkteco:BWXP20126001 (as told)\n")
            #expect(first.exitCode == 0)
            let again = await place.titian("import", "\(place.folder.path)/stick")
            #expect(
                again.output
                    == "1_attlog.dat: 24 rows; 0 new, 24 known, 0 odd\n"
                    + "  Terminal zkteco:BWXP20126001 (24 of 24 punches were known)\n")
            let export = await place.titian("journal", "export")
            #expect(export.lines.count == 25)
            #expect(export.lines.last?.contains(#""kind":"import","terminal":"zkteco:B"#) == true)
        }
    }

    @Test func `answers scripts in JSON`() async throws {
        try await withPlace { place in
            let file = try place.write(Self.rows + Self.odd, "1_attlog.dat")
            let run = await place.titian("import", file, "--json", "--terminal", "zkteco:A1")
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
            #expect(
                Set(report.keys) == [
                    "file", "sha256", "bytes", "format", "at", "terminal", "found_by", "matched",
                    "compared", "read", "new", "known", "odd", "doubts", "dry_run",
                ])
            #expect(report["odd"] as? Int == 1 && report["read"] as? Int == 25)
            #expect(run.exitCode == 1, "a damaged row wants to be looked at")
        }
    }

    @Test func `holds a file that may be anybody's, and takes it in when told`() async throws {
        try await withPlace { place in
            let file = try place.write(Self.rows, "1_attlog.dat")
            let run = await place.titian("import", file, "--json")
            #expect(run.exitCode == 1)
            let report = try WireJSON.decode(ImportReport.self, from: Array(run.output.utf8))
            let id = try #require(report.held?.id)
            try FileManager.default.removeItem(atPath: file)
            let list = await place.titian("import", "--held")
            #expect(list.output.hasPrefix("\(id)  1_attlog.dat  24 rows"))
            #expect(list.exitCode == 1)
            let taken = await place.titian(
                "import", "--held", String(id.prefix(6)), "--terminal", "zkteco:A1")
            #expect(taken.output.hasPrefix("1_attlog.dat: 24 rows; 24 new"))
            #expect(taken.exitCode == 0)
            let none = await place.titian("import", "--held")
            #expect(none.output == "No file is held.\n" && none.exitCode == 0)
        }
    }

    @Test func `goes on to the next file after one that it refuses`() async throws {
        try await withPlace { place in
            let people = try place.write("secret", "user.dat")
            let other = try place.write("hello\n", "notes.txt")
            let good = try place.write(Self.rows, "1_attlog.dat")
            let run = await place.titian(
                "import", people, other, good, "--terminal", "zkteco:A1")
            #expect(run.output.hasPrefix("1_attlog.dat: 24 rows; 24 new"))
            #expect(run.errors.contains("user.dat holds people or fingerprints"))
            #expect(run.errors.contains("notes.txt is no terminal's log"))
            #expect(run.exitCode == 65)
        }
    }

    @Test func `has nothing to do in a folder without logs, and needs a file`() async throws {
        try await withPlace { place in
            _ = try place.write("secret", "stick/user.dat")
            let folder = await place.titian("import", "\(place.folder.path)/stick")
            #expect(folder.exitCode == 66 && folder.errors.contains("no terminal's log"))
            #expect(await place.titian("import", "\(place.folder.path)/none").exitCode == 66)
            #expect(await place.titian("import").exitCode == 64)
            #expect(await place.titian("import", "x", "--order", "ymd").exitCode == 64)
        }
    }

    @Test func `on trial makes no change`() async throws {
        try await withPlace { place in
            let file = try place.write(Self.rows, "1_attlog.dat")
            let run = await place.titian(
                "import", file, "--terminal", "zkteco:A1", "--dry-run", language: .indonesian)
            #expect(run.output.contains("24 baru") && run.output.contains("tidak ada yang ditulis"))
            #expect(await place.titian("journal", "export").lines.isEmpty)
        }
    }
}

@Suite struct `What is said of a file` {
    private func report(_ change: (inout ImportReport) -> Void = { _ in }) throws -> ImportReport {
        let json = """
            {"file":"1_attlog.dat","sha256":"ab","bytes":1,"format":"attlog","read":5412,
             "at":"2026-11-24T23:09:58.000Z","terminal":"zkteco:BWXP20126001","found_by":"overlap",
             "matched":2706,"compared":2706,"new":61,"known":5351,"odd":0,"doubts":[],"dry_run":false}
            """
        var report = try WireJSON.decode(ImportReport.self, from: Array(json.utf8))
        change(&report)
        return report
    }

    private func held(_ reason: String, _ more: String = "") throws -> HeldFile {
        let json = """
            {"id":"3fa9c1d2e4b5a697","file":"BAK.KQ","sha256":"3f","bytes":45,"format":"anviz-backup",
             "rows":3,"reason":"\(reason)","at":"2026-11-24T23:09:58.000Z"\(more)}
            """
        return try WireJSON.decode(HeldFile.self, from: Array(json.utf8))
    }

    @Test(arguments: Language.allCases)
    func `says how much is new, whose it is and what to do`(language: Language) throws {
        let unclear = try held("unknown-terminal")
        let contradiction = try held("contradiction", #","serial":"B1""#)
        let order = try held("date-order", #","terminal":"timmy:A1""#)
        let reports = [
            try report(), try report { $0.foundBy = "serial" },
            try report { $0.foundBy = "option" },
            try report {
                $0.odd = 17
                $0.doubts = ["cut short"]
            },
            try report { $0.dryRun = true },
            try report {
                $0.terminal = nil
                $0.held = unclear
            },
            try report {
                $0.terminal = nil
                $0.held = contradiction
            },
            try report {
                $0.terminal = nil
                $0.held = order
                $0.doubts = ["ambiguous date order"]
            },
        ]
        let texts = Speech.$language.withValue(language) {
            reports.map(ImportText.text) + ["--held:", ImportText.text(unclear)]
        }
        try expectGolden(
            texts.joined(separator: "\n\n") + "\n", "titian/import.\(language.rawValue).txt")
    }
}
