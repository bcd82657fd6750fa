import Attendance
import Glibc

/// The box itself: configuration, state folder, clock, network.
struct BoxChecks {
    private let tools: DoctorTools
    /// No clock that is right shows an earlier moment: 2026-01-01.
    private static let earliest: Int64 = 1_767_225_600_000

    init(_ tools: DoctorTools) {
        self.tools = tools
    }

    func configuration(_ visit: inout Doctor.Visit) -> CheckResult.Outcome {
        let configuration: Configuration
        do throws(ConfigurationProblems) {
            configuration = try Configuration.load(path: tools.configurationPath)
        } catch {
            if let rights = needsRights(tools.configurationPath) {
                visit.lacksRights = true
                return .found([rights])
            }
            return .found(
                error.errors.map { Finding(.fault, $0.problem, about: tools.configurationPath) })
        }
        visit.configuration = configuration
        var findings = configuration.terminals.compactMap(unusableKey)
        if configuration.terminals.isEmpty, configuration.push == nil {
            findings.append(Finding(.attention, DoctorProblem.noTerminals.problem))
        }
        let count = configuration.terminals.count
        return CheckResult.Outcome(
            findings, orGood: "\(configuration.office), \(count) terminals")
    }

    private func unusableKey(_ terminal: Configuration.Terminal) -> Finding? {
        do throws(ConfigurationError) {
            _ = try terminal.driverOptions()
            return nil
        } catch {
            // A key is nobody's business but root's and the daemon's.
            if let file = terminal.commKeyFile, tools.isForbidden(file) { return nil }
            return Finding(.fault, error.problem, about: terminal.name)
        }
    }

    func stateFolder(_ visit: Doctor.Visit) -> CheckResult.Outcome {
        if visit.lacksRights { return .skipped(because: .configuration) }
        let path = tools.state.path
        if access(path, F_OK) != 0, errno == ENOENT {
            return .found([Finding(.fault, DoctorProblem.noJournal(folder: path).problem)])
        }
        if let rights = needsRights(path) { return .found([rights]) }
        guard access("\(path)/.", R_OK | X_OK) == 0 else {
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

    private func needsRights(_ path: String) -> Finding? {
        guard tools.isForbidden(path) else { return nil }
        return Finding(.fault, DoctorProblem.needsRights(path: path).problem)
    }

    func clock() -> CheckResult.Outcome {
        let now = tools.host.now()
        if now.milliseconds < Self.earliest {
            let problem = DoctorProblem.clockUnset(now: now.description)
            return .found([Finding(.fault, problem.problem)])
        }
        guard tools.host.isSynced() else {
            let problem = tools.timeKeeper().map(DoctorProblem.clockNotSetYet) ?? .clockNotKept
            return .found([Finding(.attention, problem.problem)])
        }
        return .good(now.description)
    }

    func network(_ visit: inout Doctor.Visit) -> CheckResult.Outcome {
        let interfaces = tools.interfaces()
        visit.isOffline = interfaces.isEmpty
        guard interfaces.isEmpty, needsNetwork(visit) else {
            return .good(interfaces.isEmpty ? "-" : interfaces.joined(separator: ", "))
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
