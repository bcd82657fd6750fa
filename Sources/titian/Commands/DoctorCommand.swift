import ArgumentParser
import Attendance
import Bridge
import Exchange
import Journal
import Speech
import Synchronization

struct DoctorCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor",
            abstract: say(
                id: "Mencari penyebab gangguan: satu putusan, satu langkah berikutnya.",
                en: "Looks for the cause of trouble: one verdict, one next act."),
            discussion: say(
                id: """
                    Hanya melihat; tidak mengubah apa pun pada kotak, jurnal atau mesin.

                    titian doctor
                    titian doctor --json

                    Kode keluar: 0 baik, 1 perlu perhatian, 2 gangguan.
                    """,
                en: """
                    Only looks; changes nothing on the box, in the journal or on a terminal.

                    titian doctor
                    titian doctor --json

                    Exit codes: 0 good, 1 needs a look, 2 a fault.
                    """))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let page = DoctorPage(palette: .ofStandardOutput)
        let asJSON = speech.json
        let results = await Doctor(Self.tools(for: places)).examine { result in
            guard !asJSON else { return }
            let output = Output()
            output.text(page.lines(of: result))
            output.flush()
        }
        let output = Output()
        if asJSON { output.line(page.json(results)) } else { output.text(page.verdict(results)) }
        output.flush()
        try DoctorPage.verdict(of: results).conclude()
    }

    /// What the doctor looks with on this box.
    static func tools(for places: PlaceOptions) -> DoctorTools {
        let folder = places.folder
        return DoctorTools(
            configuration: places.config, state: folder, socket: places.control,
            journalTrouble: {
                do {
                    let message = try await OfflineJournal.read(in: folder) {
                        try await $0.quickCheck()
                    }
                    return message.flatMap { $0 }.map { JournalUnsound(message: $0) }
                } catch {
                    return error
                }
            })
    }
}
