import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech
import TerminalKit

struct TraceReplayCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "replay",
            abstract: say(
                id: "Menjalankan driver terhadap rekaman, seolah mesinnya ada di sini.",
                en: "Runs the driver against a recording, as if the terminal stood here."),
            discussion: "titian trace replay lobi.talk --json")
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
        let text = String(decoding: try InputFile.read(file), as: UTF8.self)
        guard let recorded = try? TalkFile(parsing: text), !recorded.talk.steps.isEmpty else {
            throw CommandError.unknownFormat(path: file)
        }
        guard let make = driver ?? recorded["Make"] else { throw CommandError.driverMissing }
        guard let replay = TraceReplay(recorded, driver: make) else {
            throw CommandError.unknownDriver(make, nearest: KnownDrivers.nearest(to: make))
        }
        let page = ReplayPage(await replay.run())
        let output = Output()
        for line in speech.json ? page.json : page.text { output.line(line) }
        output.flush()
        try page.verdict.conclude()
    }
}

/// What a driver made of a recorded talk.
struct ReplayPage {
    let result: TraceReplay.Result

    init(_ result: TraceReplay.Result) {
        self.result = result
    }

    /// A fault if the driver failed or asked otherwise than then; a look if something is odd.
    var verdict: Verdict {
        if result.problem != nil || result.divergence != nil { return .fault }
        return result.oddities > 0 || !result.isWhole ? .attention : .good
    }

    // MARK: Scripts

    var json: [[UInt8]] {
        var lines: [[UInt8]] = []
        if let identity = result.identity { lines.append(json(identity)) }
        lines += result.records.map { json($0, via: "log") }
        lines += result.live.map { json(.punch($0), via: "live") }
        return lines + [end]
    }

    private func json(_ identity: TerminalIdentity) -> [UInt8] {
        var line = JSONLine()
        line.add("type", "terminal")
        line.add("terminal", identity.id.description)
        line.add("model", ifPresent: identity.model)
        line.add("firmware", ifPresent: identity.firmware)
        line.add("clock", ifPresent: result.clock?.description)
        line.add("records", ifPresent: result.counters?.records)
        return line.finished
    }

    private func json(_ record: LogRecord, via: String) -> [UInt8] {
        var line = JSONLine()
        if case .punch = record { line.add("type", "punch") } else { line.add("type", "oddity") }
        line.add("via", via)
        RecordLine.add(record, to: &line)
        return line.finished
    }

    private var end: [UInt8] {
        var line = JSONLine()
        line.add("type", "replay")
        line.add("punches", result.records.count - result.oddities)
        line.add("oddities", result.oddities)
        line.add("live", result.live.count)
        if let read = result.read { line.add("complete", read.isComplete) }
        line.add("steps", result.steps)
        line.add("played", result.played)
        line.add("code", ifPresent: result.problem?.code)
        if let divergence = result.divergence {
            line.add("diverged_at", divergence.step)
            line.add("said", divergence.said.hex)
            line.add("expected", ifPresent: divergence.expected?.hex)
        }
        return line.finished
    }

    // MARK: People

    var text: [[UInt8]] { words.map { Array($0.utf8) } }

    private var words: [String] {
        var rows: [String] = []
        if let identity = result.identity {
            rows.append(
                [identity.id.description, identity.model, identity.firmware].compactMap { $0 }
                    .joined(separator: "  "))
        }
        rows += result.records.map(RecordLine.text)
        rows += result.live.map {
            "\(RecordLine.text(.punch($0)))  \(say(id: "langsung", en: "live"))"
        }
        let count = result.records.count
        rows.append(
            say(
                id: "\(count) rekaman, \(result.oddities) janggal, \(result.live.count) langsung; "
                    + "langkah \(result.played)/\(result.steps)",
                en: "\(count) records, \(result.oddities) odd, \(result.live.count) live; "
                    + "steps \(result.played)/\(result.steps)"))
        return rows + [conclusion]
    }

    private var conclusion: String {
        let mark = Words.mark(verdict)
        if let divergence = result.divergence {
            let said = Array(divergence.said.prefix(24)).hex
            let expected = divergence.expected.map { Array($0.prefix(24)).hex } ?? "-"
            return say(
                id: "\(mark) Driver bertanya lain pada langkah \(divergence.step): \(said), "
                    + "dulu \(expected). Rekam ulang.",
                en: "\(mark) The driver asks otherwise at step \(divergence.step): \(said), "
                    + "then \(expected). Record it again.")
        }
        if let problem = result.problem { return "\(mark) \(problem.line(Speech.language))" }
        return verdict == .good
            ? say(id: "\(mark) Terbaca utuh.", en: "\(mark) Read whole.")
            : say(id: "\(mark) Perlu dilihat.", en: "\(mark) Needs a look.")
    }
}
