import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Speech

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Menulis semua yang dimiliki server, kuncinya juga, ke satu berkas.",
            en: "Writes all the centre knows, its keys included, to one file."),
        discussion: say(
            id: """
                'serve' tetap berjalan. Berkas muncul setelah lengkap dan diperiksa; baru jembatan \
                diberi tahu bahwa kirimannya ada di situ. Isinya kunci dan data kehadiran: mode \
                0600, dan harus dijaga seperti servernya.

                titian-server backup /media/cadangan/ --keep 30
                """,
            en: """
                'serve' goes on meanwhile. The file appears when it is complete and was checked; then \
                bridges hear that it holds what they sent. It holds keys and attendance data: mode 0600, \
                to be kept as safe as the server.

                titian-server backup /media/cadangan/ --keep 30
                """))

    @Argument(
        help: help(
            id: "Satu berkas, atau folder tempat ia diberi nama menurut waktunya.",
            en: "A file, or a folder in which it gets a name with the moment in it."),
        completion: .directory)
    var place: String

    @Option(
        help: help(
            id: "Berapa cadangan yang tinggal di folder itu; tanpa ini semuanya.",
            en: "How many backups stay in that folder; all without it."))
    var keep: Int?

    @Flag(help: help(id: "Tulis hasilnya sebagai JSON.", en: "Print the result as JSON."))
    var json = false

    @OptionGroup var shared: SharedOptions

    func validate() throws {
        if let keep, keep < 1 { throw ValidationError("--keep is 1 or more") }
    }

    func run() async throws {
        try await shared.run { centre in
            let backup = try await centre.backup(
                to: place, keep: keep, configurationFile: shared.config)
            if json { Output.line(Self.json(backup)) } else { tell(backup) }
            guard backup.isOnSameDisk else { return }
            Output.error(
                Text(
                    id: "Cadangan ini di disk yang sama dengan datanya: salin ke tempat lain.",
                    en: "This backup is on the same disk as the data: copy it elsewhere.")(
                        shared.language))
        }
    }

    private func tell(_ backup: CentreBackup) {
        let report = backup.report
        Output.line(
            Text(
                id: "\(report.file.path): \(report.journals) jurnal, \(report.entries) entri, "
                    + "\(report.punches) rekaman; sudah diperiksa.",
                en: "\(report.file.path): \(report.journals) journals, \(report.entries) entries, "
                    + "\(report.punches) punches; checked.")(shared.language))
    }

    private static func json(_ backup: CentreBackup) -> String {
        var line = BackupLine.json(backup.report)
        line.add("same_disk", backup.isOnSameDisk)
        line.add("deleted", json: JSONLine.array(backup.deleted))
        return String(decoding: line.finished, as: UTF8.self)
    }
}

/// A backup in JSON, made or restored.
enum BackupLine {
    static func json(_ report: BackupReport) -> JSONLine {
        var line = JSONLine()
        line.add("file", report.file.path)
        line.add("made_at", report.file.madeAt.description)
        line.add("bytes", report.file.bytes)
        line.add("sha256", report.file.sha256)
        line.add("journals", report.journals)
        line.add("entries", report.entries)
        line.add("punches", report.punches)
        line.add("files", json: JSONLine.array(report.files))
        return line
    }
}
