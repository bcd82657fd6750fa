import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Speech

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Memulihkan cadangan ke folder data yang kosong.",
            en: "Puts a backup back, into a data folder that is empty."),
        discussion: say(
            id: """
                'serve' tidak boleh berjalan. Cadangan diperiksa dahulu; yang rusak tidak mengubah \
                apa pun. Sesudahnya jalankan 'serve': jembatan mengirim lagi yang tidak ada di \
                cadangan.

                titian-server restore /media/cadangan/titian-server-20261126T010203Z.backup
                """,
            en: """
                'serve' must not run. The backup is checked first; a damaged one changes nothing. \
                Afterwards start 'serve': bridges send again what the backup does not hold.

                titian-server restore /media/cadangan/titian-server-20261126T010203Z.backup
                """))

    @Argument(help: help(id: "Cadangannya.", en: "The backup."), completion: .file())
    var file: String

    @Flag(help: help(id: "Tulis hasilnya sebagai JSON.", en: "Print the result as JSON."))
    var json = false

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.prepared { configuration in
            let report = try await Restoration(configuration).run(from: file)
            if json {
                Output.line(String(decoding: BackupLine.json(report).finished, as: UTF8.self))
                return
            }
            let counts = "\(report.journals) / \(report.entries) / \(report.punches)"
            Output.line(
                Text(
                    id: "Dipulihkan seperti pada \(report.file.madeAt). "
                        + "Jurnal / entri / rekaman: \(counts). Sekarang jalankan 'serve'.",
                    en: "Restored as of \(report.file.madeAt). "
                        + "Journals / entries / punches: \(counts). Now start 'serve'.")(
                        shared.language))
        }
    }
}
