import Attendance
import Bridge
import Exchange
import Journal
import Speech

/// What can be told of this bridge while `titiand` does not run.
struct OfflineStatus: Encodable {
    /// Always false: the daemon's own answer has no such key.
    var running = false
    var version = TitianVersion.current
    var office: String?
    var bridge: String?
    var journal: JournalReport?
    var sync: SyncStatus
    var terminals: [TerminalStatus] = []

    static func read(_ places: PlaceOptions) async throws -> OfflineStatus {
        let enrolment = try? Enrolment.load(from: places.folder)
        var status = OfflineStatus(
            office: (try? Configuration.load(path: places.config))?.office.description
                ?? enrolment?.office,
            bridge: enrolment?.bridge,
            sync: SyncStatus(
                state: enrolment == nil ? .notEnrolled : .waiting, centre: enrolment?.url))
        let found = try await OfflineJournal.read(in: places.folder) { journal in
            try await journal.status()
        }
        status.journal = found.map { JournalReport($0) }
        return status
    }

    var text: String {
        var lines = [
            say(
                id: "■ titiand tidak berjalan: mesin tidak dibaca dan tidak ada yang terkirim.",
                en: "■ titiand is not running: no terminal is read and nothing is sent."),
            say(
                id: "  Jalankan 'systemctl start titiand'.", en: "  Run 'systemctl start titiand'."),
        ]
        if let office {
            lines.append("\(say(id: "Kantor", en: "Office").padded(to: 9)) \(office)")
        }
        let centre =
            sync.state == .notEnrolled ? Words.sync(.notEnrolled) : sync.centre ?? ""
        lines.append("\("BKD".padded(to: 9)) \(centre)")
        if let journal {
            let label = say(id: "Antrean", en: "Queue").padded(to: 9)
            let count = Format.number(journal.queue)
            let punches = Format.number(journal.punches)
            lines.append(
                say(
                    id: "\(label) \(count) tertunda di disk; \(punches) rekaman seluruhnya",
                    en: "\(label) \(count) waiting on disk; \(punches) punches in all"))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
