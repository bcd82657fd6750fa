import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech

struct TerminalsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "terminals",
            abstract: say(
                id: "Satu baris untuk tiap mesin: keadaan, jam, isi, lengkap sampai.",
                en: "One line for each terminal: state, clock, filling, complete through."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let report = try await places.daemon.ask(.status, as: StatusReport.self)
        let output = Output()
        if speech.json {
            for terminal in report.terminals { output.line(try WireJSON.encode(terminal)) }
        } else {
            let page = StatusPage(
                report: report, zone: places.zone(of: report), now: Host.system.now(),
                palette: .ofStandardOutput)
            output.text(page.terminals.map { "\($0)\n" }.joined())
        }
        output.flush()
        try (report.terminals.map { Words.verdict(of: $0.state) }.max() ?? .good).conclude()
    }
}
