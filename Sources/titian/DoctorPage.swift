import Attendance
import Bridge
import Exchange
import Speech

/// What `titian doctor` prints: a line for each check as it is done, then one verdict with the one
/// act that comes first.
struct DoctorPage: Sendable {
    var palette = Palette.plain

    static func verdict(of results: [CheckResult]) -> Verdict {
        switch results.findings.first?.severity {
        case .fault: .fault
        case .attention: .attention
        case nil: .good
        }
    }

    func lines(of result: CheckResult) -> String {
        let name = Self.name(result.check).padded(to: 14)
        switch result.outcome {
        case .good(let numbers):
            return "\(mark(.good)) \(name) \(numbers)\n"
        case .skipped(let cause):
            let because = say(
                id: "tidak diperiksa: lihat \(Self.name(cause))",
                en: "not looked at: see \(Self.name(cause))")
            return "- \(name) \(because)\n"
        case .found(let findings):
            let worst = findings.map(Self.verdict).max() ?? .attention
            let count = findings.count
            let head = "\(mark(worst)) \(name) \(say(id: "\(count) temuan", en: "\(count) found"))"
            return ([head] + findings.flatMap(lines)).joined(separator: "\n") + "\n"
        }
    }

    private func lines(of finding: Finding) -> [String] {
        let verdict = Self.verdict(of: finding)
        let subject = finding.subject.map { "\($0): " } ?? ""
        let what = "\(subject)\(finding.problem.summary(Speech.language))"
        return [
            "    \(mark(verdict)) \(what) [\(finding.problem.code)]",
            "      \(finding.problem.remedy(Speech.language))",
        ]
    }

    /// The last line agrees with the exit code and names what to do first.
    func verdict(_ results: [CheckResult]) -> String {
        let verdict = Self.verdict(of: results)
        let words = palette.paint("\(Words.mark(verdict)) \(Words.verdict(verdict))", verdict)
        guard let first = results.findings.first else { return "\n\(words)\n" }
        let act = first.problem.remedy(Speech.language)
        let subject = first.subject.map { " (\($0))" } ?? ""
        return "\n\(words)\n\(say(id: "Lakukan dulu", en: "Do this first"))\(subject): \(act)\n"
    }

    /// The same for scripts, in one object.
    func json(_ results: [CheckResult]) -> [UInt8] {
        var line = JSONLine()
        line.add("verdict", "\(Self.verdict(of: results))")
        line.add("findings", json: JSONLine.array(json: results.findings.map(Self.json)))
        line.add("checks", json: JSONLine.array(json: results.map(Self.json)))
        return line.finished
    }

    private static func json(_ finding: Finding) -> [UInt8] {
        var line = JSONLine()
        line.add("code", finding.problem.code)
        line.add("severity", finding.severity.rawValue)
        line.add("about", ifPresent: finding.subject)
        line.add("evidence", ifPresent: finding.evidence)
        line.add("id", finding.problem.line(.indonesian))
        line.add("en", finding.problem.line(.english))
        return line.finished
    }

    private static func json(_ result: CheckResult) -> [UInt8] {
        var line = JSONLine()
        line.add("check", result.check.rawValue)
        switch result.outcome {
        case .good(let numbers):
            line.add("outcome", "good")
            line.add("numbers", numbers)
        case .found: line.add("outcome", "found")
        case .skipped(let cause):
            line.add("outcome", "skipped")
            line.add("because", cause.rawValue)
        }
        return line.finished
    }

    private static func verdict(of finding: Finding) -> Verdict {
        finding.severity == .fault ? .fault : .attention
    }

    private func mark(_ verdict: Verdict) -> String {
        palette.paint(Words.mark(verdict), verdict)
    }

    private static func name(_ check: Check) -> String {
        switch check {
        case .configuration: say(id: "konfigurasi", en: "configuration")
        case .stateFolder: say(id: "folder", en: "folder")
        case .disk: say(id: "disk", en: "disk")
        case .clock: say(id: "jam", en: "clock")
        case .daemon: say(id: "titiand", en: "titiand")
        case .journal: say(id: "jurnal", en: "journal")
        case .network: say(id: "jaringan", en: "network")
        case .terminals: say(id: "mesin", en: "terminals")
        case .centre: say(id: "BKD", en: "centre")
        }
    }
}
