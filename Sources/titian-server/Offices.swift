import ArgumentParser
import Attendance
import Central
import Console

struct Offices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "office",
        abstract: "The offices that the centre knows.",
        subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes in a CSV list: id,name,zone,stage,contact.",
            discussion: """
                Offices that are there already are brought up to date; none is removed. Stages are \
                rencana, uji coba, aktif, nonaktif.
                """)

        @Argument(help: "The CSV file.", completion: .file(extensions: ["csv"]))
        var file: String

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            try await shared.run { centre in
                let done = try await centre.importOffices(file: file)
                Output.error(
                    Text(
                        id: "\(done.added) kantor baru, \(done.changed) diubah, "
                            + "\(done.unchanged) tetap.",
                        en: "\(done.added) offices are new, \(done.changed) changed, "
                            + "\(done.unchanged) as before.")(shared.language))
            }
        }
    }
}
