import Attendance
import Bridge
import Exchange
import TerminalKit
import TestSupport
import Testing

@testable import titian

@Suite struct `A command that fails` {
    static let errors: [any Explained] = [
        CommandError.usage("Unexpected argument 'bogus'"),
        CommandError.badLink(InvalidValue("tcp://", rule: "a tcp link names a host")),
        CommandError.unknownTerminal("lobby", known: ["lobi", "gudang"]),
        CommandError.unknownDriver("zktecco", nearest: "zkteco"),
        CommandError.driverMissing,
        CommandError.unreadable(path: "1_attlog.dat", reason: "No such file or directory"),
        CommandError.unknownFormat(path: "foto.jpg"),
        CommandError.nothingToImport(folder: "/media/stik"),
        ImportError.unknownFormat(file: "catatan.dat"),
        ImportError.namesPeople(file: "user.dat"),
        NoJournal(folder: "/var/lib/titian"),
        ControlError.notRunning(socket: "/run/titian/control.sock"),
        DriverError.wrongKey,
        SyncError.otherKey("https://bkd.example.go.id:8443"),
        SyncError.refused(.codeUsed),
    ]

    @Test(arguments: Language.allCases)
    func `says what happened and what to do`(language: Language) throws {
        let text = Self.errors.map { Failure($0).text(language) }.joined()
        try expectGolden(text, "titian/errors.\(language.rawValue).txt")
    }

    static let codes: [(any Error, Int32)] = [
        (CommandError.usage("x"), 64),
        (SyncError.notACode, 65),
        (CommandError.unknownFormat(path: "x"), 65),
        (CommandError.unreadable(path: "x", reason: "y"), 66),
        (CommandError.nothingToImport(folder: "x"), 66),
        (ImportError.unknownFormat(file: "x"), 65),
        (ImportError.namesPeople(file: "x"), 65),
        (ConfigurationError.missing("office"), 78),
        (DriverError.wrongKey, 2),
        (ControlError.notRunning(socket: "x"), 2),
    ]

    @Test(arguments: codes)
    func `has the exit code of sysexits where one fits`(error: any Error, code: Int32) {
        #expect(Failure(error).exitCode == code)
    }

    @Test func `tells everything that is wrong with a configuration`() throws {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try Configuration(parsing: "ofice = \"a\"\ntimezone = \"Asia/Mars\"\n", path: "b.toml")
        }
        let failure = Failure(try #require(problems))
        #expect(failure.problems.count >= 2)
        #expect(failure.text(.english).contains("b.toml: "))
        #expect(failure.exitCode == 78)
    }

    @Test func `answers scripts in JSON`() {
        let text = String(decoding: Failure(CommandError.driverMissing).json, as: UTF8.self)
        #expect(text.hasPrefix(#"{"error":{"code":"cli.driver-missing","id":""#))
    }

    static let misuses: [([String], Int32)] = [
        (["bogus"], 64),
        (["read"], 64),
        (["status", "--lang", "fr"], 64),
        (["read", "tcp://127.0.0.1:9"], 64),
        (["decode", "/nonexistent/file.dat", "--lang", "en"], 66),
        (["config", "check", "--config", "/nonexistent/bridge.toml"], 78),
        (["terminals", "--control", "/nonexistent/control.sock"], 2),
        (["punches", "--control", "/nonexistent/c.sock", "--state", "/nonexistent"], 2),
    ]

    @Test(arguments: misuses)
    func `ends with its code`(arguments: [String], code: Int32) async {
        let run = await CapturedRun(arguments)
        #expect(run.exitCode == code)
        #expect(run.errors.hasPrefix("titian: "))
        #expect(run.output.isEmpty)
    }
}
