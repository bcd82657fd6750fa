import ArgumentParser
import Attendance
import Bridge
import Exchange
import Journal
import Speech

struct ClockCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "clock",
            abstract: say(
                id: "Jam mesin, kotak dan BKD: melihat, menyetel, mencatat waktu yang disaksikan.",
                en: "Clocks of terminals, box and centre: show, set, note a witnessed time."),
            subcommands: [
                ClockShowCommand.self, ClockSetCommand.self, ClockWitnessCommand.self,
            ])
    }
}

struct ClockShowCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show",
            abstract: say(
                id: "Selisih jam tiap mesin, sinkron tidaknya kotak, dan jam BKD; tidak mengubah.",
                en: "Each terminal's offset, whether the box is in step, the centre's clock."),
            discussion: say(
                id: "Kode keluar: 0 baik, 1 perlu perhatian, 2 titiand tidak berjalan.",
                en: "Exit codes: 0 good, 1 needs a look, 2 titiand is not running."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let report = try await places.daemon.ask(.status, as: StatusReport.self)
        let page = ClockPage(report: report, zone: places.zone(of: report), now: Host.system.now())
        let output = Output()
        if speech.json { output.line(page.json) } else { output.text(page.text) }
        output.flush()
        try page.verdict.conclude()
    }
}

struct ClockWitnessCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "witness",
            abstract: say(
                id: "Mencatat waktu benar yang Anda baca dari jam lain, bila kotak tidak punya.",
                en: "Notes the true time you read off another clock, where the box has none."),
            discussion: say(
                id: """
                    Waktu itu masuk jurnal sebagai kesaksian, di samping jam kotak saat itu. Tidak \
                    ada rekaman dan tidak ada jam yang diubah.

                    titian clock witness 2026-11-25T08:03:00 --source GPS
                    """,
                en: """
                    The time goes into the journal as a witness's word, beside the box's clock of \
                    that moment. No punch and no clock is changed.

                    titian clock witness 2026-11-25T08:03:00 --source GPS
                    """))
    }

    @Argument(
        help: help(
            id: "Waktu kantor, misalnya 2026-11-25T08:03:00.",
            en: "The office's time, such as 2026-11-25T08:03:00.", value: "time"))
    var time: String

    @Option(
        help: help(
            id: "Dari mana dibaca: GPS, ponsel, jam dinding.",
            en: "Where it was read off: GPS, a phone, a clock on the wall.", value: "text"))
    var source: String?

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        // Minutes are enough for a clock on a wall.
        guard let wall = WallTime(time) ?? WallTime("\(time):00") else {
            throw CommandError.usage(
                say(id: "waktu seperti 2026-11-25T08:03:00", en: "a time like 2026-11-25T08:03:00"))
        }
        let witness = ClockWitness(
            time: wall, host: Host.system.now(), source: source.map { String($0.prefix(100)) })
        let seq = try await ClockBook(places).keep(witness)
        let output = Output()
        guard !speech.json else {
            var line = JSONLine()
            line.add("seq", seq)
            line.add("time", witness.time)
            line.add("host", witness.host)
            return output.line(line.finished)
        }
        let shown = witness.time.replacing("T", with: " ")
        output.line(
            say(
                id: "● Dicatat pada entri #\(Format.number(seq)): \(shown) disaksikan. "
                    + "Tidak ada rekaman yang diubah.",
                en: "● Noted as entry #\(Format.number(seq)): \(shown) was witnessed. "
                    + "No punch was changed."))
    }
}

/// Puts what a technician did or saw into the journal, through the daemon where one runs.
struct ClockBook {
    private let places: PlaceOptions

    init(_ places: PlaceOptions) {
        self.places = places
    }

    /// - Returns: The entry's number.
    func keep(_ witness: ClockWitness) async throws -> Int64 {
        var request = ControlRequest(.clockWitnessed)
        request.witness = witness
        let zone = places.zone
        return try await keep(request) { [try witness.entry(zone: zone, by: .system)] }
    }

    func keep(_ change: ClockChange) async throws -> Int64 {
        var request = ControlRequest(.clockSet)
        request.change = change
        let zone = places.zone
        return try await keep(request) { try change.entries(zone: zone, by: .system) }
    }

    private func keep(
        _ request: ControlRequest, entries: () throws -> [EntryBody]
    ) async throws -> Int64 {
        let answer = try await places.daemon.ifRunning { try await $0.ask(request) }
        if let answer { return try WireJSON.decode(Kept.self, from: answer).seq }
        let bodies = try entries()
        let host = Host.system
        return try await OfflineJournal.with(places.folder) { journal in
            let boot = try await journal.bootNumber(forBootID: host.bootID)
            let moment = Moment(at: host.now(), boot: boot, up: host.uptime())
            return try await journal.record(bodies, at: moment).lastSeq
        }
    }

    private struct Kept: Decodable {
        let seq: Int64
    }
}
