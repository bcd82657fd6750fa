import ArgumentParser
import Attendance
import Bridge
import Exchange
import Glibc
import Speech

struct StatusCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: say(
                id: "Keadaan mesin, antrean, kiriman terakhir dan jam, pada satu layar.",
                en: "Terminals, queue, last call and clocks, on one screen."),
            discussion: say(
                id: "Kode keluar: 0 baik, 1 perlu perhatian, 2 gangguan.",
                en: "Exit codes: 0 good, 1 needs a look, 2 a fault."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        switch try await LiveOrOffline.look(places) {
        case .live(let report, let answer): try show(report, answer)
        case .offline(let status): try show(status)
        }
    }

    private func show(_ report: StatusReport, _ answer: [UInt8]) throws {
        let page = StatusPage(
            report: report, zone: places.zone(of: report), now: Host.system.now(),
            palette: .ofStandardOutput)
        let output = Output()
        if speech.json {
            output.line(answer)
        } else {
            output.text(page.text)
        }
        output.flush()
        try page.verdict.conclude()
    }

    private func show(_ status: OfflineStatus) throws {
        let output = Output()
        if speech.json {
            output.line(try WireJSON.encode(status))
        } else {
            output.text(status.text)
        }
        output.flush()
        try Verdict.fault.conclude()
    }
}

/// The state of this bridge, from its daemon or from its disk.
enum LiveOrOffline {
    case live(StatusReport, answer: [UInt8])
    case offline(OfflineStatus)

    /// How often, and after which pause, a daemon that is just starting is asked again.
    private static let attempts = 20
    private static let pause = Duration.milliseconds(100)

    static func look(_ places: PlaceOptions) async throws -> LiveOrOffline {
        var attempt = 0
        while true {
            attempt += 1
            if let answer = try await places.daemon.ifRunning({ try await $0.ask(.status) }) {
                guard let report = try? WireJSON.decode(StatusReport.self, from: answer) else {
                    throw ControlError.noAnswer(socket: places.control)
                }
                return .live(report, answer: answer)
            }
            // The journal is looked at last: while it is open here, no daemon can start.
            if attempt >= attempts {
                do {
                    return .offline(try await OfflineStatus.read(places))
                } catch  where isHeld(error) && attempt < 3 * attempts {}
            }
            try await Task.sleep(for: pause)
        }
    }

    /// A daemon that is starting, or another command, has the journal at this moment.
    private static func isHeld(_ error: any Error) -> Bool {
        Problem(explaining: error).code == "store.busy"
    }
}

extension PlaceOptions {
    /// The zone the daemon works with; ``zone`` if it names none that is known here.
    func zone(of report: StatusReport) -> Zone { (try? Zone(report.timezone)) ?? zone }

    /// The office's zone: of the configuration, else of the enrolment, else WITA.
    var zone: Zone {
        if let configuration = try? Configuration.load(path: config) { return configuration.zone }
        let enrolled = try? Enrolment.load(from: folder)
        return enrolled.flatMap { try? Zone($0.zone) } ?? .wita
    }

    /// The office's zone, where something depends on it that cannot be taken back.
    ///
    /// - Throws: What is wrong with the configuration, or that nothing names a zone.
    var certainZone: Zone {
        get throws {
            if access(config, F_OK) == 0 { return try Configuration.load(path: config).zone }
            guard let enrolled = try Enrolment.load(from: folder),
                let zone = try? Zone(enrolled.zone)
            else { throw ClockError.zoneUnknown }
            return zone
        }
    }
}
