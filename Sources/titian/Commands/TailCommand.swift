import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech

struct TailCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "tail",
            abstract: say(
                id: "Entri jurnal terbaru, lalu tiap entri baru saat ditulis (Ctrl-C berhenti).",
                en: "The journal's newest entries, then each new one as it is written (Ctrl-C)."),
            discussion: """
                titian tail
                titian tail -n 100 --no-follow --json
                """)
    }

    @Option(
        name: [.short, .long],
        help: help(
            id: "Berapa entri lama ditampilkan dahulu.", en: "How many old entries come first.",
            value: "n"))
    var number = 10

    @Flag(
        inversion: .prefixedNo,
        help: help(id: "Terus menunggu entri baru.", en: "Go on waiting for new entries."))
    var follow = true

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    private static let page = 2_000
    private static let pause = Duration.milliseconds(300)

    func validate() throws {
        guard (0...Self.page).contains(number) else { throw ValidationError("-n 0…\(Self.page)") }
    }

    func run() async throws {
        var answer = try await places.daemon.ask(.tail, limit: number)
        while true {
            show(JSONText.lines(in: answer))
            guard follow else { return }
            let last = try WireJSON.decode(Place.self, from: answer).last
            if JSONText.lines(in: answer).count < Self.page {
                try await Task.sleep(for: Self.pause)
            }
            answer = try await places.daemon.ask(.tail, limit: Self.page, after: last)
        }
    }

    private struct Place: Decodable {
        let last: Int64
    }

    private func show(_ lines: [ArraySlice<UInt8>]) {
        let output = Output()
        for line in lines {
            if speech.json {
                output.line(line)
            } else {
                output.line(EntryText.text(line))
            }
        }
    }
}
