import Attendance
import Bridge
import Exchange
import Speech

/// What `titian clock show` prints: every clock against the one it is measured by.
struct ClockPage {
    let report: StatusReport
    let zone: Zone
    let now: UTCTime

    var verdict: Verdict {
        let terminals = report.terminals.contains { $0.isClockOff || $0.offsetMilliseconds == nil }
        let centre = abs(report.sync.hostOffsetMilliseconds ?? 0) > StatusReport.tolerableOffset
        return terminals || centre || !report.host.synced ? .attention : .good
    }

    var text: String {
        let width = report.terminals.map(\.name.count).max() ?? 0
        let terminals = report.terminals.map { "\($0.name.padded(to: width))  \(words(of: $0))" }
        let label = say(id: "Mesin", en: "Terminals")
        let rows = terminals.enumerated().map { (index, line) in (index == 0 ? label : "", line) }
        return ([(say(id: "Kotak", en: "Box"), box), ("BKD", centre)] + rows)
            .map { "\($0.0.padded(to: 9)) \($0.1)\n" }.joined()
    }

    private var box: String {
        let shown = UTCTime(report.host.now)?.wallTime(in: zone).description
        let clock = "\(shown?.replacing("T", with: " ") ?? report.host.now) \(zone.rawValue)"
        return report.host.synced
            ? say(id: "\(clock), tersinkron", en: "\(clock), in step")
            : say(
                id: "\(clock), TIDAK tersinkron ('titian clock witness' mencatat waktu yang benar)",
                en: "\(clock), NOT in step ('titian clock witness' notes the true time)")
    }

    private var centre: String {
        guard let offset = report.sync.hostOffsetMilliseconds else {
            return say(id: "jam BKD belum diketahui", en: "the centre's clock is not known yet")
        }
        let error = report.sync.hostErrorMilliseconds ?? 0
        let words = Format.offset(offset, error: error)
        return say(id: "kotak terhadap BKD: \(words)", en: "the box against the BKD: \(words)")
    }

    private func words(of terminal: TerminalStatus) -> String {
        guard let offset = terminal.offsetMilliseconds else {
            return say(id: "▲ belum terukur", en: "▲ not measured yet")
        }
        let mark = Words.mark(terminal.isClockOff ? .attention : .good)
        let words = Format.offset(offset, error: terminal.errorMilliseconds ?? 0)
        let at = terminal.clockAt.map { Format.time($0, in: zone, today: now) } ?? "-"
        return "\(mark) \(words), " + say(id: "diukur \(at)", en: "measured \(at)")
    }

    var json: [UInt8] {
        var box = JSONLine()
        box.add("now", report.host.now)
        box.add("synced", report.host.synced)
        if let offset = report.sync.hostOffsetMilliseconds { box.add("offset_ms", offset) }
        if let error = report.sync.hostErrorMilliseconds { box.add("error_ms", error) }
        var line = JSONLine()
        line.add("verdict", "\(verdict)")
        line.add("timezone", zone.ianaName)
        line.add("box", json: box.finished)
        line.add("terminals", json: JSONLine.array(json: report.terminals.map(Self.json)))
        return line.finished
    }

    private static func json(_ terminal: TerminalStatus) -> [UInt8] {
        var line = JSONLine()
        line.add("name", terminal.name)
        line.add("terminal", ifPresent: terminal.terminal)
        line.add("state", terminal.state.rawValue)
        if let offset = terminal.offsetMilliseconds { line.add("offset_ms", offset) }
        if let error = terminal.errorMilliseconds { line.add("error_ms", error) }
        line.add("clock_at", ifPresent: terminal.clockAt)
        return line.finished
    }
}
