import Attendance
import Bridge
import Exchange
import Glibc
import Speech

/// What happens once everything is written: the daemon runs, the first punch comes, it is
/// receipted or made ready to be carried.
struct Visit {
    let places: PlaceOptions
    let speech: SpeechOptions
    /// How long the first punch is waited for.
    let wait: Duration

    private static let startPatience = Duration.seconds(60)
    private static let receiptPatience = Duration.seconds(30)
    private static let pace = Duration.milliseconds(250)

    // MARK: The daemon

    func ensureRunning(by start: ServiceStart, isChanged: Bool) async throws {
        let isRunning = try await status() != nil
        if !isRunning || (isChanged && start == .systemd) { try start.start(places) }
        let end = ContinuousClock.now + Self.startPatience
        while try await status() == nil {
            guard ContinuousClock.now < end else { throw SetupError.notAnswering }
            try await Task.sleep(for: Self.pace)
        }
        if isRunning, isChanged {
            _ = try await places.daemon.ask(.reloadEnrolment)
        }
    }

    private func status() async throws -> StatusReport? {
        do {
            return try await places.daemon.ask(.status, as: StatusReport.self)
        } catch ControlError.notRunning, ControlError.noAnswer {
            return nil
        }
    }

    // MARK: The first punch

    func run(server: String?, courier: String, hasCode: Bool) async throws -> VisitOutcome {
        let start = ContinuousClock.now
        var report = try await firstPunch()
        let took = start.duration(to: .now)
        let isOnDisk = report.journal.punches > 0
        if isOnDisk, hasCode || report.sync.state != .notEnrolled {
            report = try await receipt(report)
        }
        let isReceipted = report.journal.receiptedPunches > 0
        var outcome = VisitOutcome(
            report: report, isOnDisk: isOnDisk, isReceipted: isReceipted, waited: took)
        guard isOnDisk, !isReceipted else { return outcome }
        try await carry(&outcome, server: server, into: courier)
        return outcome
    }

    private func firstPunch() async throws -> StatusReport {
        let progress = Progress(isShown: isatty(STDERR_FILENO) == 1 && !speech.json)
        defer { progress.end() }
        let end = ContinuousClock.now + wait
        var hasSaid = false
        while true {
            guard let report = try await status() else { throw SetupError.notAnswering }
            if report.journal.punches > 0 || ContinuousClock.now >= end { return report }
            if !hasSaid, report.terminals.contains(where: { $0.state == .online }) {
                hasSaid = true
                Output.remark(
                    say(
                        id: "Mesin terbaca. Tempelkan satu jari (atau kartu, wajah) pada mesin.",
                        en: "The terminal is read. Put a finger (or card, or face) on the terminal."
                    ))
            }
            progress.say(waiting(report))
            try await Task.sleep(for: Self.pace)
        }
    }

    private func waiting(_ report: StatusReport) -> String {
        let states = report.terminals.map { "\($0.name) \(Words.terminal($0.state))" }
        return say(id: "menunggu rekaman pertama: ", en: "waiting for the first punch: ")
            + states.joined(separator: ", ")
    }

    /// Waits for the line as long as it has not said that it is not there.
    private func receipt(_ first: StatusReport) async throws -> StatusReport {
        var report = first
        let end = ContinuousClock.now + Self.receiptPatience
        _ = try await places.daemon.ask(.syncNow)
        while report.journal.receiptedPunches == 0, ContinuousClock.now < end {
            try await Task.sleep(for: Self.pace)
            report = try await status() ?? report
            if report.sync.lastProblem != nil { break }
        }
        return report
    }

    // MARK: Without a line

    private func carry(
        _ outcome: inout VisitOutcome, server: String?, into folder: String
    ) async throws {
        let now = Host.system.now()
        let stamp = now.description.filter(\.isNumber).prefix(17)
        let base = "\(folder)/titian-\(outcome.report.office)-\(stamp)"
        outcome.courier = try await CourierDoor(places).write(to: "\(base).courier")
        let journal = try await places.daemon.ask(.journalStatus, as: JournalReport.self)
        let sheet = HandoverSheet(
            report: outcome.report, journal: journal, lastRecords: try await lastRecords(),
            server: server, contact: (try? Configuration.load(path: places.config))?.page.contact,
            courier: "titian-\(outcome.report.office)-\(stamp).courier", now: now)
        try OutputFile.write(Array(sheet.text.utf8), to: "\(base).txt")
        outcome.sheet = "\(base).txt"
    }

    private func lastRecords() async throws -> [String: String] {
        let answer = try await places.daemon.ask(.punches, limit: 10_000)
        var last: [String: String] = [:]
        for line in JSONText.lines(in: answer) {
            guard let punch = try? WireJSON.decode(Seen.self, from: line) else { continue }
            last[punch.terminal] = max(last[punch.terminal] ?? "", punch.time)
        }
        return last
    }

    private struct Seen: Decodable {
        let terminal: String
        let time: String
    }
}

/// How a visit ended.
struct VisitOutcome {
    var report: StatusReport
    let isOnDisk: Bool
    let isReceipted: Bool
    let waited: Duration
    var courier: CourierReport?
    var sheet: String?

    /// Good once a punch is on disk and somebody has it, or carries it.
    var verdict: Verdict {
        guard isOnDisk else { return .attention }
        return isReceipted || courier != nil ? .good : .attention
    }

    var json: [UInt8] {
        var line = JSONLine()
        line.add("office", report.office)
        line.add("timezone", report.timezone)
        line.add("bridge", report.bridge)
        line.add("terminals", report.terminals.count)
        line.add("punches", report.journal.punches)
        line.add("on_disk", isOnDisk)
        line.add("receipted", isReceipted)
        line.add("sync", report.sync.state.rawValue)
        line.add("waited_s", waited.components.seconds)
        line.add("courier", ifPresent: courier?.file)
        line.add("sheet", ifPresent: sheet)
        return line.finished
    }

    var text: String {
        var lines: [String] = []
        if isOnDisk {
            lines.append(
                say(
                    id: "● Rekaman pertama ada di disk (\(Format.number(report.journal.punches))).",
                    en: "● The first punch is on disk (\(Format.number(report.journal.punches)))."))
        } else {
            lines.append(
                say(
                    id: "▲ Belum ada rekaman. titiand terus menunggu; lihat 'titian status'.",
                    en: "▲ No punch yet. titiand goes on waiting; see 'titian status'."))
        }
        if isReceipted {
            lines.append(say(id: "● Diterima BKD.", en: "● Received by the BKD."))
        } else if let courier {
            lines.append(courier.text)
            lines.append(
                say(
                    id: "● Lembar serah terima: \(sheet ?? "-")",
                    en: "● Handover sheet: \(sheet ?? "-")"))
            lines.append(
                say(
                    id: "  Bawa keduanya ke BKD. Bila internet datang, semua terkirim sendiri.",
                    en: "  Take both to the BKD. When the line comes up, all goes by itself."))
        }
        return lines.map { "\($0)\n" }.joined()
    }
}
