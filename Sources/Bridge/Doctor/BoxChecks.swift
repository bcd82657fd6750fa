import Attendance
import Exchange
import Glibc

/// The box itself: configuration, state folder, disk, clock, daemon, journal, network.
struct BoxChecks {
    private let tools: DoctorTools
    /// Less free space than this is worth a word; the journal of a year needs less.
    private static let lowDisk: Int64 = 200 << 20
    /// No clock that is right shows an earlier moment: 2026-01-01.
    private static let earliest: Int64 = 1_767_225_600_000

    init(_ tools: DoctorTools) {
        self.tools = tools
    }

    func configuration(_ visit: inout Doctor.Visit) -> CheckResult.Outcome {
        do throws(ConfigurationProblems) {
            let configuration = try Configuration.load(path: tools.configurationPath)
            visit.configuration = configuration
            var findings: [Finding] = []
            for terminal in configuration.terminals {
                do throws(ConfigurationError) {
                    _ = try terminal.driverOptions()
                } catch {
                    findings.append(Finding(.fault, error.problem, about: terminal.name))
                }
            }
            if configuration.terminals.isEmpty {
                findings.append(Finding(.attention, DoctorProblem.noTerminals.problem))
            }
            return findings.isEmpty
                ? .good("\(configuration.office), \(configuration.terminals.count) terminals")
                : .found(findings)
        } catch {
            return .found(
                error.errors.map { Finding(.fault, $0.problem, about: tools.configurationPath) })
        }
    }

    func stateFolder() -> CheckResult.Outcome {
        let path = tools.state.path
        if access(path, F_OK) != 0, errno == ENOENT {
            return .found([Finding(.fault, DoctorProblem.noJournal(folder: path).problem)])
        }
        guard access(path, R_OK | X_OK) == 0 else {
            let reason = SystemError(path).reason
            return .found([
                Finding(.fault, StateError.unusable(path: path, reason: reason).problem)
            ])
        }
        if access(tools.state.keyFile, R_OK) == 0 {
            do throws(StateError) {
                _ = try tools.state.signingKey()
            } catch {
                return .found([Finding(.fault, error.problem)])
            }
        }
        return .good(path)
    }

    func disk() -> CheckResult.Outcome {
        guard let disk = tools.disk(tools.state.path) else { return .good("-") }
        let megabytes = disk.free >> 20
        guard disk.free < Self.lowDisk else { return .good("\(megabytes) MB free") }
        let problem = DoctorProblem.diskNearlyFull(
            path: tools.state.path, freeMegabytes: megabytes)
        let severity: Finding.Severity = disk.free < Self.lowDisk / 20 ? .fault : .attention
        return .found([Finding(severity, problem.problem, evidence: "\(disk.free) bytes")])
    }

    func clock() -> CheckResult.Outcome {
        let now = tools.host.now()
        if now.milliseconds < Self.earliest {
            let problem = DoctorProblem.clockUnset(now: now.description)
            return .found([Finding(.fault, problem.problem)])
        }
        guard tools.host.isSynced() else {
            return .found([Finding(.attention, DoctorProblem.clockNotKept.problem)])
        }
        return .good(now.description)
    }

    func daemon(_ visit: inout Doctor.Visit) async -> CheckResult.Outcome {
        do {
            let answer = try await tools.ask(ControlRequest(.status))
            guard let report = try? WireJSON.decode(StatusReport.self, from: answer) else {
                return .found([Finding(.fault, ControlError.noAnswer(socket: "titiand").problem)])
            }
            visit.report = report
            return .good("titiand \(report.version)")
        } catch {
            return .found([Finding(.fault, Problem(explaining: error))])
        }
    }

    func journal(_ visit: Doctor.Visit) async -> CheckResult.Outcome {
        guard let report = visit.report else {
            guard let error = await tools.journalTrouble() else { return .good("-") }
            return .found([Finding(.fault, Problem(explaining: error))])
        }
        return .good("\(report.journal.headSeq) entries, \(report.journal.queue) wait")
    }

    func network(_ visit: inout Doctor.Visit) -> CheckResult.Outcome {
        let interfaces = tools.interfaces()
        visit.isOffline = interfaces.isEmpty
        guard interfaces.isEmpty, needsNetwork(visit) else {
            return .good(interfaces.joined(separator: ", "))
        }
        return .found([Finding(.fault, DoctorProblem.noNetwork.problem)])
    }

    /// An office may have nothing but a serial line, and no internet.
    private func needsNetwork(_ visit: Doctor.Visit) -> Bool {
        let reachesOut =
            visit.configuration?.terminals.contains { !$0.address.isAtThisBox } ?? false
        return reachesOut || visit.configuration?.server.url != nil
    }
}
