import ArgumentParser
import Attendance
import Bridge
import Exchange
import Glibc
import Speech

struct SupportBundleCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "support-bundle",
            abstract: say(
                id: "Satu berkas untuk dikirim bila perlu bantuan: tanpa nama, kunci dan No. ID.",
                en: "One file to send when help is needed: without names, keys and PINs."),
            discussion: say(
                id: """
                    Hanya membaca. Bekerja juga bila titiand mati dan jurnalnya rusak. Isi berkas \
                    didaftar pada manifest.json di dalamnya.

                    titian support-bundle
                    titian support-bundle --output /media/stik/bantuan.tar.gz
                    """,
                en: """
                    Only reads. Works with a dead titiand and a damaged journal too. What is in the \
                    file stands in manifest.json inside it.

                    titian support-bundle
                    titian support-bundle --output /media/stick/help.tar.gz
                    """))
    }

    @Option(
        name: [.short, .long],
        help: help(
            id: "Berkas yang dibuat; yang sudah ada tidak ditimpa.",
            en: "The file to make; one that is there is not overwritten.", value: "file"))
    var output: String?

    @Flag(
        help: help(
            id: "Dengan No. ID apa adanya; tanpa ini diganti kode.",
            en: "With PINs as they are; without this they are replaced by a code."))
    var withPins = false

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let now = Host.system.now()
        var bundle = SupportBundle(at: now, showsPins: withPins)
        await bundle.collect(places)
        let archive = try bundle.archive()
        let path = output ?? Self.free(Self.name(office: bundle.office, at: now))
        try OutputFile.write(archive, to: path, mode: 0o600)
        let said = Output()
        if speech.json {
            said.line(bundle.json(path: path, archive: archive))
        } else {
            said.text(bundle.text(path: path, archive: archive))
        }
    }

    /// The same name with a number, if there is such a file already.
    private static func free(_ name: String) -> String {
        let names = [name] + (2...99).map { name.replacing(".tar.gz", with: "-\($0).tar.gz") }
        return names.first { access($0, F_OK) != 0 } ?? name
    }

    /// `titian-upt-contoh-utara-20261125-001203.tar.gz`, in the folder one is in.
    static func name(office: String?, at now: UTCTime) -> String {
        let time = now.description.prefix(19).filter { $0 != "-" && $0 != ":" }
            .replacing("T", with: "-")
        return "titian-\(office ?? "box")-\(time).tar.gz"
    }
}
