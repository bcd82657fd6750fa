import ArgumentParser
import Attendance
import Foundation
import Speech
import TestSupport
import Testing

@testable import titian

@Suite struct `The help of titian` {
    static let commands: [any ParsableCommand.Type] = [
        StatusCommand.self, DoctorCommand.self, TerminalsCommand.self, PunchesCommand.self,
        TailCommand.self, MissingCommand.self, ClockCommand.self, ClockShowCommand.self,
        ClockSetCommand.self, ClockWitnessCommand.self,
        ScanCommand.self, ProbeCommand.self, ReadCommand.self, DecodeCommand.self,
        ImportCommand.self, ExportCommand.self, SetupCommand.self, TraceCommand.self,
        TraceRecordCommand.self, TraceReplayCommand.self,
        TraceDecodeCommand.self,
        JournalCommand.self,
        JournalStatusCommand.self, JournalCheckCommand.self, JournalVerifyCommand.self,
        JournalExportCommand.self, SyncCommand.self, SyncStatusCommand.self, SyncNowCommand.self,
        EnrollCommand.self, ConfigCommand.self, ConfigCheckCommand.self, ConfigShowCommand.self,
        SupportBundleCommand.self,
    ]

    @Test(arguments: Language.allCases)
    func `says what there is`(language: Language) throws {
        try Speech.$language.withValue(language) {
            try expectGolden(
                Titian.helpMessage(columns: 80) + "\n", "titian/help.\(language.rawValue).txt")
        }
    }

    @Test(arguments: Language.allCases)
    func `says of each command what it does, what it changes and what it takes`(
        language: Language
    ) throws {
        try Speech.$language.withValue(language) {
            let pages = Self.commands.map {
                "== \($0.configuration.commandName ?? "")\n\n"
                    + Titian.helpMessage(for: $0, columns: 80)
            }
            try expectGolden(
                pages.joined(separator: "\n\n") + "\n",
                "titian/help-commands.\(language.rawValue).txt")
        }
    }
}

@Suite struct `A wish for help` {
    @Test(arguments: [
        ["help", "read", "--lang", "en"], ["read", "--help"], ["--lang", "en", "help", "read"],
        ["--lang=en", "read", "--help"],
    ])
    func `is met wherever the language stands`(arguments: [String]) async {
        let run = await CapturedRun(arguments)
        #expect(run.output.hasPrefix("OVERVIEW: Reads one terminal's whole log"))
        #expect(run.exitCode == 0)
    }

    @Test func `for a shell gives its completions`() async {
        let run = await CapturedRun(["--generate-completion-script", "bash"])
        #expect(run.output.contains("journal"))
        #expect(run.exitCode == 0)
    }
}

@Suite struct `The language of titian` {
    @Test(arguments: [
        (["titian", "status"], "", Language.indonesian),
        (["titian", "status"], "C.UTF-8", .indonesian),
        (["titian", "status"], "id_ID.UTF-8", .indonesian),
        (["titian", "status"], "en_GB.UTF-8", .english),
        (["titian", "status", "--lang", "id"], "en_GB.UTF-8", .indonesian),
        (["titian", "status", "--lang=en"], "id_ID.UTF-8", .english),
        (["titian", "status", "--lang"], "en_US", .english),
    ])
    func `is what --lang asks for, else the locale's`(
        arguments: [String], locale: String, expected: Language
    ) {
        let language = Language(
            arguments: arguments, environment: { $0 == "LANG" ? locale : nil })
        #expect(language == expected)
    }

    @Test func `of LC_ALL wins over that of LANG`() {
        let language = Language(
            arguments: [], environment: { ["LC_ALL": "en_US", "LANG": "id_ID"][$0] })
        #expect(language == .english)
    }
}
