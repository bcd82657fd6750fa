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
        if let cause = visit.failed(.stateFolder) { return .skipped(because: cause) }
        if visit.isOffline, visit.configuration?.server.url != nil {
            return .skipped(because: .network)
        }
        if tools.isForbidden(tools.state.centreFile) {
            return CheckResult.Outcome(visit.report.map(told) ?? [], orGood: "-")
        }
        let enrolment: Enrolment
        do {
            guard let known = try Enrolment.load(from: tools.state) else {
                return .found([Finding(.attention, DoctorProblem.notEnrolled.problem)])
            }
            enrolment = known
        } catch {
            let problem = DoctorProblem.enrolmentDamaged(path: tools.state.centreFile)
            return .found([Finding(.fault, problem.problem)])
        }
        if let trouble = await line(to: enrolment) { return .found([trouble]) }
        let findings =
            [otherOffice(enrolment, visit)].compactMap(\.self) + (visit.report.map(told) ?? [])
        return CheckResult.Outcome(findings, orGood: enrolment.url)
    }

    /// The centre refuses an empty body in its own words; whoever answers otherwise over a line with
    /// the right key stands in front of it.
    private func line(to enrolment: Enrolment) async -> Finding? {
        do {
            let late = SyncError.timeout(enrolment.url)
            let answer = try await withTimeLimit(tools.patience, orThrow: late) {
                try await tools.knock(enrolment.url, enrolment.pins)
            }
            let refusal = SyncError(refusal: answer, from: enrolment.url)
            if (400..<500).contains(answer.status), case .refused = refusal { return nil }
            return Finding(
                .attention, refusal.problem, about: enrolment.url,
                evidence: "HTTP \(answer.status)")
        } catch {
            return Finding(.fault, Problem(explaining: error), about: enrolment.url)
        }
    }

    /// Punches would be counted for the office whose code was used.
    private func otherOffice(_ enrolment: Enrolment, _ visit: Doctor.Visit) -> Finding? {
        guard let office = visit.configuration?.office.description, office != enrolment.office
        else { return nil }
        let error = SyncError.otherOffice(code: enrolment.office, configured: office)
        return Finding(.fault, error.problem)
    }

    private func told(_ report: StatusReport) -> [Finding] {
        if let refusal = refusal(report.sync) { return [refusal] }
        var findings: [Finding] = []
        if let offset = report.sync.hostOffsetMilliseconds, abs(offset) > Self.tolerableOffset {
            let problem = DoctorProblem.centreClock(offsetSeconds: offset / 1_000)
            findings.append(
                Finding(.attention, problem.problem, evidence: "\(offset / 1_000) s"))
        }
        let now = tools.host.now().milliseconds
        if let oldest = report.journal.oldestUnsent.flatMap(UTCTime.init),
            now - oldest.milliseconds > Self.longWait
        {
            let problem = DoctorProblem.nothingReceipted(
                since: report.sync.lastReceiptAt ?? "-", queue: report.journal.queue)
            findings.append(Finding(.attention, problem.problem))
        }
        return findings
    }

    /// What the centre refused a real batch with, if waiting does not help.
    private func refusal(_ sync: SyncStatus) -> Finding? {
        guard let told = sync.lastProblem else { return nil }
        let code = SyncProblem(rawValue: told.code)
        guard sync.state == .refused || sync.state == .forked || code == .unknownVersion
        else { return nil }
        let problem = code.map { SyncError.refused($0).problem } ?? Problem(told: told)
        return Finding(.fault, problem, about: sync.centre)
    }
}
