import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech
import TerminalKit
import Transports

struct ClockSetCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "set",
            abstract: say(
                id: "Menyetel jam satu mesin menurut jam kotak; tanpa --yes hanya memberi tahu.",
                en: "Sets one terminal's clock by the box's; without --yes it only says so."),
            discussion: say(
                id: """
                    Rekaman lama di mesin tidak berubah. Jurnal mencatat jam sebelum dan sesudahnya. \
                    Bila kotak sendiri tidak tersinkron, jamnya tidak dipakai kecuali dengan --anyway.

                    titian clock set lobi
                    titian clock set lobi --yes
                    """,
                en: """
                    Records that are in the terminal stay as they are. The journal notes its clock \
                    before and after. Where the box itself is not in step, its clock is not used \
                    unless --anyway says so.

                    titian clock set lobi
                    titian clock set lobi --yes
                    """))
    }

    @OptionGroup var terminal: TerminalTargetOptions

    @Flag(help: help(id: "Lakukan sekarang.", en: "Do it now."))
    var yes = false

    @Flag(
        help: help(
            id: "Juga bila jam kotak tidak tersinkron.",
            en: "Even where the box's clock is not in step."))
    var anyway = false

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let target = try terminal.target(configuration: places.config)
        let host = Host.system
        guard host.isSynced() || anyway else { throw ClockError.boxUnsure }
        let zone = try places.certainZone
        let place = target.address.lineName
        let isMeant = yes
        let asJSON = speech.json
        let change = try await target.talk { session -> ClockChange? in
            guard let session = session as? any ClockSettingSession else {
                throw ClockError.cannotSet(make: target.driver.make)
            }
            let id = try await session.identify().id
            let before = try await ClockSetting.reading(session, host)
            let announced = try ClockSetting(id: id, place: place, before: before, zone: zone)
            // Said before anything is done.
            announced.tell(willAct: isMeant, asJSON: asJSON)
            guard isMeant else { return nil }
            // Whole seconds: the middle of the second that has begun is the best to be had.
            try await session.setClock(to: host.now().wallTime(in: zone))
            do {
                let after = try await ClockSetting.reading(session, host)
                return ClockChange(id, before: before, after: after)
            } catch {
                throw ClockError.notNoted(
                    terminal: "\(id)", reason: Problem(explaining: error).code)
            }
        }
        guard let change else { return try Verdict.attention.conclude() }
        let seq: Int64
        do {
            seq = try await ClockBook(places).keep(change)
        } catch {
            throw ClockError.notNoted(
                terminal: change.terminal, reason: Problem(explaining: error).code)
        }
        try ClockSetting.conclude(change, seq: seq, zone: zone, asJSON: asJSON)
    }
}

/// What is about to be done to a terminal's clock, and what came of it.
struct ClockSetting {
    let id: TerminalID
    let place: String
    let reading: ClockReading
    let zone: Zone

    init(id: TerminalID, place: String, before: ClockChange.Reading, zone: Zone) throws {
        self.id = id
        self.place = place
        self.zone = zone
        reading = try before.compared(in: zone)
    }

    static func reading(
        _ session: any TerminalSession, _ host: Host
    ) async throws -> ClockChange.Reading {
        let asked = host.now()
        let device = try await session.readClock()
        return ClockChange.Reading(device: device, asked: asked, answered: host.now())
    }

    func tell(willAct: Bool, asJSON: Bool) {
        guard !asJSON || !willAct else { return }  // with --json one object says it all
        let output = Output()
        if asJSON {
            output.line(json)
        } else {
            output.line(sentence)
            if !willAct {
                output.line(
                    say(
                        id: "  Belum dilakukan. Ulangi dengan --yes untuk melakukannya.",
                        en: "  Not done yet. Say it again with --yes to do it."))
            }
        }
        output.flush()
    }

    private var json: [UInt8] {
        var line = JSONLine()
        line.add("terminal", id.description)
        line.add("set", false)
        line.add("device", reading.device.description)
        line.add("offset_ms", reading.offsetMilliseconds)
        line.add("error_ms", reading.errorMilliseconds)
        return line.finished
    }

    private var sentence: String {
        let shown = reading.device.description.replacing("T", with: " ")
        let goal = reading.host.wallTime(in: zone).description.replacing("T", with: " ")
        let offset = Format.offset(
            reading.offsetMilliseconds, error: reading.errorMilliseconds)
        return say(
            id: "Jam mesin \(id) (\(place)): \(shown), \(offset), akan disetel ke jam kotak "
                + "\(goal) \(zone.rawValue). Rekaman di mesin tidak berubah.",
            en: "The clock of \(id) (\(place)) shows \(shown), \(offset), and will be set to the "
                + "box's \(goal) \(zone.rawValue). Records in the terminal stay as they are.")
    }

    static func conclude(
        _ change: ClockChange, seq: Int64, zone: Zone, asJSON: Bool
    ) throws {
        let before = try change.before.compared(in: zone)
        let after = try change.after.compared(in: zone)
        let output = Output()
        if asJSON {
            var line = JSONLine()
            line.add("terminal", change.terminal)
            line.add("set", true)
            line.add("before_ms", before.offsetMilliseconds)
            line.add("offset_ms", after.offsetMilliseconds)
            line.add("error_ms", after.errorMilliseconds)
            line.add("seq", seq)
            output.line(line.finished)
        } else {
            let offset = Format.offset(after.offsetMilliseconds, error: after.errorMilliseconds)
            output.line(
                say(
                    id:
                        "● Sudah disetel; sekarang \(offset). Tercatat sampai entri #\(Format.number(seq)).",
                    en: "● It is set; now \(offset). Noted through entry #\(Format.number(seq))."))
        }
        output.flush()
        // A terminal that says yes and keeps its time is not a success.
        if abs(after.offsetMilliseconds) > after.errorMilliseconds + 2_000 {
            throw ClockError.notTaken(terminal: change.terminal)
        }
    }
}

/// Why a clock was not set.
enum ClockError: Explained, Hashable {
    case boxUnsure
    case cannotSet(make: String)
    case notTaken(terminal: String)
    /// It was set, and what failed then keeps it out of the journal.
    case notNoted(terminal: String, reason: String)
    case zoneUnknown

    var problem: Problem {
        switch self {
        case .boxUnsure:
            Problem(
                code: "clock.box-unsure",
                summary: Text(
                    id: "Jam kotak sendiri tidak tersinkron; jam mesin tidak disetel.",
                    en: "The box's own clock is not in step; the terminal's was not set."),
                remedy: Text(
                    id: "Sambungkan internet dan tunggu sinkron, atau tambahkan --anyway.",
                    en: "Connect the internet and wait until it is in step, or add --anyway."))
        case .cannotSet(let make):
            Problem(
                code: "clock.cannot-set",
                summary: Text(
                    id: "Jam mesin \(make) lewat sambungan ini tidak dapat disetel oleh Titian.",
                    en: "Titian cannot set the clock of a \(make) terminal over this link."),
                remedy: Text(
                    id: "Setel di menu mesin; selisihnya tercatat sendiri.",
                    en: "Set it in the terminal's menu; the change is noted by itself."))
        case .notNoted(let terminal, let reason):
            Problem(
                code: "clock.not-noted",
                summary: Text(
                    id:
                        "Jam \(terminal) SUDAH disetel, tetapi tidak tercatat di jurnal (\(reason)).",
                    en:
                        "The clock of \(terminal) WAS set, but the journal does not say so (\(reason))."
                ),
                remedy: Text(
                    id: "Ulangi 'titian clock set' dengan sudo: jamnya dibaca dan dicatat.",
                    en: "Repeat 'titian clock set' with sudo: the clock is read and noted."))
        case .zoneUnknown:
            Problem(
                code: "clock.zone-unknown",
                summary: Text(
                    id: "Zona waktu kantor belum diketahui; jam mesin tidak disetel.",
                    en: "The office's time zone is not known; the clock was not set."),
                remedy: Text(
                    id: "Jalankan 'titian setup', atau sebutkan konfigurasinya dengan --config.",
                    en: "Run 'titian setup', or name the configuration with --config."))
        case .notTaken(let terminal):
            Problem(
                code: "clock.not-taken",
                summary: Text(
                    id: "\(terminal) menerima perintah, tetapi jamnya tetap salah.",
                    en: "\(terminal) took the order, but its clock is still wrong."),
                remedy: Text(
                    id: "Setel di menu mesin; periksa juga zona waktunya.",
                    en: "Set it in the terminal's menu; look at its time zone too."))
        }
    }
}
