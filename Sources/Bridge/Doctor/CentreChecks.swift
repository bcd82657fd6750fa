import Attendance
import Exchange

/// The way to the centre: name, line, key, enrolment, clock, receipts.
struct CentreChecks {
    private let tools: DoctorTools
    private static let tolerableOffset: Int64 = 60_000
    /// Entries that wait longer than this although the line is up are worth a word.
    private static let longWait: Int64 = 3_600_000

    init(_ tools: DoctorTools) {
        self.tools = tools
    }

    func look(_ visit: Doctor.Visit) async -> CheckResult.Outcome {
        if visit.isOffline, visit.configuration?.server.url != nil {
            return .skipped(because: .network)
        }
        let enrolment: Enrolment
        do {
            guard let known = try Enrolment.load(from: tools.state) else {
                return .found([Finding(.attention, DoctorProblem.notEnrolled.problem)])
            }
            enrolment = known
        } catch {
            return .found([Finding(.fault, Problem(explaining: error))])
        }
        if let trouble = await line(to: enrolment) { return .found([trouble]) }
        let findings = visit.report.map { told($0) } ?? []
        return findings.isEmpty ? .good(enrolment.url) : .found(findings)
    }

    /// Any answer over a line with the right key shows that the way is open; the centre refuses an
    /// empty body in its own words.
    private func line(to enrolment: Enrolment) async -> Finding? {
        do {
            let answer = try await tools.knock(enrolment.url, enrolment.pins)
            guard (400..<500).contains(answer.status) || answer.status == 200 else {
                let error = SyncError(refusal: answer, from: enrolment.url)
                return Finding(
                    .attention, error.problem, about: enrolment.url,
                    evidence: "HTTP \(answer.status)")
            }
            return nil
        } catch {
            return Finding(.fault, Problem(explaining: error), about: enrolment.url)
        }
    }

    private func told(_ report: StatusReport) -> [Finding] {
        let sync = report.sync
        if let problem = sync.lastProblem, sync.state == .refused || sync.state == .forked {
            let told = Problem(
                code: problem.code, summary: Text(id: problem.id, en: problem.en),
                remedy: Text(
                    id: "Hubungi BKD dan sebutkan kode ini.",
                    en: "Call the centre and name this code."))
            return [Finding(.fault, told)]
        }
        var findings: [Finding] = []
        if let offset = sync.hostOffsetMilliseconds, abs(offset) > Self.tolerableOffset {
            let problem = DoctorProblem.centreClock(offsetSeconds: offset / 1_000)
            findings.append(Finding(.attention, problem.problem))
        }
        let now = tools.host.now().milliseconds
        if let oldest = report.journal.oldestUnsent.flatMap(UTCTime.init),
            now - oldest.milliseconds > Self.longWait
        {
            let problem = DoctorProblem.nothingReceipted(
                since: sync.lastReceiptAt ?? "-", queue: report.journal.queue)
            findings.append(Finding(.attention, problem.problem))
        }
        return findings
    }
}
