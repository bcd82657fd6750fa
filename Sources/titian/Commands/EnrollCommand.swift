import ArgumentParser
import Attendance
import Bridge
import Exchange
import Journal
import Speech

struct EnrollCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "enroll",
            abstract: say(
                id: "Mendaftarkan jembatan ini di BKD dengan kode sekali pakai.",
                en: "Enrols this bridge at the BKD with a one-time code."),
            discussion: say(
                id: """
                    Menulis centre.json di folder keadaan. Kode dibaca dari masukan baku bila '-':
                    titian enroll https://bkd.example.go.id:8443 - < kode.txt
                    """,
                en: """
                    Writes centre.json into the state folder. With '-' the code is read from standard input:
                    titian enroll https://bkd.example.go.id:8443 - < code.txt
                    """),
            aliases: ["enrol"])
    }

    @Argument(
        help: help(id: "Alamat server BKD.", en: "The address of the BKD's server.", value: "url"))
    var url: String

    @Argument(
        help: help(
            id: "Kode pendaftaran, atau '-' untuk membacanya dari masukan baku.",
            en: "The enrolment code, or '-' to read it from standard input.", value: "code"))
    var code: String

    @Flag(
        help: help(
            id:
                "Buat kunci baru untuk kotak ini: titiand harus berhenti, dan BKD lalu mencabut nomor lama.",
            en:
                "Make a new key for this box: titiand has to be stopped, and the BKD then revokes the old number."
        ))
    var newKey = false

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let configuration = try Configuration.load(path: places.config)
        let text = code == "-" ? try InputFile.standardInput(limit: 65_536) : code
        let enroller = try Enroller(url: url, code: text, office: configuration.office)
        let https = try HTTPS(
            origin: enroller.url, pins: enroller.code.pins, through: configuration.server.proxy)
        try places.folder.prepare()
        let running = try await runningJournal()
        guard !newKey || running == nil else { throw CommandError.daemonRuns }
        let key = try newKey ? places.folder.nextSigningKey() : places.folder.signingKey()
        let enrolment = try await enroller.enrol(
            key: key, journal: try await journal(running), hostname: Host.system.hostname,
            now: Host.system.now()
        ) { path, body in
            try await https.post(path, body: body, contentType: "application/json")
        }
        if newKey { try places.folder.promoteNextKey() }
        try enrolment.save(to: places.folder)
        _ = try await places.daemon.ifRunning { try await $0.ask(.reloadEnrolment) }
        try show(enrolment)
    }

    private func runningJournal() async throws -> JournalID? {
        try await places.daemon.ifRunning {
            try JournalID(try await $0.ask(.journalStatus, as: JournalReport.self).id)
        }
    }

    /// The daemon's journal, or the one on disk, which is made here if there is none.
    private func journal(_ running: JournalID?) async throws -> JournalID {
        if let running { return running }
        return try await OfflineJournal.with(places.folder) { $0.id }
    }

    private func show(_ enrolment: Enrolment) throws {
        let output = Output()
        guard speech.json else {
            return output.line(
                say(
                    id:
                        "Terdaftar: \(enrolment.office) di \(enrolment.url), jembatan \(enrolment.bridge).",
                    en:
                        "Enrolled: \(enrolment.office) at \(enrolment.url), bridge \(enrolment.bridge)."
                ))
        }
        var line = JSONLine()
        line.add("office", enrolment.office)
        line.add("timezone", enrolment.zone)
        line.add("url", enrolment.url)
        line.add("bridge", enrolment.bridge)
        line.add("pins", json: JSONLine.array(enrolment.pins))
        line.add("enrolled_at", enrolment.enrolledAt)
        output.line(line.finished)
    }
}
