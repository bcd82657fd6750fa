import ArgumentParser
import Attendance
import Bridge
import Exchange
import Journal
import Speech

struct PunchesCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "punches",
            abstract: say(
                id: "Rekaman absensi terbaru di disk kotak ini, yang tertua dahulu.",
                en: "The newest punches on this box's disk, oldest first."),
            discussion: """
                titian punches -n 50
                titian punches --after 1042 --json
                """)
    }

    @Option(
        name: [.short, .long],
        help: help(id: "Berapa banyak.", en: "How many.", value: "n"))
    var number = 20

    @Option(
        help: help(
            id: "Hanya yang ditulis setelah entri ini.", en: "Only those written after this entry.",
            value: "seq"))
    var after: Int64?

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func validate() throws {
        guard (1...10_000).contains(number) else { throw ValidationError("-n 1…10000") }
    }

    func run() async throws {
        let output = Output()
        for line in try await lines() {
            if speech.json {
                output.line(line)
            } else {
                output.line(EntryText.text(line))
            }
        }
    }

    private func lines() async throws -> [[UInt8]] {
        let answer = try await places.daemon.ifRunning {
            try await $0.ask(.punches, limit: number, after: after)
        }
        if let answer { return JSONText.lines(in: answer).map(Array.init) }
        let stored = try await OfflineJournal.read(in: places.folder) { journal in
            try await journal.newestPunches(after: after ?? 0, limit: number)
        }
        guard let stored else { throw NoJournal(folder: places.state) }
        return stored.map { Array($0.utf8) }
    }
}
