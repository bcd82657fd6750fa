import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech

struct SyncCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "sync",
            abstract: say(id: "Kiriman ke BKD.", en: "Calls to the BKD."),
            subcommands: [SyncStatusCommand.self, SyncNowCommand.self],
            defaultSubcommand: SyncStatusCommand.self)
    }
}

struct SyncStatusCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: say(
                id: "Kiriman terakhir, kendalanya, dan kapan yang berikutnya.",
                en: "The last call, what was wrong with it, and when the next one is."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        try SyncAnswerText.show(
            try await places.daemon.ask(.syncStatus), places: places, asJSON: speech.json)
    }
}

struct SyncNowCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "now",
            abstract: say(
                id: "Meminta titiand memanggil BKD sekarang juga, tanpa menunggu gilirannya.",
                en: "Asks titiand to call the BKD at once instead of waiting for its turn."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        _ = try await places.daemon.ask(.syncNow)
        Output.remark(say(id: "Diminta.", en: "Asked."))
        try SyncAnswerText.show(
            try await places.daemon.ask(.syncStatus), places: places, asJSON: speech.json)
    }
}

/// How sending goes, for people or as it came.
enum SyncAnswerText {
    static func show(_ answer: [UInt8], places: PlaceOptions, asJSON: Bool) throws {
        guard let status = try? WireJSON.decode(SyncStatus.self, from: answer) else {
            throw ControlError.noAnswer(socket: places.control)
        }
        let output = Output()
        if asJSON {
            output.line(answer)
        } else {
            output.text(text(status, zone: places.zone, now: Host.system.now()))
        }
        output.flush()
        try Words.verdict(of: status.state).conclude()
    }

    static func text(_ status: SyncStatus, zone: Zone, now: UTCTime) -> String {
        func time(_ text: String) -> String { Format.time(text, in: zone, today: now) }
        var rows = [("BKD", "\(Words.sync(status.state))  \(status.centre ?? "")")]
        if let last = status.lastReceiptAt {
            rows.append((say(id: "Tanda terima", en: "Receipt"), time(last)))
        }
        if let problem = status.lastProblem {
            rows.append((say(id: "Kendala", en: "Problem"), problem.sentence(Speech.language)))
        }
        if let since = status.failingSince {
            rows.append((say(id: "Sejak", en: "Since"), time(since)))
        }
        if let next = status.nextCallAt {
            rows.append((say(id: "Berikutnya", en: "Next"), time(next)))
        }
        if let offset = status.hostOffsetMilliseconds {
            let error = status.hostErrorMilliseconds ?? 0
            rows.append(
                (say(id: "Jam kotak", en: "Box clock"), Format.offset(offset, error: error)))
        }
        return rows.map { "\($0.0.padded(to: 13)) \($0.1)\n" }.joined()
    }
}
