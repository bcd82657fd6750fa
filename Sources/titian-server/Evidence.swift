import ArgumentParser
import Central
import Console
import Speech

struct Evidence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Bukti bagi pemeriksa: semua entri, hash, jejak audit, dan yang dihitung.",
            en:
                "Evidence for an auditor: all entries, hashes, the audit trail, and what is counted."
        ),
        discussion: say(
            id: """
                Ditulis ke keluaran baku, apa adanya dan tanpa menilai; tidak mengubah apa pun. Diperiksa \
                dengan verify.py, bersama bukti dari kantor ('titian journal evidence') dan berkas kurir.

                titian-server evidence > pusat.evidence
                """,
            en: """
                Written to standard output as it stands, judging nothing; changes nothing. Checked with \
                verify.py, together with the offices' evidence ('titian journal evidence') and courier files.

                titian-server evidence > centre.evidence
                """))

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { centre in
            try await centre.central.evidence { line in
                Output.write((line + [UInt8(ascii: "\n")])[...])
            }
        }
    }
}
