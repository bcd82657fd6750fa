import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Speech

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Menghitung ulang tiap rantai dan tiap jumlah; tidak mengubah apa pun.",
            en: "Recomputes every chain and every count; changes nothing."),
        discussion: say(
            id: "Kode keluar 0: semua seperti dikirim. 2: ada yang tidak; disebutkan.",
            en: "Exit code 0: all is as it was sent. 2: something is not; it is named."))

    @Flag(help: help(id: "Tulis hasilnya sebagai JSON.", en: "Print the result as JSON."))
    var json = false

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { centre in
            let found = try await centre.central.verify()
            if json { Output.line(Self.json(found)) } else { Self.tell(found, shared.language) }
            guard found.isWhole else { throw ExitCode(2) }
        }
    }

    private static func tell(_ found: CentralVerification, _ language: Language) {
        let counts =
            "\(found.journals) / \(found.entries) / \(found.punches) / \(found.sightings) / "
            + "\(found.auditRows)"
        Output.line(
            Text(
                id: "jurnal / entri / rekaman / penampakan / baris audit: \(counts)",
                en: "journals / entries / punches / sightings / audit rows: \(counts)")(language))
        if found.purged > 0 {
            Output.line(
                Text(
                    id: "Hanya sidik jari digitalnya tersisa: \(found.purged) entri, "
                        + "di antaranya hilang: \(found.lost).",
                    en: "Only the digest is left: \(found.purged) entries, lost ones among them: "
                        + "\(found.lost).")(language))
        }
        for finding in found.findings { Output.line(finding) }
        Output.line(
            found.isWhole
                ? Text(id: "Semuanya utuh.", en: "All is whole.")(language)
                : Text(
                    id: "Ada yang tidak utuh. Jangan hapus apa pun; simpan salinan folder data.",
                    en: "Something is not whole. Delete nothing; keep a copy of the data folder."
                )(language))
    }

    private static func json(_ found: CentralVerification) -> String {
        var line = JSONLine()
        line.add("whole", found.isWhole)
        line.add("journals", found.journals)
        line.add("entries", found.entries)
        line.add("punches", found.punches)
        line.add("sightings", found.sightings)
        line.add("audit_rows", found.auditRows)
        line.add("purged", found.purged)
        line.add("lost", found.lost)
        line.add("findings", json: JSONLine.array(found.findings))
        return String(decoding: line.finished, as: UTF8.self)
    }
}
