import Attendance
import Exchange

/// The page for the people of the office: `status.html`, in Indonesian.
///
/// One file that needs no script, no network and no newer browser. Whatever a terminal or a
/// configuration brought along is text in it and never markup.
struct OfficePage {
    let report: StatusReport
    let missing: MissingReport?
    let zone: Zone
    let now: UTCTime
    /// Whom to call; nil where the configuration names nobody.
    let contact: String?

    /// How many PINs are listed at most: a page is read by people.
    static let mostListed = 500

    var html: String {
        Self.document(
            title: "Absensi \(report.office): \(OfficeWords.mark(severity).word)",
            [
                heading, conclusion, section("Yang perlu dilakukan", acts),
                section("Mesin absensi", terminals), section("Kiriman ke BKD", sending),
                section("Hubungi", help), section("Belum tercatat hari ini", absent),
            ].compactMap(\.self).joined(separator: "\n"))
    }

    private var severity: Finding.Severity? { report.severity }

    // MARK: Parts

    private var heading: String {
        "<h1>Absensi \(Self.text(report.office))</h1>\n"
            + "<p class=\"waktu\">Keadaan pada \(OfficeWords.moment(now, in: zone)). "
            + "Bila waktu ini berhenti berganti, kotak Titian mati atau macet.</p>"
    }

    private var conclusion: String {
        let mark = OfficeWords.mark(severity)
        return "<p class=\"putusan \(mark.style)\"><strong>\(mark.sign) \(mark.word)</strong> "
            + "\(OfficeWords.conclusion(severity))</p>"
    }

    /// What is wrong, each with what to do; nil where nothing is.
    private var acts: String? {
        var acts = report.terminals.compactMap { terminal in
            terminal.problem.map {
                "<strong>\(Self.text(terminal.name))</strong>: \(Self.text($0.id))"
            }
        }
        acts += report.terminals.filter(\.isClockOff).map { terminal in
            let offset = OfficeWords.offset(terminal.offsetMilliseconds ?? 0)
            return "<strong>\(Self.text(terminal.name))</strong>: jam mesin \(offset). "
                + "Beri tahu BKD; selisihnya dicatat."
        }
        if let problem = report.sync.lastProblem {
            acts.append("<strong>BKD</strong>: \(Self.text(problem.id))")
        }
        if let held = report.sticks?.held, !held.isEmpty {
            acts.append(
                "<strong>Stik</strong>: \(held.count) berkas menunggu ditentukan mesinnya. "
                    + "Jalankan 'titian status', atau hubungi BKD.")
        }
        if report.host.isDiskNearlyFull {
            acts.append("<strong>Kotak</strong>: disk hampir penuh. Hubungi BKD.")
        }
        guard !acts.isEmpty else { return nil }
        return "<ul>\n" + acts.map { "<li>\($0)</li>\n" }.joined() + "</ul>"
    }

    private var terminals: String {
        guard !report.terminals.isEmpty else {
            return "<p>Belum ada mesin pada konfigurasi.</p>"
        }
        return Self.table(
            ["Mesin", "Keadaan", "Lengkap s.d.", "Jam mesin"], report.terminals.map(row))
    }

    private func row(_ terminal: TerminalStatus) -> [String] {
        let mark = OfficeWords.mark(terminal.severity)
        let state = OfficeWords.terminal(terminal.state)
        let since =
            terminal.state == .online ? "" : " sejak \(OfficeWords.time(terminal.since, zone, now))"
        let clock = terminal.offsetMilliseconds.map(OfficeWords.offset) ?? "belum diketahui"
        return [
            Self.text(terminal.name), "\(mark.sign) \(state)\(since)", completeness(of: terminal),
            clock,
        ]
    }

    private func completeness(of terminal: TerminalStatus) -> String {
        if let since = terminal.emptySince {
            return "log kosong sejak \(OfficeWords.time(since, zone, now))"
        }
        return terminal.coverage.map { OfficeWords.time($0.through, zone, now) }
            ?? "belum diketahui"
    }

    private var sending: String {
        let sync = report.sync
        let mark = OfficeWords.mark(sync.state.severity)
        var since = ""
        if let failing = sync.failingSince {
            since = " sejak \(OfficeWords.time(failing, zone, now))"
        }
        let receipt = sync.lastReceiptAt.map { OfficeWords.time($0, zone, now) } ?? "belum pernah"
        let queue = report.journal.queue
        var rows = [
            ["Sambungan", "\(mark.sign) \(OfficeWords.sync(sync.state))\(since)"],
            ["Tanda terima terakhir", receipt],
            ["Menunggu dikirim", queue == 0 ? "tidak ada" : "\(OfficeWords.number(queue)) entri"],
        ]
        if let oldest = report.journal.oldestUnsent {
            rows.append(["Tertua yang menunggu", OfficeWords.time(oldest, zone, now)])
        }
        return "<table>\n"
            + rows.map { "<tr><th scope=\"row\">\($0[0])</th><td>\($0[1])</td></tr>\n" }.joined()
            + "</table>"
    }

    // MARK: Who is missing

    private var absent: String {
        guard let missing else {
            return "<p>Daftar ini belum dapat dibuat: jurnal tidak terbaca.</p>"
        }
        let doubts = missing.doubts.map { doubt in
            "<li><strong>\(Self.text(doubt.name))</strong> \(OfficeWords.doubt(doubt.reason)).</li>\n"
        }
        let warning =
            doubts.isEmpty
            ? ""
            : "<p class=\"perhatian\">Daftar ini belum pasti: rekaman hari ini di mesin berikut "
                + "mungkin belum terbaca.</p>\n<ul>\n\(doubts.joined())</ul>\n"
        return warning + list(missing)
    }

    private func list(_ missing: MissingReport) -> String {
        let known = OfficeWords.number(missing.known)
        guard missing.known > 0 else {
            return "<p>Belum ada rekaman dalam 30 hari terakhir.</p>"
        }
        guard missing.present > 0 else {
            return
                "<p>Belum ada rekaman hari ini. Dalam 30 hari terakhir tercatat \(known) orang.</p>"
        }
        guard !missing.missing.isEmpty else {
            return "<p>Semua (\(known) orang dalam 30 hari terakhir) sudah tercatat hari ini.</p>"
        }
        let count = OfficeWords.number(missing.missing.count)
        let rows = missing.missing.prefix(Self.mostListed).map { absentee in
            [Self.text(absentee.pin), OfficeWords.wall(absentee.last)]
        }
        let rest = missing.missing.count - rows.count
        let more = rest > 0 ? "\n<p>… dan \(OfficeWords.number(rest)) lagi.</p>" : ""
        return "<p>\(count) dari \(known) orang yang tercatat dalam 30 hari terakhir.</p>\n"
            + Self.table(["No. ID", "Terakhir tercatat"], rows) + more
    }

    private var help: String {
        let box = Self.text("\(report.hostname), jembatan \(report.bridge.prefix(8))")
        let who =
            contact.map { "<p class=\"kontak\">\(Self.text($0))</p>" }
            ?? "<p>BKD, bagian kehadiran.</p>"
        return "\(who)\n<p>Sebutkan: kantor \(Self.text(report.office)), kotak \(box).</p>"
    }

    // MARK: Markup

    private func section(_ title: String, _ body: String?) -> String? {
        body.map { "<h2>\(title)</h2>\n\($0)" }
    }

    private static func table(_ heads: [String], _ rows: [[String]]) -> String {
        let head = heads.map { "<th scope=\"col\">\($0)</th>" }.joined()
        let body = rows.map { row in
            "<tr>" + row.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
        }
        return
            "<table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n</table>"
    }

    /// The page as it is left behind when the daemon ends.
    static func farewell(office: String, at now: UTCTime, zone: Zone, contact: String?) -> String {
        let who = contact.map { " Hubungi \(text($0))." } ?? " Hubungi BKD."
        return document(
            title: "Absensi \(office): berhenti",
            """
            <h1>Absensi \(text(office))</h1>
            <p class="putusan gangguan"><strong>■ Berhenti.</strong> Titian berhenti pada \
            \(OfficeWords.moment(now, in: zone)). Mesin tetap menyimpan rekaman; tidak ada yang hilang.</p>
            <p>Bila kotak baru saja dinyalakan ulang, tunggu dua menit.\(who)</p>
            """)
    }
}
