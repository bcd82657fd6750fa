import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech
import StickFiles
import TerminalKit
import ZKTeco

struct DecodeCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "decode",
            abstract: say(
                id: "Menjelaskan isi berkas stik atau rekaman percakapan mesin; hanya membaca.",
                en: "Says what a stick file or a recorded talk means; only reads."),
            discussion: """
                titian decode 1_attlog.dat --json
                titian decode talk.hex --driver zkteco
                """)
    }

    @Argument(
        help: help(
            id: "Berkas stik (*_attlog.dat, BAK.KQ, AGL/GLG_001.TXT), atau percakapan .hex.",
            en: "A stick file (*_attlog.dat, BAK.KQ, AGL/GLG_001.TXT), or a talk (.hex).",
            value: "file"))
    var file: String

    @Option(
        help: help(
            id: "Merek, untuk percakapan: \(KnownDrivers.names.joined(separator: ", ")).",
            en: "The make, for a talk: \(KnownDrivers.names.joined(separator: ", ")).",
            value: "make"))
    var driver: String?

    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let bytes = try InputFile.read(file)
        let output = Output()
        let name = file.split(separator: "/").last.map(String.init) ?? file
        if !Self.looksLikeTalk(name), let stick = StickFile.decode(bytes, name: name) {
            for line in DecodedLine.lines(of: stick, asJSON: speech.json) { output.line(line) }
            return try Self.verdict(of: stick).conclude()
        }
        var verdict = Verdict.good
        try decode(bytes) { item in
            DecodedLine.write(item, to: output, asJSON: speech.json)
            verdict = max(verdict, Self.verdict(of: item))
        }
        try verdict.conclude()
    }

    /// A recorded HTTP exchange of a terminal that pushes, or of its web server; else a talk.
    private func decode(_ bytes: [UInt8], _ found: @escaping (DecodedItem) -> Void) throws {
        if driver == nil || driver == ZKTecoDriver.make,
            ZKTecoDriver().decode(http: bytes, found)
        {
            return
        }
        guard let recorded = try? TalkFile(parsing: bytes), !recorded.talk.steps.isEmpty else {
            throw CommandError.unknownFormat(path: file)
        }
        try chosenDriver(recorded["Make"]).decode(recorded.talk, found)
    }

    /// Damaged rows and bytes that belong to nothing want to be looked at.
    private static func verdict(of stick: StickFile) -> Verdict {
        let isOdd = stick.rows.contains { if case .oddity = $0.record { true } else { false } }
        return isOdd || !stick.doubts.isEmpty ? .attention : .good
    }

    private static func verdict(of item: DecodedItem) -> Verdict {
        switch item {
        case .noise, .record(.oddity, _): .attention
        default: .good
        }
    }

    private static func looksLikeTalk(_ name: String) -> Bool {
        [".hex", ".talk", ".trace"].contains { name.lowercased().hasSuffix($0) }
    }

    /// - Parameter recorded: The make that the file itself names.
    private func chosenDriver(_ recorded: String?) throws -> any TerminalDriver {
        guard let driver = driver ?? recorded else { throw CommandError.driverMissing }
        guard let chosen = KnownDrivers.driver(named: driver) else {
            throw CommandError.unknownDriver(driver, nearest: KnownDrivers.nearest(to: driver))
        }
        return chosen
    }
}
