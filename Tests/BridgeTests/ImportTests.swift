import Attendance
import Exchange
import Foundation
import Journal
import StickFiles
import TerminalKit
import TestSupport
import Testing

@testable import Bridge

/// A desk for files with a real journal in a folder of its own.
struct ImportOffice {
    let office: FakeOffice
    let desk: ImportDesk
    let state: StateFolder

    init(_ folder: URL, _ terminals: [Configuration.Terminal] = []) throws {
        office = try FakeOffice(in: folder, terminals) { _ in nil }
        state = StateFolder(path: folder.path)
        desk = ImportDesk(
            state: state, terminals: terminals, journal: office.journal,
            moment: office.place.moment)
    }

    /// Hands a file in, in pieces.
    @discardableResult
    func take(
        _ bytes: [UInt8], _ name: String = "1_attlog.dat", terminal: String? = nil,
        order: StickFile.DateOrder? = nil, isDryRun: Bool = false
    ) async throws -> ImportReport {
        let ticket = try await desk.begin(name)
        for start in stride(from: 0, to: bytes.count, by: 1_000) {
            try await desk.add(
                Array(bytes[start..<min(start + 1_000, bytes.count)]), to: ticket)
        }
        return try await desk.finish(
            ticket, ImportWish(terminal: terminal, order: order, isDryRun: isDryRun))
    }

    /// What a terminal says over its line.
    func readOverTheLine(_ punches: [Punch], as id: TerminalID, recordSize: Int = 40) async throws {
        let recorder = try await Recorder(
            id, in: office.journal, moment: office.place.moment, written: {})
        let position = LogPosition(count: punches.count, recordSize: recordSize, proof: [])
        try await recorder.keep(
            LogPage(records: punches.map { .punch($0) }, position: position), start: LogStart())
    }

    /// Terminal, PIN and second of every punch that counts, and the kinds of the other entries.
    func content() async throws -> (punches: Set<String>, others: [EntryFields]) {
        let fields = try await office.journal.lines(from: 1, limit: 100_000).compactMap {
            EntryFields(line: $0.line)
        }
        let punches = fields.compactMap(\.punch).map {
            "\($0.terminal) \($0.punch.pin.canonical) \($0.punch.time)"
        }
        return (Set(punches), fields.filter { $0.kind != "punch" })
    }

    static let lobi = "zkteco:BWXP20126001"

    static func punches(_ range: Range<Int>) throws -> [Punch] {
        let start = try #require(WallTime("2026-11-02T07:00:00"))
        return range.map { FakeTerminal.punch($0, start) }
    }

    /// As a ZKTeco terminal writes them.
    static func attLog(_ punches: [Punch]) -> [UInt8] {
        punches.flatMap { punch in
            let pin =
                String(repeating: " ", count: max(0, 9 - punch.pin.text.count)) + punch.pin.text
            let time = punch.time.description.replacing("T", with: " ")
            return Array(
                "\(pin)\t\(time)\t1\t\(punch.stateNumber)\t\(punch.verifyNumber)\t\(punch.workCode)\n"
                    .utf8)
        }
    }
}

func withImportOffice(
    _ terminals: [Configuration.Terminal] = [], _ body: (ImportOffice) async throws -> Void
) async throws {
    try await withTemporaryFolder { try await body(try ImportOffice($0, terminals)) }
}

/// The code of what `body` throws; nil if it throws nothing.
func code(of body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return Problem(explaining: error).code
    }
}

@Suite struct `A file taken in` {
    @Test func `is in the journal as punches from a stick, and as one fact about the file`()
        async throws
    {
        try await withImportOffice { office in
            let bytes = ImportOffice.attLog(try ImportOffice.punches(0..<30))
            let report = try await office.take(bytes, terminal: ImportOffice.lobi)
            #expect(report.read == 30 && report.new == 30 && report.known == 0 && report.odd == 0)
            #expect(report.terminal == ImportOffice.lobi && report.foundBy == "option")
            let lines = try await office.office.journal.lines(from: 1, limit: 100).compactMap {
                EntryFields(line: $0.line)
            }
            #expect(lines.dropLast().allSatisfy { $0.via == "stick" && $0.kind == "punch" })
            let last = try #require(lines.last)
            #expect(last.kind == "import" && last.terminal == ImportOffice.lobi)
            #expect(last.file == "1_attlog.dat")
            #expect(
                try await office.office.journal.newestCoverage(of: TerminalID(ImportOffice.lobi))
                    == nil)
            let left = try FileManager.default.contentsOfDirectory(atPath: office.state.heldFolder)
            #expect(left.isEmpty, "the copy is gone")
        }
    }

    @Test func `twice adds nothing, not even a line`() async throws {
        try await withImportOffice { office in
            let bytes = ImportOffice.attLog(try ImportOffice.punches(0..<30))
            try await office.take(bytes, terminal: ImportOffice.lobi)
            let head = await office.office.journal.headSeq
            let again = try await office.take(bytes, "2_attlog.dat")
            #expect(again.new == 0 && again.known == 30 && again.foundBy == "overlap")
            #expect(await office.office.journal.headSeq == head)
        }
    }

    @Test func `after the terminal was read adds nothing but the fact`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<50)
            try await office.readOverTheLine(punches, as: try TerminalID(ImportOffice.lobi))
            let report = try await office.take(ImportOffice.attLog(punches))
            #expect(report.new == 0 && report.known == 50 && report.odd == 0)
            #expect(report.terminal == ImportOffice.lobi && report.foundBy == "overlap")
            #expect(report.matched == 50 && report.compared == 50)
            #expect(try await office.office.punches() == 50)
            #expect(await office.office.journal.headSeq == 51)
        }
    }

    @Test func `before the terminal is read leaves nothing new to it`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<50)
            try await office.take(ImportOffice.attLog(punches), terminal: ImportOffice.lobi)
            try await office.readOverTheLine(punches, as: try TerminalID(ImportOffice.lobi))
            #expect(try await office.office.punches() == 50)
            #expect(await office.office.journal.headSeq == 51, "the log tells nothing differently")
        }
    }

    @Test func `fills only the gap that the line has left`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<5_000)
            try await office.readOverTheLine(
                Array(punches[..<1_000]), as: try TerminalID(ImportOffice.lobi))
            let report = try await office.take(ImportOffice.attLog(punches))
            #expect(report.new == 4_000 && report.known == 1_000)
            #expect(report.compared ?? 0 <= Overlap.mostCompared)
            #expect(try await office.office.punches() == 5_000)
        }
    }

    @Test func `only on trial writes nothing and tells the same`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<40)
            try await office.readOverTheLine(
                Array(punches[..<25]), as: try TerminalID(ImportOffice.lobi))
            let bytes = ImportOffice.attLog(punches + punches) + Array("ZZ\n".utf8)
            let head = await office.office.journal.headSeq
            let trial = try await office.take(bytes, isDryRun: true)
            #expect(await office.office.journal.headSeq == head)
            let real = try await office.take(bytes)
            #expect(trial.dryRun && trial.read == 81 && trial.new == 15 && trial.odd == 1)
            var expected = trial
            expected.dryRun = false
            expected.at = real.at
            #expect(real == expected)
        }
    }

    @Test func `at the same time as another, and as the line, counts once`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<3_000)
            let bytes = ImportOffice.attLog(punches)
            let id = try TerminalID(ImportOffice.lobi)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await office.take(bytes, terminal: ImportOffice.lobi) }
                }
                group.addTask { try await office.readOverTheLine(punches, as: id) }
                try await group.waitForAll()
            }
            let content = try await office.content()
            #expect(content.punches.count == 3_000)
            #expect(try await office.office.punches() == 3_000)
            #expect(content.others.compactMap(\.kind) == ["import"])
        }
    }

    @Test func `cut off by a full disk is taken in whole by the next try`() async throws {
        try await withImportOffice { office in
            let punches = try ImportOffice.punches(0..<9_000)
            let bytes = ImportOffice.attLog(punches)
            try await office.take(
                ImportOffice.attLog(Array(punches[..<100])), terminal: ImportOffice.lobi)
            try await office.office.journal.fillDisk()
            let trouble = await code { try await office.take(bytes) }
            #expect(trouble == "store.full")
            try await office.office.journal.freeDisk()
            let report = try await office.take(bytes)
            #expect(report.read == 9_000 && report.new + report.known == 9_000)
            #expect(try await office.content().punches.count == 9_000)
        }
    }

    @Test func `of people and fingerprints is refused by its name`() async throws {
        try await withImportOffice { office in
            for name in [
                "user.dat", "USER.DAT", "template.dat", "template.fp10.1", "ssrface.dat",
                "BAK.YG5", "AENROLLDB.DAT", "folder/user.dat",
            ] {
                let refusal = await code { _ = try await office.desk.begin(name) }
                #expect(refusal == "import.people-file", "\(name)")
            }
            for name in ["1_attlog.dat", "BAK.KQ", "AGL_001.TXT", "glg_002.txt"] {
                #expect(StickName.isLog(name) && !StickName.namesPeople(name))
            }
        }
    }

    @Test func `that is no terminal's is left alone`() async throws {
        try await withImportOffice { office in
            for text in ["", "hello\n", "a\tb\tc\td\te\n"] {
                let refusal = await code {
                    try await office.take(Array(text.utf8), terminal: ImportOffice.lobi)
                }
                #expect(refusal == "import.unknown-format")
            }
            #expect(await office.office.journal.headSeq == 0)
            #expect(await office.desk.waiting().isEmpty)
        }
    }

    @Test func `that is longer than any log is given up on the way`() async throws {
        try await withImportOffice { office in
            let ticket = try await office.desk.begin("1_attlog.dat")
            let piece = [UInt8](repeating: 0x20, count: 20 << 20)
            let refusal = await code {
                for _ in 0..<6 { try await office.desk.add(piece, to: ticket) }
            }
            #expect(refusal == "import.too-large")
            let left = try FileManager.default.contentsOfDirectory(atPath: office.state.heldFolder)
            #expect(left.isEmpty)
        }
    }

    @Test func `whose pieces were given up for others has to begin again`() async throws {
        try await withImportOffice { office in
            let first = try await office.desk.begin("1_attlog.dat")
            for _ in 0..<4 { _ = try await office.desk.begin("1_attlog.dat") }
            let refusal = await code { try await office.desk.add([1], to: first) }
            #expect(refusal == "import.lost-pieces")
            let left = try FileManager.default.contentsOfDirectory(atPath: office.state.heldFolder)
            #expect(left.count == 4)
            _ = ImportDesk(
                state: office.state, terminals: [], journal: office.office.journal,
                moment: office.office.place.moment)
            let swept = try FileManager.default.contentsOfDirectory(atPath: office.state.heldFolder)
            #expect(swept.isEmpty, "the next start clears up")
        }
    }
}
