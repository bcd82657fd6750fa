import ArgumentParser
import Attendance
import Bridge
import Exchange
import Glibc
import Speech
import TerminalKit
import Transports

struct SetupCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "setup",
            abstract: say(
                id: "Kunjungan pertama: dari kotak kosong sampai rekaman pertama diterima BKD.",
                en: "The first visit: from an empty box to the first punch received by the BKD."),
            discussion: say(
                id: """
                    Mencari mesin, membaca jamnya, menanyakan kantor, menulis konfigurasi dan kunci, memulai \
                    titiand, lalu menunggu rekaman pertama di disk. Tanpa internet dibuat berkas kurir dan \
                    lembar serah terima. Konfigurasi yang ada hanya ditambah. Boleh diulang kapan saja.

                    sudo titian setup
                    titian setup --office upt-contoh-utara --timezone WITA --yes --start none \\
                      --terminal lobi=tcp://192.168.1.201:4370 --driver zkteco
                    """,
                en: """
                    Looks for terminals, reads their clocks, asks for the office, writes configuration and \
                    key, starts titiand and waits for the first punch on disk. Without a line it makes a \
                    courier file and a handover sheet. A configuration that is there is only added to. It may be repeated.

                    sudo titian setup
                    titian setup --office upt-contoh-utara --timezone WITA --yes --start none \\
                      --terminal lobby=tcp://192.168.1.201:4370 --driver zkteco
                    """))
    }

    @Option(help: help(id: "Id kantor.", en: "The office's id.", value: "id"))
    var office: String?

    @Option(help: help(id: "WIB, WITA atau WIT.", en: "WIB, WITA or WIT.", value: "zone"))
    var timezone: String?

    @Option(
        help: help(
            id: "Satu mesin, boleh berulang; tanpa ini dicari.",
            en: "One terminal, may be repeated; without it they are looked for.",
            value: "name=link"))
    var terminal: [String] = []

    @Option(
        help: help(
            id: "Merek mesin --terminal, satu untuk semua atau berurutan.",
            en: "The make of --terminal: one for all, or in their order.", value: "make"))
    var driver: [String] = []

    @Option(
        help: help(
            id: "Jaringan yang dicari; tanpa ini jaringan kotak ini.",
            en: "The network to search; without it this box's own.", value: "cidr"))
    var subnet: [String] = []

    @Option(help: help(id: "Alamat server BKD.", en: "The BKD's server.", value: "url"))
    var server: String?

    @Option(
        help: help(
            id: "Berkas kode pendaftaran; '-' dari masukan baku.",
            en: "A file with the enrolment code; '-' for standard input.", value: "file"))
    var codeFile: String?

    @Option(
        help: help(
            id: "Berkas kunci komunikasi untuk mesin yang ditambah.",
            en: "A file with the communication key of the terminals added.", value: "file"))
    var commKeyFile: String?

    @Option(
        help: help(
            id: "Folder berkas kurir dan lembar serah terima; tanpa ini folder ini.",
            en: "The folder for courier file and handover sheet; without it this one.",
            value: "dir"))
    var courier = "."

    @Option(
        help: help(
            id: "Siapa yang memulai titiand: none, systemd, run.",
            en: "Who starts titiand: none, systemd, run.", value: "how"))
    var start = ServiceStart.systemd

    @Option(
        help: help(
            id: "Detik menunggu rekaman pertama.", en: "Seconds to wait for the first punch.",
            value: "s"))
    var wait = 300

    @Flag(help: help(id: "Jangan bertanya.", en: "Ask nothing."))
    var yes = false

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func validate() throws {
        guard (0...86_400).contains(wait) else { throw ValidationError("--wait 0…86400") }
        guard driver.count <= 1 || driver.count == terminal.count else {
            throw ValidationError("--driver: 1, \(terminal.count)")
        }
    }

    func run() async throws {
        var draft = try ConfigurationDraft(at: places.config)
        let existing = draft.isNew ? nil : try draft.checked()
        var known = try known(existing)
        if let keyFile { _ = try CommKeyFile.read(keyFile, for: "--comm-key-file") }
        // A code says who its centre is, and not where.
        guard codeFile == nil || known.server != nil || isTalking else {
            throw SetupError.missing(option: "--server")
        }
        known.terminals = try await terminals(existing, zone: known.zone ?? .wita)
        for planned in known.terminals { remark(planned, isZoneKnown: known.zone != nil) }
        let answers = try converse(known, existing, draft: &draft)
        let hasChanged = try write(draft, answers)
        let visit = Visit(places: places, speech: speech, wait: .seconds(wait))
        try await visit.ensureRunning(by: start, isChanged: hasChanged)
        let outcome = try await visit.run(
            server: answers.server, courier: courier, hasCode: answers.code != nil)
        let output = Output()
        if speech.json { output.line(outcome.json) } else { output.text(outcome.text) }
        output.flush()
        try outcome.verdict.conclude()
    }

    private var isTalking: Bool { !yes && isatty(STDIN_FILENO) == 1 }

    /// The key's file as the configuration has to name it: titiand runs in another folder, and a name alone
    /// means one in ``CommKeyFile/folder``.
    var keyFile: String? { commKeyFile.map(Self.fromAnywhere) }

    static func fromAnywhere(_ name: String) -> String {
        guard !name.hasPrefix("/"), let here = getcwd(nil, 0) else { return name }
        defer { free(here) }
        return "\(String(cString: here))/\(name)"
    }

    // MARK: What is known before anybody is asked

    private func known(_ existing: Configuration?) throws -> Conversation.Known {
        var known = Conversation.Known()
        known.office = existing?.office
        known.zone = existing?.zone
        known.server = existing?.server.url
        known.isConfirmed = yes
        if let office {
            let id = try checked("--office") { () throws(InvalidValue) in try OfficeID(office) }
            guard known.office ?? id == id else {
                throw SetupError.contradicts(key: "office", configured: "\(known.office ?? id)")
            }
            known.office = id
        }
        if let timezone {
            let zone = try checked("--timezone") { () throws(InvalidValue) in try Zone(timezone) }
            guard known.zone ?? zone == zone else {
                throw SetupError.contradicts(
                    key: "timezone", configured: (known.zone ?? zone).ianaName)
            }
            known.zone = zone
        }
        if let server {
            let url = server.hasSuffix("/") ? String(server.dropLast()) : server
            guard known.server ?? url == url else {
                throw SetupError.contradicts(key: "server.url", configured: known.server ?? url)
            }
            known.server = url
        }
        return known
    }

    func checked<Value>(
        _ option: String, _ body: () throws(InvalidValue) -> Value
    ) throws -> Value {
        do throws(InvalidValue) { return try body() } catch {
            throw CommandError.usage("\(option) \(error)")
        }
    }

    // MARK: Asking

    private func converse(
        _ known: Conversation.Known, _ existing: Configuration?, draft: inout ConfigurationDraft
    ) throws -> Conversation.Known {
        var talk = Conversation(
            known, besides: existing?.terminals.map(\.name) ?? [], isInteractive: isTalking)
        let code = try typedCode()
        while let question = talk.question {
            if question == .confirm { try show(talk.known, existing, &draft) }
            let answer: String
            switch question {
            case .code where code != nil: answer = code ?? ""
            case .code where try isEnrolled(), .confirm where draft.added.isEmpty:
                answer = ""
            default: answer = try isTalking ? ask(talk.words(question)) : unasked(question)
            }
            guard let wrong = talk.answer(answer) else { continue }
            guard isTalking, question != .code || code == nil else {
                throw question == .code
                    ? SyncError.notACode : CommandError.usage(wrong(Speech.language))
            }
            Output.remark("▲ \(wrong(Speech.language))")
        }
        if draft.added.isEmpty { try show(talk.known, existing, &draft) }
        return talk.known
    }

    private func typedCode() throws -> String? {
        guard let codeFile else { return nil }
        if codeFile == "-" { return try InputFile.standardInput(limit: 65_536) }
        return String(decoding: try InputFile.read(codeFile), as: UTF8.self)
    }

    private func isEnrolled() throws -> Bool {
        try Enrolment.load(from: places.folder) != nil
            || PendingEnrolment.load(from: places.folder) != nil
    }

    /// What is not said where nobody is asked: nothing, the suggestion, or the end.
    private func unasked(_ question: Conversation.Question) throws -> String {
        switch question {
        case .server, .code, .name: return ""
        case .office: throw SetupError.missing(option: "--office")
        case .zone: throw SetupError.missing(option: "--timezone")
        case .confirm: throw SetupError.missing(option: "--yes")
        }
    }

    private func ask(_ prompt: String) throws -> String {
        Output.standard(Array(prompt.utf8), STDERR_FILENO)
        guard let line = readLine(strippingNewline: true) else { throw SetupError.stopped }
        return line
    }

    // MARK: Writing

    /// Gathers what is to be added, once, and shows it.
    private func show(
        _ known: Conversation.Known, _ existing: Configuration?, _ draft: inout ConfigurationDraft
    ) throws {
        guard draft.added.isEmpty else { return }
        if existing == nil, let office = known.office, let zone = known.zone {
            draft.begin(office: office, zone: zone)
        }
        if let server = known.server, existing?.server.url == nil { draft.add(server: server) }
        for planned in known.terminals where !planned.isLeftOut {
            guard let name = planned.name else { continue }
            draft.add(
                section: TerminalBlocks.section(
                    planned.found, name: name, commKeyFile: planned.commKeyFile))
        }
        guard !draft.added.isEmpty else { return }
        _ = try draft.checked()
        Output.remark("\(places.config):")
        for line in draft.added.split(separator: "\n") { Output.remark("+ \(line)") }
    }

    /// - Returns: Whether there is anything the daemon has to read anew.
    private func write(_ draft: ConfigurationDraft, _ known: Conversation.Known) throws -> Bool {
        try places.folder.prepare()
        _ = try places.folder.signingKey()
        try draft.save()
        var isChanged = !draft.added.isEmpty
        if let code = known.code, let url = known.server, let office = known.office,
            try Enrolment.load(from: places.folder) == nil
        {
            try PendingEnrolment(url: url, code: code, office: office).save(to: places.folder)
            isChanged = true
        }
        Ownership.giveToService(places.folder)
        return isChanged
    }
}
