import ArgumentParser
import Attendance
import Bridge
import Speech
import TerminalKit
import Transports

struct TraceCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "trace",
            abstract: say(
                id: "Merekam percakapan dengan mesin, memutarnya ulang dan menjelaskannya.",
                en: "Records a talk with a terminal, replays it and says what it means."),
            subcommands: [
                TraceRecordCommand.self, TraceReplayCommand.self, TraceDecodeCommand.self,
            ])
    }
}

struct TraceRecordCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "record",
            abstract: say(
                id: "Merekam percakapan tanpa kunci, sandi dan nama; tidak mengubah mesin.",
                en: "Records a talk without keys, passwords and names; changes nothing."),
            discussion: """
                titian trace record lobi --read -o lobi.talk
                titian trace record tcp://192.168.1.201:4370 --driver zkteco --for 60
                titian trace record 'serial:///dev/ttyUSB0?baud=115200' --for 120
                """)
    }

    @OptionGroup var terminal: TerminalTargetOptions

    @Option(
        name: .customLong("for"),
        help: help(
            id: "Menunggu rekaman langsung selama ini; tanpa --driver hanya mendengar.",
            en: "Waits this long for live punches; without --driver it only listens.",
            value: "seconds"))
    var seconds: Int?

    @Flag(help: help(id: "Membaca seluruh log.", en: "Reads the whole log."))
    var read = false

    @Option(
        name: [.customShort("o"), .long],
        help: help(
            id: "Berkas hasil; tanpa ini ke layar.", en: "The file to write; else standard output.",
            value: "file"))
    var output: String?

    @Flag(
        help: help(
            id: "Ganti nomor pegawai dengan nomor karangan.",
            en: "Replace people's numbers by invented ones."))
    var anonymous = false

    @Flag(
        help: help(
            id: "Ganti nomor seri dan alamat mesin dengan karangan.",
            en: "Replace the terminal's serial number and addresses by invented ones."))
    var hideSerial = false

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func validate() throws {
        if let seconds, !(1...86_400).contains(seconds) {
            throw ValidationError("--for 1…86400")
        }
    }

    func run() async throws {
        // Before the talk: what took a day to hear is not lost to a file that is there already.
        let sink = try output.map { try OutputFile($0) }
        let problem: Problem?
        do {
            let isListening = terminal.driver == nil && terminal.link.contains("://")
            problem = try await isListening ? listen(to: sink) : record(to: sink)
        } catch {
            sink?.discard()
            throw error
        }
        // The file is there all the same: a talk that fails is worth most.
        if let problem { throw problem }
    }

    /// - Returns: How the talk ended, if not well.
    private func record(to sink: OutputFile?) async throws -> Problem? {
        let target = try terminal.target(configuration: places.config)
        var redaction = Redaction()
        redaction.inventsPins = anonymous
        redaction.inventsSerials = hideSerial
        let recorder = TraceRecorder(readsLog: read, live: .seconds(seconds ?? 0))
        let link = try await target.address.open(within: .seconds(10))
        let recording = await recorder.record(target.driver, over: link)
        await link.close()
        guard let clean = target.driver.clean(recording.talk, redaction) else {
            throw CommandError.notCleanable(make: target.driver.make)
        }
        let header = TraceHeader(
            recording, make: target.driver.make, line: target.kind, options: target.options,
            redaction: redaction, version: TitianVersion.current, time: Host.system.now())
        try write(header.file(clean).text, to: sink)
        remark(recording, clean)
        return recording.problem?.about(target.address.lineName)
    }

    private func remark(_ recording: TraceRecorder.Recording, _ talk: Talk) {
        guard !speech.json else { return }
        Output.remark(
            say(
                id:
                    "\(talk.steps.count) langkah, \(recording.punches) rekaman. Periksa sebelum dikirim.",
                en:
                    "\(talk.steps.count) steps, \(recording.punches) punches. Look before you send it."
            ))
    }

    private func write(_ text: String, to sink: OutputFile?) throws {
        guard let sink else { return Output().write(text.utf8) }
        try sink.append(Array(text.utf8))
        try sink.finish()
    }

    /// Nothing is said to whoever is there, and nothing can be taken out of what is not understood.
    private func listen(to sink: OutputFile?) async throws -> Problem? {
        guard !anonymous, !hideSerial, !read, terminal.commKeyFile == nil else {
            throw CommandError.driverMissing
        }
        let address = try terminal.bareAddress()
        let link = try await address.open(within: .seconds(10))
        var text = """
            # Talk: titian 1
            # Line: \(TerminalTarget.kind(of: address))
            # Settings: \(address.shortest)
            # Recorded: \(Host.system.now()) by titian \(TitianVersion.current)
            # Listened only: nothing was said, and nothing was taken out

            """
        let start = ContinuousClock.now
        let end = start + .seconds(seconds ?? 60)
        while ContinuousClock.now < end {
            do {
                let bytes = try await link.receive(
                    within: max(.milliseconds(1), ContinuousClock.now.duration(to: end)))
                text += ListenedLine.text(bytes, after: start.duration(to: .now))
            } catch LinkError.silent {
                break
            } catch {
                text += "# \(error.problem.code)\n"
                break
            }
        }
        await link.close()
        try write(text, to: sink)
        return nil
    }
}

/// One piece of what was heard, with the time since the beginning.
enum ListenedLine {
    static func text(_ bytes: [UInt8], after time: Duration) -> String {
        let parts = time.components
        let milliseconds = parts.attoseconds / 1_000_000_000_000_000
        let digits = "\(milliseconds)"
        let padded = String(repeating: "0", count: 3 - digits.count) + digits
        return "# +\(parts.seconds).\(padded) s\n"
            + TalkFile(header: [], talk: Talk(steps: [.fromTerminal(bytes)])).text
    }
}

struct TraceDecodeCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "decode",
            abstract: say(
                id: "Menjelaskan isi rekaman percakapan; sama dengan 'titian decode'.",
                en: "Says what a recorded talk means; the same as 'titian decode'."))
    }

    @Argument(help: help(id: "Berkas percakapan.", en: "A talk's file.", value: "file"))
    var file: String

    @Option(
        help: help(
            id: "Merek, bila berkas tidak menyebutnya.", en: "The make, if the file does not say.",
            value: "make"))
    var driver: String?

    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let options = (driver.map { ["--driver", $0] } ?? []) + (speech.json ? ["--json"] : [])
        try await DecodeCommand.parse([file] + options).run()
    }
}
