import ArgumentParser
import Attendance
import Bridge
import Exchange
import Journal
import Speech

struct JournalCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "journal",
            abstract: say(
                id: "Jurnal di disk: isi, keutuhan, salinan.",
                en: "The journal on disk: contents, wholeness, a copy."),
            subcommands: [
                JournalStatusCommand.self, JournalCheckCommand.self, JournalVerifyCommand.self,
                JournalRepairCommand.self, JournalExportCommand.self, JournalEvidenceCommand.self,
            ])
    }
}

struct JournalStatusCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: say(
                id: "Berapa entri, berapa yang diterima BKD, berapa yang menunggu.",
                en: "How many entries, how many at the BKD, how many waiting."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let report = try await report()
        let output = Output()
        guard !speech.json else { return output.line(try WireJSON.encode(report)) }
        let rows = [
            (say(id: "Jurnal", en: "Journal"), report.id),
            (say(id: "Entri", en: "Entries"), Format.number(report.headSeq)),
            (say(id: "Rekaman", en: "Punches"), Format.number(report.punches)),
            (say(id: "Janggal", en: "Oddities"), Format.number(report.oddities)),
            (say(id: "Diterima", en: "Received"), "#\(Format.number(report.ackedThrough))"),
            (say(id: "Dicadangkan", en: "Backed up"), "#\(Format.number(report.safeThrough))"),
            (say(id: "Antrean", en: "Queue"), Format.number(report.queue)),
            (say(id: "Ukuran", en: "Size"), Format.bytes(report.bytes)),
            (say(id: "Ujung", en: "Head"), report.head),
        ]
        output.text(rows.map { "\($0.0.padded(to: 12)) \($0.1)\n" }.joined())
    }

    private func report() async throws -> JournalReport {
        let live = try await places.daemon.ifRunning {
            try await $0.ask(.journalStatus, as: JournalReport.self)
        }
        if let live { return live }
        let stored = try await OfflineJournal.read(in: places.folder) { try await $0.status() }
        guard let stored else { throw NoJournal(folder: places.state) }
        return JournalReport(stored)
    }
}

struct JournalCheckCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check",
            abstract: say(
                id: "Memeriksa berkas basis data; cepat, hanya membaca.",
                en: "Checks the database file; quick, only reads."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let live = try await places.daemon.ifRunning {
            try await $0.ask(.journalCheck, as: Wholeness.self, within: .seconds(600))
        }
        if let live { return try live.show(asJSON: speech.json) }
        let stored = try await OfflineJournal.examine(in: places.folder) { journal in
            let message = try await journal.quickCheck()
            return Wholeness(whole: message == nil, message: message)
        }
        guard let stored else { throw NoJournal(folder: places.state) }
        try stored.show(asJSON: speech.json)
    }
}

struct JournalVerifyCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "verify",
            abstract: say(
                id:
                    "Menghitung ulang rantai seluruh entri dan membandingkannya dengan tanda terima BKD; hanya membaca.",
                en:
                    "Recomputes the chain over all entries and compares it with the BKD's receipts; only reads."
            ))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let live = try await places.daemon.ifRunning {
            try await $0.ask(.journalVerify, as: Wholeness.self, within: .seconds(600))
        }
        if let live { return try live.show(asJSON: speech.json) }
        let centre = try Enrolment.load(from: places.folder)?.receiptKey
        let stored = try await OfflineJournal.examine(in: places.folder) { journal in
            Wholeness(try await journal.verify(centre: centre))
        }
        guard let stored else { throw NoJournal(folder: places.state) }
        try stored.show(asJSON: speech.json)
    }
}

struct JournalRepairCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "repair",
            abstract: say(
                id: "Menunjukkan cara memperbaiki jurnal; dengan --yes melakukannya.",
                en: "Shows how the journal would be repaired; with --yes does it."),
            discussion: say(
                id:
                    "Tidak diperlukan: titiand memperbaiki jurnal sendiri. Berkas lama selalu disimpan.",
                en:
                    "Not needed: titiand repairs the journal by itself. The old file is always kept."
            ))
    }

    @Flag(help: help(id: "Lakukan.", en: "Do it."))
    var yes = false

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let live = try await places.daemon.ifRunning { daemon in
            let quick = try await daemon.ask(
                .journalCheck, as: Wholeness.self, within: .seconds(600))
            guard quick.whole else { return quick }
            return try await daemon.ask(.journalVerify, as: Wholeness.self, within: .seconds(600))
        }
        if let live { return try await repair(live) }
        let stored = try await OfflineJournal.examine(in: places.folder) { journal in
            if let message = try await journal.quickCheck() {
                return Wholeness(whole: false, message: message)
            }
            return Wholeness(try await journal.verify())
        }
        guard let stored else { throw NoJournal(folder: places.state) }
        guard stored.isDamaged, yes else { return try stored.show(asJSON: speech.json) }
        let report = try await OfflineJournal.repair(in: places.folder, cause: stored.cause)
        try show(Wholeness(whole: true, plan: report))
    }

    /// The daemon has the journal; it alone can repair it.
    private func repair(_ found: Wholeness) async throws {
        guard found.isDamaged, yes else { return try found.show(asJSON: speech.json) }
        _ = try await places.daemon.ask(.journalRepair)
        // Answered before it happens: what came of it stands in the status.
        let output = Output()
        guard !speech.json else { return output.line(try WireJSON.encode(found)) }
        output.line(
            say(
                id: "▲ titiand diminta memperbaiki jurnal; hasilnya: 'titian status'.",
                en: "▲ titiand was asked to repair the journal; what came of it: 'titian status'."))
    }

    private func show(_ done: Wholeness) throws {
        let output = Output()
        guard !speech.json else { return output.line(try WireJSON.encode(done)) }
        let words = say(id: "● Jurnal diperbaiki.", en: "● The journal was repaired.")
        let lines = [words] + (done.plan.map { ["  " + RepairText($0).line] } ?? [])
        output.text(lines.joined(separator: "\n") + "\n")
    }
}

struct JournalExportCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export",
            abstract: say(
                id: "Menulis tiap entri apa adanya ke keluaran baku, satu baris satu entri.",
                en: "Writes every entry as it stands to standard output, one a line."),
            discussion: "titian journal export > jurnal.ndjson")
    }

    @Option(
        help: help(id: "Mulai dari entri ini.", en: "Begin with this entry.", value: "seq"))
    var from: Int64 = 1

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    private static let page = 2_000

    func run() async throws {
        let output = Output()
        // Decided once: a daemon that stops midway is an error, and nothing is written twice.
        if try await places.daemon.isRunning {
            return try await export(through: places.daemon, to: output)
        }
        let stored: Void? = try await OfflineJournal.read(in: places.folder) { journal in
            var next = max(1, from)
            while true {
                let lines = try await journal.lines(from: next, limit: Self.page)
                for (_, line) in lines { output.line(line) }
                guard let last = lines.last else { return }
                next = last.seq + 1
            }
        }
        guard stored != nil else { throw NoJournal(folder: places.state) }
    }

    private func export(through daemon: Daemon, to output: Output) async throws {
        var after = max(1, from) - 1
        while true {
            let answer = try await daemon.ask(.tail, limit: Self.page, after: after)
            let lines = JSONText.lines(in: answer)
            for line in lines { output.line(line) }
            guard lines.count == Self.page else { return }
            after = try WireJSON.decode(Place.self, from: answer).last
        }
    }

    private struct Place: Decodable {
        let last: Int64
    }
}
