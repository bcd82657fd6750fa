import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech

struct MissingCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "missing",
            abstract: say(
                id: "No. ID yang tercatat dalam 30 hari terakhir tetapi belum hari ini.",
                en: "PINs seen in the last 30 days on this office's terminals, but not today."),
            discussion: say(
                id: """
                    Tidak tercatat bukan berarti tidak hadir: mesin yang belum terbaca disebut di \
                    atas daftar.

                    titian missing
                    titian missing --json

                    Kode keluar: 0 semua tercatat, 1 ada yang belum atau daftar belum pasti.
                    """,
                en: """
                    Not seen does not mean absent: terminals that have not been read are named \
                    above the list.

                    titian missing
                    titian missing --json

                    Exit codes: 0 all were seen, 1 some were not or the list is not certain.
                    """))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let report = try await report()
        let output = Output()
        if speech.json {
            output.line(try WireJSON.encode(report))
        } else {
            output.text(MissingPage(report: report).text)
        }
        output.flush()
        try MissingPage.verdict(of: report).conclude()
    }

    private func report() async throws -> MissingReport {
        let live = try await places.daemon.ifRunning {
            try await $0.ask(.missing, as: MissingReport.self)
        }
        if let live { return live }
        let configuration = try? Configuration.load(path: places.config)
        let terminals =
            (configuration?.terminals.map(\.name) ?? [])
            + (configuration?.push?.terminals.map(\.name) ?? [])
        let zone = places.zone
        let stored = try await OfflineJournal.read(in: places.folder) { journal in
            try await MissingReport.read(
                journal, zone: zone, host: .system, terminals: terminals)
        }
        guard let stored else { throw NoJournal(folder: places.state) }
        return stored
    }
}

/// What `titian missing` prints.
struct MissingPage {
    let report: MissingReport

    static func verdict(of report: MissingReport) -> Verdict {
        report.missing.isEmpty && report.doubts.isEmpty && report.hostSynced ? .good : .attention
    }

    var text: String { (doubts + [summary] + rows).map { "\($0)\n" }.joined() }

    private var summary: String {
        let missing = Format.number(report.missing.count)
        let known = Format.number(report.known)
        return say(
            id: "\(report.date): \(missing) dari \(known) No. ID (30 hari) belum tercatat.",
            en: "\(report.date): \(missing) of \(known) PINs (30 days) not seen yet.")
    }

    private var rows: [String] {
        let width = report.missing.map(\.pin.count).max() ?? 0
        return report.missing.map { absentee in
            let last = absentee.last.replacing("T", with: " ")
            return "  \(absentee.pin.padded(to: width))  "
                + say(id: "terakhir \(last)", en: "last \(last)")
        }
    }

    /// What keeps the list from being certain.
    private var doubts: [String] {
        var lines = report.doubts.map { "▲ \($0.name): \(Self.words(of: $0.reason))" }
        if !report.hostSynced {
            lines.append(
                say(
                    id: "▲ Jam kotak tidak tersinkron: periksa apakah tanggal di bawah ini benar.",
                    en: "▲ The box's clock is not in step: see whether the date below is right."))
        }
        guard !lines.isEmpty else { return [] }
        return lines + [
            say(
                id: "  Daftar belum pasti: rekaman hari ini mungkin masih di mesin.",
                en: "  The list is not certain: punches of today may still be in a terminal.")
        ]
    }

    private static func words(of reason: MissingReport.Doubt.Reason) -> String {
        switch reason {
        case .unreachable: say(id: "tidak terjangkau.", en: "out of reach.")
        case .unreadable: say(id: "tidak terbaca.", en: "cannot be read.")
        case .unread:
            say(id: "belum terbaca sejak titiand mulai.", en: "not read since titiand started.")
        case .clock:
            say(
                id: "jamnya meleset; lihat 'titian clock show'.",
                en: "its clock is off; see 'titian clock show'.")
        case .stopped: say(id: "titiand tidak berjalan.", en: "titiand is not running.")
        }
    }
}
