import ArgumentParser
import Attendance
import Bridge
import Exchange
import Glibc
import Speech
import StickFiles

struct ImportCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "import",
            abstract: say(
                id: "Memasukkan log dari stik USB ke jurnal; setiap rekaman terhitung sekali.",
                en: "Takes logs from a USB stick into the journal; every punch counts once."),
            discussion: say(
                id: """
                    Tanpa --terminal, mesin dikenali dari nomor seri pada berkas atau dari rekaman yang sudah \
                    ada; bila tidak jelas, berkas ditahan di kotak ini. Stik tidak pernah ditulis.

                    titian import /media/stik/1_attlog.dat --terminal lobi
                    titian import /media/stik
                    titian import --held
                    titian import --held 3fa9c1d2 --terminal anviz:3005000012345678
                    titian import /media/stik/titian-upt-contoh-utara.courier.receipt
                    """,
                en: """
                    Without --terminal the terminal is known by the serial number in the file, or by punches \
                    that are here already; if neither is clear, the file is held on this box. A stick is never written to.

                    titian import /media/stick/1_attlog.dat --terminal lobi
                    titian import /media/stick
                    titian import --held
                    titian import --held 3fa9c1d2 --terminal anviz:3005000012345678
                    titian import /media/stick/titian-upt-contoh-utara.courier.receipt
                    """))
    }

    @Argument(
        help: help(
            id:
                "Berkas (*_attlog.dat, BAK.KQ, AGL/GLG_001.TXT), foldernya, atau tanda berkas yang ditahan.",
            en:
                "Files (*_attlog.dat, BAK.KQ, AGL/GLG_001.TXT), their folder, or the ids of held files.",
            value: "file"))
    var files: [String] = []

    @Option(
        help: help(
            id: "Mesin yang menulis berkas: merek:nomor-seri, atau namanya pada konfigurasi.",
            en: "Who wrote the file: make:serial, or a name of the configuration.", value: "id"))
    var terminal: String?

    @Option(
        help: help(
            id: "Urutan tanggal bila berkas tidak menunjukkannya: dmy (03/05 = 3 Mei) atau mdy.",
            en: "The order of dates where the file does not show it: dmy (03/05 = 3 May) or mdy.",
            value: "dmy|mdy"))
    var order: StickFile.DateOrder?

    @Flag(
        help: help(
            id: "Hanya tampilkan apa yang akan terjadi.", en: "Only say what would happen."))
    var dryRun = false

    @Flag(
        help: help(
            id: "Daftar berkas yang ditahan; dengan tandanya, masukkan berkas itu.",
            en: "List the files that are held; with their ids, take them in."))
    var held = false

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func validate() throws {
        if files.isEmpty, !held { throw ValidationError("FILE…") }
    }

    func run() async throws {
        let receipts = held ? [] : try files.filter(Self.isReceiptFile)
        // A receipt changes what counts as delivered, and there is nothing to show of it before.
        if dryRun, let receipt = receipts.first {
            throw CommandError.usage("--dry-run \(receipt)")
        }
        for file in receipts { try await CourierDoor(places).takeBack(file, speech) }
        let files = files.filter { !receipts.contains($0) }
        guard !files.isEmpty || receipts.isEmpty else { return }
        try await takeIn(files)
    }

    /// The centre's answers to a courier file come back on a stick too.
    private static func isReceiptFile(_ path: String) throws -> Bool {
        try path.hasSuffix(".receipt") && ReceiptFile.isOne(InputFile.read(path))
    }

    private func takeIn(_ files: [String]) async throws {
        let wish = ImportWish(terminal: terminal, order: order, isDryRun: dryRun)
        let verdict = try await ImportDoor.open(places) { door in
            if held, files.isEmpty { return try await list(door) }
            let work = held ? files : try files.flatMap(Self.logs)
            return try await each(work) { item in
                held ? try await door.assign(item, wish) : try await door.take(item, wish)
            }
        }
        try verdict.conclude()
    }

    private func list(_ door: ImportDoor) async throws -> Verdict {
        let waiting = try await door.waiting()
        let output = Output()
        for file in waiting {
            if speech.json {
                output.line(try WireJSON.encode(file))
            } else {
                output.line(ImportText.text(file))
            }
        }
        if waiting.isEmpty, !speech.json {
            output.line(say(id: "Tidak ada berkas yang ditahan.", en: "No file is held."))
        }
        return waiting.isEmpty ? .good : .attention
    }

    /// One file that cannot be taken in keeps no other from it.
    private func each(
        _ items: [String], _ take: (String) async throws -> ImportReport
    ) async throws -> Verdict {
        var verdict = Verdict.good
        var failure: (any Error)?
        for item in items {
            do {
                let report = try await take(item)
                show(report)
                verdict = max(verdict, ImportText.verdict(report))
            } catch {
                if let failure { Failure(failure).report(asJSON: speech.json) }
                failure = error
            }
        }
        if let failure { throw failure }
        return verdict
    }

    private func show(_ report: ImportReport) {
        let output = Output()
        if speech.json, let bytes = try? WireJSON.encode(report) {
            output.line(bytes)
        } else {
            output.line(ImportText.text(report))
        }
    }

    /// The file itself, or the logs in the folder.
    private static func logs(_ path: String) throws -> [String] {
        guard access(path, R_OK) == 0 else {
            throw CommandError.unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { return [path] }
        let found = StickScan.logs(in: path).map(\.path)
        guard !found.isEmpty else { throw CommandError.nothingToImport(folder: path) }
        return found
    }
}

extension StickFile.DateOrder: ExpressibleByArgument {}
