import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Speech

struct SubjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subject",
        abstract: say(
            id: "Yang tersimpan tentang satu orang: berikan, atau hapus.",
            en: "What is stored of one person: give it out, or erase it."),
        subcommands: [Export.self, Erase.self])

    struct Person: ParsableArguments {
        @Option(
            help: help(id: "Id kantor.", en: "The office's id."), transform: { try OfficeID($0) })
        var office: OfficeID

        @Option(
            help: help(
                id: "No. ID orang itu di mesin kantor tersebut.",
                en: "The person's number on the terminals of that office."),
            transform: { try Pin($0) }
        )
        var pin: Pin

        var subject: Subject { Subject(office: office, pin: pin) }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(
                id: "Mencetak semua yang tersimpan tentang seseorang, satu objek JSON per baris.",
                en: "Prints everything that is stored of a person, one JSON object a line."),
            discussion: say(
                id: """
                    Rekaman yang terhitung, baris asalnya seperti dikirim, yang masih sementara, dan apa \
                    yang dilakukan dengan data orang ini. Kode keluar 1: tidak ada. Permintaan ini \
                    tercatat di jejak audit.

                    titian-server subject export --office upt-contoh-utara --pin 17 > 17.ndjson
                    """,
                en: """
                    Counted punches, the lines they rest on as they were sent, what is provisional, and \
                    what was done with this person's data. Exit code 1: there is nothing. That it was \
                    asked for is in the audit trail.

                    titian-server subject export --office upt-contoh-utara --pin 17 > 17.ndjson
                    """))

        @OptionGroup var person: Person

        @Flag(
            help: help(
                id: "Keluarannya JSON, dengan ini maupun tanpa.",
                en: "The output is JSON with it and without."))
        var json = false

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            try await shared.run { centre in
                let export = try await centre.export(person.subject)
                for line in export.lines { Output.line(String(decoding: line, as: UTF8.self)) }
                guard export.hasTraces else { throw ExitCode(1) }
            }
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(
                id: "Menghapus rekaman dan baris seseorang; hash-nya tetap.",
                en: "Takes a person's punches and lines away; their digests stay."),
            discussion: say(
                id: """
                    'verify' tetap membuktikan tiap rantai. Rekaman nomor ini sampai sekarang yang \
                    datang lagi, dari jembatan atau stik, tidak diterima. Cadangan lama masih memuatnya, \
                    begitu juga jembatan selama 90 hari. Tanpa --apply tidak ada yang berubah.

                    titian-server subject erase --office upt-contoh-utara --pin 17 --apply
                    """,
                en: """
                    'verify' goes on proving every chain. Punches of this number up to now that come \
                    again, from a bridge or a stick, are not taken in. Older backups hold them still, and \
                    so does the bridge for its 90 days. Without --apply nothing changes.

                    titian-server subject erase --office upt-contoh-utara --pin 17 --apply
                    """))

        @OptionGroup var person: Person

        @Flag(
            help: help(
                id: "Hapus; tanpa ini hanya dihitung.", en: "Erase; without it only counted."))
        var apply = false

        @Flag(help: help(id: "Tulis hasilnya sebagai JSON.", en: "Print the result as JSON."))
        var json = false

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            try await shared.run { centre in
                let report = try await centre.erase(person.subject, apply: apply)
                if json { Output.line(Self.json(report)) } else { tell(report) }
            }
        }

        private func tell(_ report: ErasureReport) {
            let what = "\(report.punches) / \(report.lines) / \(report.provisional)"
            Output.line(
                report.isApplied
                    ? Text(
                        id: "Dihapus: rekaman / baris / sementara: \(what).",
                        en: "Erased: punches / lines / provisional: \(what).")(shared.language)
                    : Text(
                        id: "Akan dihapus dengan --apply: rekaman / baris / sementara: \(what).",
                        en: "To be erased with --apply: punches / lines / provisional: \(what).")(
                            shared.language))
        }

        private static func json(_ report: ErasureReport) -> String {
            var line = JSONLine()
            line.add("punches", report.punches)
            line.add("lines", report.lines)
            line.add("provisional", report.provisional)
            line.add("applied", report.isApplied)
            return String(decoding: line.finished, as: UTF8.self)
        }
    }
}
