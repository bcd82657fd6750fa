import ArgumentParser
import Attendance
import Bridge
import Exchange
import StickFiles
import TerminalKit

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
            return
        }
        guard let talk = try? Talk(parsing: String(decoding: bytes, as: UTF8.self)),
            !talk.steps.isEmpty
        else { throw CommandError.unknownFormat(path: file) }
        for item in try chosenDriver().decode(talk) {
            output.line(DecodedLine.line(of: item, asJSON: speech.json))
        }
    }

    private static func looksLikeTalk(_ name: String) -> Bool {
        [".hex", ".talk", ".trace"].contains { name.lowercased().hasSuffix($0) }
    }

    private func chosenDriver() throws -> any TerminalDriver {
        guard let driver else { throw CommandError.driverMissing }
        guard let chosen = KnownDrivers.driver(named: driver) else {
            throw CommandError.unknownDriver(driver, nearest: KnownDrivers.nearest(to: driver))
        }
        return chosen
    }
}
