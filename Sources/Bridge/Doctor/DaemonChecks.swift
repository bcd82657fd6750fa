import Attendance
import Exchange

/// The daemon and its journal.
struct DaemonChecks {
    private let tools: DoctorTools
    /// A daemon that is well answers in milliseconds.
    private static let largestChecked: Int64 = 64 << 20

    init(_ tools: DoctorTools) {
        self.tools = tools
    }

    /// Asks for the daemon's report once, for all checks.
    func meet() async -> Doctor.Visit.Daemon {
        do {
            let answer = try await tools.ask(ControlRequest(.status))
            guard let report = try? WireJSON.decode(StatusReport.self, from: answer) else {
                return .mute(ControlError.noAnswer(socket: "titiand").problem)
            }
            return .runs(report)
        } catch ControlError.notRunning(let socket) {
            return .stopped(ControlError.notRunning(socket: socket).problem)
        } catch {
            return .mute(Problem(explaining: error))
        }
    }

    func daemon(_ visit: Doctor.Visit) -> CheckResult.Outcome {
        switch visit.daemon {
        case .runs(let report):
            return CheckResult.Outcome(told(report), orGood: "titiand \(report.version)")
        case .stopped(let problem), .mute(let problem):
            // It cannot run, or not be asked, without these.
            if let cause = visit.failed(.configuration, .stateFolder, .disk, .journal) {
                return .skipped(because: cause)
            }
            return .found([Finding(.fault, problem)])
        case nil:
            return .skipped(because: .configuration)
        }
    }

    private func told(_ report: StatusReport) -> [Finding] {
        var findings: [Finding] = []
        if report.version != TitianVersion.current {
            let problem = DoctorProblem.otherVersion(
                daemon: report.version, titian: TitianVersion.current)
            findings.append(Finding(.attention, problem.problem))
        }
        if let crashes = report.crashes, let last = crashes.last {
            let problem = DoctorProblem.daemonEnded(times: crashes.count, last: last)
            findings.append(
                Finding(.attention, problem.problem, evidence: crashes.joined(separator: ", ")))
        }
        return findings
    }

    // MARK: Journal

    func journal(_ visit: Doctor.Visit) async -> CheckResult.Outcome {
        if let cause = visit.failed(.stateFolder, .disk) { return .skipped(because: cause) }
        switch visit.daemon {
        case .stopped:
            // Whoever is only in the group 'titian' may ask the daemon, but not read its key.
            if tools.isForbidden(tools.state.keyFile) { return .good("-") }
            guard let error = await tools.journalTrouble() else { return .good("-") }
            return .found([Finding(.fault, Problem(explaining: error))])
        case .runs(let report):
            if let trouble = unkept(report) { return .found([trouble]) }
            if let trouble = await unsound(report) { return .found([trouble]) }
            return .good("\(report.journal.headSeq) entries, \(report.journal.queue) wait")
        case .mute, nil:
            return .good("-")
        }
    }

    /// Punches that cannot be kept are a matter of the journal, whichever terminal they come from.
    private func unkept(_ report: StatusReport) -> Finding? {
        let problem = report.terminals.lazy.compactMap(\.problem).first { $0.isOfJournal }
        return problem.map { Finding(.fault, Problem(told: $0)) }
    }

    /// A large file is left alone: while it is looked through, nothing is written.
    private func unsound(_ report: StatusReport) async -> Finding? {
        guard report.journal.bytes <= Self.largestChecked,
            let answer = try? await tools.ask(ControlRequest(.journalCheck)),
            let check = try? WireJSON.decode(JournalCheck.self, from: answer), !check.whole
        else { return nil }
        return Finding(.fault, JournalUnsound(message: check.message ?? "-").problem)
    }

    private struct JournalCheck: Decodable {
        var whole: Bool
        var message: String?
    }
}

extension StatusProblem {
    /// It was the disk that failed and not the terminal.
    var isOfJournal: Bool { code.hasPrefix("store.") || code.hasPrefix("journal.") }
}

/// SQLite finds the file unsound.
public struct JournalUnsound: Explained, Hashable {
    let message: String

    /// - Parameter message: SQLite's own words.
    public init(message: String) {
        self.message = message
    }

    public var problem: Problem {
        Problem(
            code: "journal.unsound",
            summary: Text(
                id: "Basis data jurnal tidak utuh (\(message)).",
                en: "The journal's database is not whole (\(message))."),
            remedy: Text(
                id: "titiand memperbaikinya sendiri dan menyimpan berkas lama. Jangan hapus.",
                en: "titiand repairs it by itself and keeps the old file. Do not delete it."))
    }
}
