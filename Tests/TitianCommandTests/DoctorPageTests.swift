import Attendance
import Exchange
import Foundation
import Speech
import TerminalKit
import TestSupport
import Testing

@testable import Bridge
@testable import titian

/// What a doctor says of one visit, to people, to scripts and to whoever called it.
@Suite struct `The doctor's page` {
    private static let lost = Finding(
        .fault,
        LinkError.unreachable(address: "192.168.1.201:4370", reason: "No route to host").problem,
        about: "lobi")
    private static let late = Finding(
        .attention, DoctorProblem.terminalClock(offsetSeconds: -4_213).problem, about: "gudang",
        evidence: "-4213 s")
    private static let worn = Finding(
        .attention, DoctorProblem.cardWorn(device: "mmcblk0p2", used: "100 %").problem,
        evidence: "life_time 100 %, pre_eol_info 2")

    private static func results(_ found: [Check: CheckResult.Outcome]) -> [CheckResult] {
        let good: [Check: String] = [
            .configuration: "upt-contoh-utara, 2 terminals", .stateFolder: "/var/lib/titian",
            .disk: "24000 MB free", .clock: "2026-11-25T00:00:00.000Z",
            .journal: "5530 entries, 0 wait", .daemon: "titiand 0.1.0", .network: "eth0",
            .terminals: "2", .centre: "https://bkd.example.go.id:8443",
        ]
        return Check.allCases.map {
            CheckResult($0, found[$0] ?? .good(good[$0] ?? "-"))
        }
    }

    private static let visits: [(name: String, results: [CheckResult])] = [
        ("good", results([:])),
        (
            "trouble",
            results([.disk: .found([worn]), .terminals: .found([late, lost])])
        ),
        (
            "stopped",
            results([
                .configuration: .found([
                    Finding(
                        .fault,
                        ConfigurationError.syntax(line: 3, column: 9, reason: "no value").problem,
                        about: "/etc/titian/bridge.toml")
                ]),
                .daemon: .skipped(because: .configuration),
                .terminals: .skipped(because: .configuration),
            ])
        ),
    ]

    @Test(arguments: Language.allCases)
    func `is told to people`(language: Language) throws {
        let page = DoctorPage()
        let text = Speech.$language.withValue(language) {
            Self.visits.map { visit in
                visit.results.map { page.lines(of: $0) }.joined() + page.verdict(visit.results)
            }
        }
        try expectGolden(
            text.joined(separator: "\n---\n\n"), "titian/doctor.\(language.rawValue).txt")
    }

    @Test func `is told to scripts`() throws {
        let lines = Self.visits.map {
            String(decoding: DoctorPage().json($0.results), as: UTF8.self) + "\n"
        }
        try expectGolden(lines.joined(), "titian/doctor.json.txt")
    }

    static let verdicts: [(findings: [Finding], code: Int32, word: String)] = [
        ([], 0, "good"), ([late], 1, "attention"), ([late, worn], 1, "attention"),
        ([lost], 2, "fault"), ([late, lost], 2, "fault"), ([lost, worn], 2, "fault"),
    ]

    /// The last line, the JSON and the exit code say the same.
    @Test(arguments: verdicts.indices)
    func `has one verdict`(index: Int) throws {
        let (findings, code, word) = Self.verdicts[index]
        let results = Self.results(findings.isEmpty ? [:] : [.terminals: .found(findings)])
        let verdict = DoctorPage.verdict(of: results)
        #expect(verdict.rawValue == code)
        let json = String(decoding: DoctorPage().json(results), as: UTF8.self)
        #expect(json.contains("\"verdict\":\"\(word)\""))
        let words = Speech.$language.withValue(.english) { DoctorPage().verdict(results) }
        #expect(words.contains(Words.mark(verdict)))
    }

    @Test func `ends the program with it`() async throws {
        try await withTemporaryFolder { folder in
            let place = [
                "--config", folder.path + "/none.toml", "--state", folder.path + "/none",
                "--control", folder.path + "/none.sock",
            ]
            let text = await CapturedRun(["doctor"] + place)
            #expect(text.exitCode == 2)
            #expect(text.output.contains("\n■ A fault"))
            let json = await CapturedRun(["doctor", "--json"] + place)
            #expect(json.exitCode == 2)
            #expect(json.lines.count == 1)
            #expect(json.output.hasPrefix("{\"verdict\":\"fault\""))
        }
    }
}
