import ArgumentParser
import Attendance
import Console
import Speech

struct Punches: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Mencetak tiap rekaman kantor yang dihitung server; tidak mengubah apa pun.",
            en: "Prints every punch the centre counts for an office; changes nothing."))

    @Option(help: help(id: "Id kantor.", en: "The office's id."), transform: { try OfficeID($0) })
    var office: OfficeID

    @Option(help: help(id: "ndjson atau csv.", en: "ndjson or csv."))
    var format = PunchExport.Format.ndjson

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { centre in
            var export = try await centre.punches(of: office, format: format)
            while let text = try await export.next() { Output.write(text) }
        }
    }
}

extension PunchExport.Format: ExpressibleByArgument {}
