import ArgumentParser
import Bridge
import Exchange
import Journal
import Speech

struct JournalEvidenceCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "evidence",
            abstract: say(
                id: "Bukti bagi pemeriksa: entri, hash, tanda terima BKD, dan yang dihitung.",
                en:
                    "Evidence for an auditor: entries, hashes, the BKD's receipts, and what is counted."
            ),
            discussion: say(
                id: """
                    Ditulis ke keluaran baku, apa adanya dan tanpa menilai; hanya membaca. Diperiksa dengan \
                    verify.py, bersama bukti dari pusat ('titian-server evidence') dan berkas kurir.

                    titian journal evidence > kantor.evidence
                    """,
                en: """
                    Written to standard output as it stands, judging nothing; only reads. Checked with \
                    verify.py, together with the centre's evidence ('titian-server evidence') and courier files.

                    titian journal evidence > office.evidence
                    """))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let output = Output()
        // Decided once: a daemon that stops midway is an error, and nothing is written twice.
        guard try await !places.daemon.isRunning else {
            var request = ControlRequest(.evidence)
            repeat {
                let answer = try await places.daemon.ask(request)
                for line in JSONText.lines(in: answer) { output.line(line) }
                request.ticket = try WireJSON.decode(Place.self, from: answer).next
            } while request.ticket != nil
            return
        }
        let keys = try Enrolment.load(from: places.folder)?.receiptKeys ?? []
        guard try places.folder.hasJournal else { throw NoJournal(folder: places.state) }
        try Journal.evidence(in: places.folder.path, centreKeys: keys) { output.line($0) }
    }

    private struct Place: Decodable {
        let next: String?
    }
}
