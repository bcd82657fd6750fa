import Attendance
import Bridge
import Exchange
import Journal
import Speech

/// One screen that answers: are my terminals read, and do the punches arrive?
struct StatusPage {
    let report: StatusReport
    let zone: Zone
    let now: UTCTime
    var palette = Palette.plain

    /// The worst of everything on the page.
    var verdict: Verdict { Verdict(report.severity) }

    var text: String {
        let head = [office, centre, queue]
        let body =
            terminals + strangers + callers + sticks + repairs + [box, "", conclusion]
        return (head + body).joined(separator: "\n") + "\n"
    }

    private var office: String {
        let place = "\(report.office) (\(zone.rawValue))"
        return row(say(id: "Kantor", en: "Office"), place.padded(to: 36))
            + say(id: "Jembatan", en: "Bridge") + " \(report.bridge.prefix(8)) \(report.version)"
    }

    // MARK: The centre

    private var centre: String {
        let sync = report.sync
        var words = palette.paint(Words.sync(sync.state), Words.verdict(of: sync.state))
        if let since = sync.failingSince {
            words += " " + say(id: "sejak \(time(since))", en: "since \(time(since))")
        } else if let last = sync.lastReceiptAt {
            words += " \(time(last))"
        }
        if sync.state != .notEnrolled {
            let acked = Format.number(report.journal.ackedThrough)
            words += say(
                id: ", diterima s.d. entri #\(acked)", en: ", received through entry #\(acked)")
        }
        var lines = [row("BKD", words)]
        if let problem = sync.lastProblem {
            lines.append(row("", problem.sentence(Speech.language)))
        }
        if let next = sync.nextCallAt {
            lines.append(
                row("", say(id: "Mencoba lagi \(time(next)).", en: "Next try \(time(next)).")))
        }
        return lines.joined(separator: "\n")
    }

    private var queue: String {
        let journal = report.journal
        let oldest = journal.oldestUnsent.map(time) ?? "-"
        let count = Format.number(journal.queue)
        let punches = Format.number(journal.punches)
        let receipted = Format.number(journal.receiptedPunches)
        return row(
            say(id: "Antrean", en: "Queue"),
            say(
                id:
                    "\(count) tertunda (tertua \(oldest)); rekaman \(punches), diterima BKD \(receipted)",
                en:
                    "\(count) waiting (oldest \(oldest)); punches \(punches), at the BKD \(receipted)"
            ))
    }

    // MARK: Terminals

    /// One or two lines for each terminal.
    var terminals: [String] {
        let label = say(id: "Mesin", en: "Terminals")
        guard !report.terminals.isEmpty else {
            return [row(label, say(id: "tidak ada pada konfigurasi", en: "none configured"))]
        }
        let width = report.terminals.map(\.name.count).max() ?? 0
        return report.terminals.enumerated().flatMap { index, terminal in
            lines(of: terminal, label: index == 0 ? label : "", nameWidth: width)
        }
    }

    /// One line for each caller that may not push.
    private var strangers: [String] {
        let callers = report.push?.refused ?? []
        return callers.enumerated().map { index, caller in
            let serial = caller.serialNumber.isEmpty ? "-" : caller.serialNumber
            let count = Format.number(caller.requests)
            let words = say(
                id:
                    "ditolak: mesin \(serial) dari \(caller.peer), tidak ada pada daftar (\(count)×)",
                en: "refused: terminal \(serial) at \(caller.peer), not on the list (\(count)×)")
            let label = say(id: "Kiriman", en: "Pushes")
            return row(index == 0 ? label : "", palette.paint(words, .attention))
        }
    }

    private func lines(
        of terminal: TerminalStatus, label: String, nameWidth: Int
    ) -> [String] {
        let verdict = Words.verdict(of: terminal.state)
        let serial = terminal.terminal?.split(separator: ":").last.map(String.init) ?? "-"
        var words = [
            terminal.name.padded(to: nameWidth), serial.padded(to: 16),
            palette.paint("\(Words.mark(verdict)) \(Words.terminal(terminal.state))", verdict),
        ]
        if terminal.state == .online {
            words += facts(of: terminal)
        } else {
            words.append(
                say(id: "sejak \(time(terminal.since))", en: "since \(time(terminal.since))"))
        }
        var lines = [row(label, words.joined(separator: "  "))]
        if let problem = terminal.problem {
            lines.append(row("", "  " + problem.sentence(Speech.language)))
        }
        return lines
    }

    private func facts(of terminal: TerminalStatus) -> [String] {
        let clock = terminal.offsetMilliseconds.map { offset in
            let text = say(id: "jam", en: "clock") + " \(Format.offset(offset))"
            return abs(offset) > StatusReport.tolerableOffset
                ? palette.paint(text, .attention) : text
        }
        let records = Format.filling(terminal.records, of: terminal.recordCapacity).map {
            say(id: "\($0) rekaman", en: "\($0) records")
        }
        return [clock, records, completeness(of: terminal)].compactMap(\.self)
    }

    /// How far the log is known to be complete; of one that is empty, that it is and was read.
    private func completeness(of terminal: TerminalStatus) -> String? {
        if let since = terminal.emptySince {
            let read = time(terminal.lastRead ?? since)
            return say(
                id: "log kosong sejak \(time(since)), dibaca \(read)",
                en: "log empty since \(time(since)), read \(read)")
        }
        return terminal.coverage.map {
            say(
                id: "lengkap s.d. \(time($0.through))",
                en: "complete through \(time($0.through))")
        }
    }

    // MARK: Repairs

    /// The newest repair of the journal, and how many files are kept of all of them.
    private var repairs: [String] {
        guard let all = report.repairs, let last = all.last else { return [] }
        let label = say(id: "Jurnal", en: "Journal")
        let bytes = Format.bytes(all.map(\.bytes).reduce(0, +))
        let kept = say(
            id:
                "diperbaiki \(all.count)×, terakhir \(time(last.at)); berkas lama \(bytes) di aside/",
            en: "repaired \(all.count)×, last \(time(last.at)); \(bytes) of old files in aside/")
        return [row(label, kept), row("", RepairText(last).line)]
    }

    // MARK: Sticks

    /// The last file that was taken in, and every file that waits; nothing where there are none.
    private var sticks: [String] {
        guard let sticks = report.sticks else { return [] }
        let last = sticks.last.map { report in
            let count = Format.number(report.new)
            return time(report.at)
                + say(
                    id: " \(report.file) → \(report.terminal ?? "-"), \(count) baru",
                    en: " \(report.file) → \(report.terminal ?? "-"), \(count) new")
        }
        let held = sticks.held.map { file in
            let words = say(
                id: "\(file.file) DITAHAN: \(ImportText.command(file))",
                en: "\(file.file) HELD: \(ImportText.command(file))")
            return palette.paint("\(Words.mark(.attention)) \(words)", .attention)
        }
        let label = say(id: "Stik", en: "Sticks")
        return ((last.map { [$0] } ?? []) + held).enumerated().map { index, line in
            row(index == 0 ? label : "", line)
        }
    }

    /// Who dialled in and is not read.
    private var callers: [String] {
        (report.refusedCallers ?? []).flatMap { caller in
            let who = caller.terminal ?? caller.peer
            let words = say(
                id:
                    "\(who) ditolak di \(caller.link), \(caller.count) kali, terakhir \(time(caller.last))",
                en:
                    "\(who) refused at \(caller.link), \(caller.count) times, last \(time(caller.last))"
            )
            let shown = caller.terminal == nil ? words : palette.paint(words, .attention)
            return [
                row(say(id: "Tamu", en: "Callers"), shown),
                row("", "  " + caller.problem.sentence(Speech.language)),
            ]
        }
    }

    // MARK: The box

    private var box: String {
        let host = report.host
        let clock =
            host.synced
            ? say(id: "jam tersinkron", en: "clock in step")
            : say(id: "jam tidak tersinkron", en: "clock not in step")
        let offset =
            report.sync.hostOffsetMilliseconds.map {
                say(
                    id: ", terhadap BKD \(Format.offset($0))",
                    en: ", against the BKD \(Format.offset($0))")
            } ?? ""
        let disk = say(
            id: "disk \(Format.bytes(host.diskFree)) bebas",
            en: "disk \(Format.bytes(host.diskFree)) free")
        let journal = say(
            id: "jurnal \(Format.bytes(report.journal.bytes))",
            en: "journal \(Format.bytes(report.journal.bytes))")
        return row(
            say(id: "Kotak", en: "Box"), "\(host.hostname), \(clock)\(offset); \(disk), \(journal)")
    }

    /// The verdict, and the one act that comes first where there is any.
    private var conclusion: String {
        let words = palette.paint("\(Words.mark(verdict)) \(Words.verdict(verdict))", verdict)
        guard let step = NextStep(report) else { return words }
        return "\(words)\n\(say(id: "Lakukan dulu", en: "Do this first")): \(step.words)"
    }

    private func row(_ label: String, _ words: String) -> String {
        "\(label.padded(to: 9)) \(words)"
    }

    private func time(_ text: String) -> String { Format.time(text, in: zone, today: now) }
}
