import ArgumentParser
import Attendance
import Speech
import TerminalKit

struct ReadCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "read",
            abstract: say(
                id: "Membaca seluruh log satu mesin; tidak mencatat dan tidak mengubah apa pun.",
                en: "Reads one terminal's whole log; journals nothing and changes nothing."),
            discussion: """
                titian read tcp://192.168.1.201:4370 --driver zkteco --json > log.ndjson
                titian read 'serial:///dev/ttyUSB0?baud=9600' --driver anviz
                titian read 'serial:///dev/ttyUSB0?station=3' --driver soyal
                titian read lobi
                """)
    }

    @OptionGroup var terminal: TerminalTargetOptions
    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let target = try terminal.target(configuration: places.config)
        let output = Output()
        var oddities = 0
        let read = try await target.talk { session in
            try await session.readLog(from: nil) { page in
                for record in page.records {
                    if case .oddity = record { oddities += 1 }
                    print(record, to: output)
                }
            }
        }
        output.flush()
        try conclude(read, oddities: oddities)
    }

    private func print(_ record: LogRecord, to output: Output) {
        if speech.json {
            output.line(RecordLine.json(record))
        } else {
            output.line(RecordLine.text(record))
        }
    }

    private func conclude(_ read: LogRead, oddities: Int) throws {
        if read.extent == .oldest {
            guard read.total == 0 else { throw DriverError.onlyOldest }
        } else if !read.isComplete {
            throw DriverError.incomplete(received: read.received, expected: read.total)
        }
        if !speech.json {
            Output.remark(
                say(
                    id: "\(read.received) rekaman, lengkap; \(oddities) janggal.",
                    en: "\(read.received) records, complete; \(oddities) odd."))
        }
    }
}
