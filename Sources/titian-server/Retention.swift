import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Speech

struct Retention: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Menunjukkan baris yang lebih tua daripada batas server, dan melupakannya.",
            en: "Shows which lines are older than the centre's own period, and forgets them."),
        discussion: say(
            id: """
                Batasnya 'keep_lines_days' pada konfigurasi, atau --days. Hash tetap, sehingga \
                'verify' membuktikan tiap rantai; rekaman yang terhitung juga tetap. Tanpa --apply \
                tidak ada yang berubah. Yang dilupakan masih ada di cadangan lama.

                titian-server retention --days 1825
                titian-server retention --days 1825 --apply
                """,
            en: """
                The period is 'keep_lines_days' of the configuration, or --days. Digests stay, so that \
                'verify' proves every chain; counted punches stay too. Without --apply nothing changes. \
                What is forgotten is in older backups still.

                titian-server retention --days 1825
                titian-server retention --days 1825 --apply
                """))

    @Option(
        help: help(
            id: "Baris yang ditulis lebih dari sekian hari lalu; 90 atau lebih.",
            en: "Lines written more than so many days ago; 90 or more."))
    var days: Int?

    @Flag(
        help: help(
            id: "Lupakan; tanpa ini hanya dihitung.",
            en: "Forget them; without it they are only counted."))
    var apply = false

    @Flag(help: help(id: "Tulis hasilnya sebagai JSON.", en: "Print the result as JSON."))
    var json = false

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { centre in
            let report = try await centre.retention(days: days, apply: apply)
            if json { Output.line(Self.json(report)) } else { tell(report) }
        }
    }

    private func tell(_ report: RetentionReport) {
        let what = "\(report.lines) / \(report.bytes) / \(report.journals)"
        Output.line(
            report.isApplied
                ? Text(
                    id: "Dilupakan, sebelum \(report.limit): baris / bita / jurnal: \(what).",
                    en: "Forgotten, before \(report.limit): lines / bytes / journals: \(what).")(
                        shared.language)
                : Text(
                    id: "Akan dilupakan dengan --apply, sebelum \(report.limit): "
                        + "baris / bita / jurnal: \(what).",
                    en: "To be forgotten with --apply, before \(report.limit): "
                        + "lines / bytes / journals: \(what).")(shared.language))
    }

    private static func json(_ report: RetentionReport) -> String {
        var line = JSONLine()
        line.add("before", report.limit.description)
        line.add("lines", report.lines)
        line.add("bytes", report.bytes)
        line.add("journals", report.journals)
        line.add("applied", report.isApplied)
        return String(decoding: line.finished, as: UTF8.self)
    }
}
