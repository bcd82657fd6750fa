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
            id: """
                Siapa yang dapat menulis basis data dapat membuat ulang semuanya hingga cocok; yang \
                dipegang kotak di luar jangkauannya. Berikan bukti dari kantor ('titian journal \
                evidence') dan tanda terima: semuanya disandingkan.

                titian-server verify kantor.evidence kantor.courier.receipt

                Kode keluar 0: semua seperti dikirim. 1: ada yang tidak dapat disandingkan. 2: ada \
                yang tidak seperti dikirim; disebutkan.
                """,
            en: """
                Whoever can write the database can make all of it anew so that it agrees; what a box \
                holds is out of reach. Give evidence from offices ('titian journal evidence') and \
                receipts: all of it is put side by side.

                titian-server verify office.evidence office.courier.receipt

                Exit code 0: all is as it was sent. 1: something could not be compared. 2: something \
                is not as it was sent; it is named.
                """))

    @Argument(
        help: help(
            id: "Bukti dari kotak, atau tanda terima.", en: "Evidence of boxes, or receipts."),
        completion: .file())
    var files: [String] = []

    @Flag(help: help(id: "Tulis hasilnya sebagai JSON.", en: "Print the result as JSON."))
    var json = false

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { centre in
            let found = try await centre.central.verify(beside: files)
            if json { Output.line(json(found)) } else { tell(found, shared.language) }
            guard found.isWhole else { throw ExitCode(2) }
            guard found.unchecked.isEmpty else { throw ExitCode(1) }
        }
    }

    private func tell(_ found: CentralVerification, _ language: Language) {
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
        let (receipts, entries, punches) = found.compared
        if !files.isEmpty {
            let counts = "\(receipts) / \(entries) / \(punches)"
            Output.line(
                Text(
                    id: "disandingkan dengan kotak: tanda terima / entri / rekaman: \(counts)",
                    en: "compared with boxes: receipts / entries / punches: \(counts)")(language))
        }
        for finding in found.findings { Output.line("■ \(finding)") }
        for finding in found.unchecked { Output.line("▲ \(finding)") }
        Output.line(
            found.isWhole
                ? Text(id: "Semuanya utuh.", en: "All is whole.")(language)
                : Text(
                    id: "Ada yang tidak utuh. Jangan hapus apa pun; simpan salinan folder data.",
                    en: "Something is not whole. Delete nothing; keep a copy of the data folder."
                )(language))
    }

    private func json(_ found: CentralVerification) -> String {
        var line = JSONLine()
        line.add("whole", found.isWhole)
        line.add("journals", found.journals)
        line.add("entries", found.entries)
        line.add("punches", found.punches)
        line.add("sightings", found.sightings)
        line.add("audit_rows", found.auditRows)
        line.add("purged", found.purged)
        line.add("lost", found.lost)
        if !files.isEmpty {
            line.add("compared_receipts", found.compared.receipts)
            line.add("compared_entries", found.compared.entries)
            line.add("compared_punches", found.compared.punches)
        }
        line.add("findings", json: JSONLine.array(found.findings))
        line.add("unchecked", json: JSONLine.array(found.unchecked))
        return String(decoding: line.finished, as: UTF8.self)
    }
}
