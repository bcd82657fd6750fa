import Attendance
import Exchange
import Foundation
import Journal
import StickFiles
import TestSupport
import Testing
import Transports

@testable import Bridge

@Suite struct `Whose file it is` {
    static let lobi = ImportOffice.lobi
    static let gudang = "zkteco:CGKK20126002"

    private func overlap(_ counts: [Int], of compared: Int) throws -> Overlap {
        let matches = try counts.enumerated().map {
            Overlap.Match(terminal: try TerminalID("zkteco:A\($0.offset)"), count: $0.element)
        }
        return Overlap(compared: compared, matches: matches)
    }

    @Test(
        arguments: [
            ([20], 4_000, true), ([19], 4_000, false), ([3], 10, true), ([3], 11, false),
            ([2], 2, false), ([0], 0, false), ([], 0, false), ([40, 4], 50, true),
            ([40, 5], 50, false), ([4, 40], 50, true), ([30, 30], 50, false),
        ] as [([Int], Int, Bool)])
    func `is clear where much is known, and hardly any of it of another`(
        counts: [Int], compared: Int, isClear: Bool
    ) throws {
        #expect((try overlap(counts, of: compared).clear != nil) == isClear)
    }

    @Test func `is said by the serial number of a known terminal in its name`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<40)
            try await office.readOverTheLine(
                Array(punches[..<2]), as: try TerminalID(Self.lobi))
            let report = try await office.take(
                ImportOffice.attLog(Array(punches[10...])), "BWXP20126001_attlog.dat")
            #expect(report.terminal == Self.lobi && report.foundBy == "serial")
            #expect(report.new == 30)
        }
    }

    @Test func `is not believed of a name that nobody knows`() async throws {
        try await withImportOffice { office in
            let report = try await office.take(
                ImportOffice.attLog(try ImportOffice.punches(0..<40)), "BWXP20126001_attlog.dat")
            #expect(report.held?.reason == .unknownTerminal)
            #expect(report.held?.serial == "BWXP20126001")
            #expect(await office.office.journal.headSeq == 0)
        }
    }

    @Test func `is said by the first line of a protected export`() async throws {
        try await withImportOffice { office in
            let rows = ImportOffice.attLog(try ImportOffice.punches(0..<40))
            let bytes = Array("BWXP20126001\n".utf8) + rows + Array("9C0FFEE1\n".utf8)
            let report = try await office.take(bytes)
            #expect(report.terminal == Self.lobi && report.foundBy == "serial")
            #expect(report.read == 40 && report.new == 40 && report.odd == 0)
        }
    }

    @Test func `is asked where name and punches disagree`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<40)
            try await office.readOverTheLine(punches, as: try TerminalID(Self.lobi))
            try await office.readOverTheLine(
                try ImportOffice.punches(900..<901), as: try TerminalID(Self.gudang))
            let head = await office.office.journal.headSeq
            let report = try await office.take(
                ImportOffice.attLog(punches), "CGKK20126002_attlog.dat")
            #expect(report.held?.reason == .contradiction)
            #expect(await office.office.journal.headSeq == head)
        }
    }

    @Test func `is not what a person says where its punches are another's`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<40)
            try await office.readOverTheLine(punches, as: try TerminalID(Self.lobi))
            let refusal = await code {
                try await office.take(ImportOffice.attLog(punches), terminal: Self.gudang)
            }
            #expect(refusal == "import.of-other")
            #expect(try await office.office.punches() == 40)
        }
    }

    @Test(arguments: [
        ("1_attlog.dat", "anviz:3005000012345678"), ("1_attlog.dat", "soyal:1"),
    ])
    func `is no terminal of another make`(name: String, terminal: String) async throws {
        try await withImportOffice { office in
            let refusal = await code {
                try await office.take(
                    ImportOffice.attLog(try ImportOffice.punches(0..<4)), name, terminal: terminal)
            }
            #expect(refusal == "import.other-make")
        }
    }

    @Test func `is no terminal whose log names places instead of PINs`() async throws {
        try await withImportOffice { office in
            let slots = (0..<5).map { number in
                FakeTerminal.punch(number, WallTime(seconds: 1_793_000_000))
            }
            try await office.readOverTheLine(
                slots, as: try TerminalID(Self.lobi), recordSize: 8)
            let refusal = await code {
                try await office.take(
                    ImportOffice.attLog(try ImportOffice.punches(0..<4)), terminal: Self.lobi)
            }
            #expect(refusal == "import.slots-only")
        }
    }

    @Test func `may be said by a name of the configuration`() async throws {
        var known = try FakeOffice.configured("lobi")
        known.serialNumber = "BWXP20126001"
        let unknown = try FakeOffice.configured("gudang", "tcp://192.168.1.202:4370")
        try await withImportOffice([known, unknown]) { office in
            let bytes = ImportOffice.attLog(try ImportOffice.punches(0..<4))
            #expect(try await office.take(bytes, terminal: "lobi").terminal == Self.lobi)
            for (name, expected) in [
                ("gudang", "import.never-met"), ("teras", "import.unknown-terminal"),
            ] {
                let refusal = await code { try await office.take(bytes, terminal: name) }
                #expect(refusal == expected)
            }
        }
    }

    @Test(
        arguments: [
            ("BWXP20126001_attlog.dat", "BWXP20126001"), ("1_attlog.dat", nil), ("attlog.dat", nil),
            ("laporan november_attlog.dat", nil), ("kantor_attlog.dat", nil),
            ("3005000012345678_ATTLOG.DAT", "3005000012345678"),
        ] as [(String, String?)])
    func `may be in its name, but not as a number of the line`(name: String, serial: String?) {
        #expect(StickName.serial(in: name) == serial)
    }
}

@Suite struct `A file whose terminal is not clear` {
    private func held(_ office: ImportOffice) async throws -> HeldFile {
        let bytes = ImportOffice.attLog(try ImportOffice.punches(0..<40))
        let report = try await office.take(bytes)
        #expect(report.terminal == nil && report.new == 0)
        return try #require(report.held)
    }

    @Test func `waits on the box for its owner only, until it is assigned`() async throws {
        try await withImportOffice { office in
            let held = try await held(office)
            #expect(await office.office.journal.headSeq == 0)
            #expect(await office.desk.waiting() == [held])
            for name in [held.id, "\(held.id).json"] {
                let path = "\(office.state.heldFolder)/\(name)"
                let facts = try FileManager.default.attributesOfItem(atPath: path)
                #expect(facts[.posixPermissions] as? Int == 0o600)
            }
            let report = try await office.desk.assign(
                String(held.id.prefix(8)), ImportWish(terminal: ImportOffice.lobi))
            #expect(report.new == 40 && report.file == "1_attlog.dat")
            #expect(await office.desk.waiting().isEmpty)
            let left = try FileManager.default.contentsOfDirectory(atPath: office.state.heldFolder)
            #expect(left.isEmpty)
        }
    }

    @Test func `waits once, however often it is brought`() async throws {
        try await withImportOffice { office in
            let first = try await held(office)
            let second = try await held(office)
            #expect(first.id == second.id)
            #expect(await office.desk.waiting().count == 1)
        }
    }

    @Test func `waits no longer when it is brought again and its terminal told`() async throws {
        try await withImportOffice { office in
            _ = try await held(office)
            let bytes = ImportOffice.attLog(try ImportOffice.punches(0..<40))
            #expect(try await office.take(bytes, terminal: ImportOffice.lobi).new == 40)
            let left = try FileManager.default.contentsOfDirectory(atPath: office.state.heldFolder)
            #expect(left.isEmpty)
        }
    }

    @Test func `still waits after a mistaken answer`() async throws {
        try await withImportOffice { office in
            let held = try await held(office)
            for (id, terminal, expected) in [
                (held.id, "anviz:1", "import.other-make"), ("ffff", "zkteco:1", "import.not-held"),
                ("", "zkteco:1", "import.not-held"), ("../x", "zkteco:1", "import.not-held"),
            ] {
                let refusal = await code {
                    _ = try await office.desk.assign(id, ImportWish(terminal: terminal))
                }
                #expect(refusal == expected)
            }
            #expect(await office.desk.waiting() == [held])
        }
    }

    @Test func `and whose dates can be read both ways waits for both answers`() async throws {
        let text =
            "No\tTMNo\tEnNo\tName\tINOUT\tMode\tDateTime\n"
            + "1\t1\t17\t\t0\t1\t07/03/2015 07:30:47\n"
        try await withImportOffice { office in
            let report = try await office.take(
                Array(text.utf8), "GLG_001.TXT", terminal: "timmy:A1")
            let held = try #require(report.held)
            #expect(held.reason == .dateOrder && held.terminal == "timmy:A1")
            let taken = try await office.desk.assign(held.id, ImportWish(order: .monthFirst))
            #expect(taken.new == 1 && taken.odd == 0 && taken.doubts.isEmpty)
            let content = try await office.content()
            #expect(content.punches == ["timmy:A1 17 2015-07-03T07:30:47"])
        }
    }

    @Test func `is not kept where it is only tried`() async throws {
        try await withImportOffice { office in
            let bytes = ImportOffice.attLog(try ImportOffice.punches(0..<40))
            let report = try await office.take(bytes, isDryRun: true)
            #expect(report.held != nil)
            #expect(await office.desk.waiting().isEmpty)
        }
    }
}
