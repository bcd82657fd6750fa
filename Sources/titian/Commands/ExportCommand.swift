import ArgumentParser
import Attendance
import Bridge
import Speech

struct ExportCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export",
            abstract: say(
                id: "Berkas kurir: semua yang menunggu, untuk dibawa ke BKD dengan stik.",
                en: "A courier file: all that waits, to be carried to the BKD on a stick."),
            discussion: say(
                id: """
                    Isinya sama dengan yang dikirim lewat internet, ditandatangani jembatan ini. Bila kantor \
                    belum terdaftar, permintaan pendaftaran ikut di dalamnya. BKD menjalankan \
                    'titian-server accept BERKAS'; tanda terimanya dibawa pulang dan dimasukkan dengan \
                    'titian import'. Dibawa dua kali tidak mengubah apa pun.

                    titian export /media/stik/kantor.courier
                    """,
                en: """
                    It holds what would go over the line, signed by this bridge. As long as the office \
                    is not enrolled, the request goes with it. The BKD runs 'titian-server accept FILE'; \
                    its receipt comes back and is taken in with 'titian import'. Carried twice, it changes nothing.

                    titian export /media/stick/office.courier
                    """))
    }

    @Argument(
        help: help(
            id: "Berkas yang dibuat; yang sudah ada tidak ditimpa.",
            en: "The file to make; one that is there is not overwritten.", value: "file"))
    var file: String

    @Option(
        help: help(
            id: "Mulai dari entri ini, bila BKD memintanya; bawaan: yang belum diterima.",
            en: "From this entry on, where the BKD asks for it; else what it has not received.",
            value: "seq"))
    var from: Int64?

    func validate() throws {
        guard from ?? 1 >= 1 else {
            throw ValidationError(say(id: "--from mulai dari 1", en: "--from begins at 1"))
        }
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let report = try await CourierDoor(places).write(to: file, from: from)
        let output = Output()
        if speech.json { output.line(report.json) } else { output.line(report.text) }
    }
}
