import ArgumentParser
import Attendance
import Central
import Console
import Speech

struct Offices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "office",
        abstract: say(id: "Kantor yang dikenal server.", en: "The offices that the centre knows."),
        subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(
                id: "Memasukkan daftar CSV: id,name,zone,stage,contact.",
                en: "Takes in a CSV list: id,name,zone,stage,contact."),
            discussion: say(
                id: """
                    Kantor yang sudah ada diperbarui; tidak ada yang dihapus. Tahapnya rencana, uji \
                    coba, aktif, nonaktif.
                    """,
                en: """
                    Offices that are there already are brought up to date; none is removed. Stages are \
                    rencana, uji coba, aktif, nonaktif.
                    """))

        @Argument(
            help: help(id: "Berkas CSV.", en: "The CSV file."),
            completion: .file(extensions: ["csv"]))
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
