import Attendance
import Exchange
import TerminalKit
import Transports

/// The terminals: what the daemon knows of them, or, while none runs, what they answer themselves.
struct TerminalChecks {
    private let tools: DoctorTools
    /// Seconds a terminal's clock may be off.
    private static let tolerableOffset: Int64 = 60
    /// Its log is nearly full from this part on.
    private static let nearlyFull = 0.9

    init(_ tools: DoctorTools) {
        self.tools = tools
    }

    func look(_ visit: Doctor.Visit) async -> CheckResult.Outcome {
        let terminals = visit.configuration?.terminals ?? []
        switch visit.daemon {
        case .runs(let report):
            let findings = report.terminals.flatMap { told($0, visit) } + strangers(report)
            return CheckResult.Outcome(findings, orGood: "\(report.terminals.count)")
        case .stopped:
            guard let zone = visit.configuration?.zone else {
                return .skipped(because: .configuration)
            }
            let reachable = terminals.filter {
                !$0.address.isListening && (!visit.isOffline || $0.address.isAtThisBox)
            }
            let findings = await asked(reachable, in: zone)
            return CheckResult.Outcome(findings, orGood: "\(terminals.count)")
        case .mute, nil:
            // It may hold its lines, and a terminal speaks with one program at a time.
            return .skipped(because: .daemon)
        }
    }

    // MARK: Told by the daemon

    private func told(_ status: TerminalStatus, _ visit: Doctor.Visit) -> [Finding] {
        let terminal = visit.configuration?.terminals.first { $0.name == status.name }
        if visit.isOffline, let terminal, !terminal.address.isAtThisBox { return [] }
        // Told once already, by the file that is not there or the journal that cannot be written.
        if let problem = status.problem {
            if problem.isOfJournal || problem.code == "config.comm-key" { return [] }
        }
        switch status.state {
        case .online:
            let doubt = status.problem.map {
                Finding(.attention, Problem(told: $0), about: status.name)
            }
            return [doubt].compactMap(\.self)
                + numbers(
                    status.name, offset: status.offsetMilliseconds, records: status.records,
                    capacity: status.recordCapacity)
        case .starting where status.problem == nil:
            let problem = DoctorProblem.terminalSilentSince(status.since)
            return [Finding(.attention, problem.problem, about: status.name)]
        case .starting, .lost, .blocked:
            let silence = DoctorProblem.terminalSilentSince(status.since).problem
            let problem = status.problem.map(Problem.init(told:)) ?? silence
            return [named(problem, terminal, about: status.name)]
        }
    }

    private func numbers(
        _ name: String, offset: Int64?, records: Int?, capacity: Int?
    ) -> [Finding] {
        var findings: [Finding] = []
        let seconds = (offset ?? 0) / 1_000
        if abs(seconds) > Self.tolerableOffset {
            let problem = DoctorProblem.terminalClock(offsetSeconds: seconds)
            findings.append(
                Finding(.attention, problem.problem, about: name, evidence: "\(seconds) s"))
        }
        if let records, let capacity, capacity > 0,
            Double(records) >= Double(capacity) * Self.nearlyFull
        {
            let problem = DoctorProblem.terminalNearlyFull(records: records, capacity: capacity)
            findings.append(Finding(.attention, problem.problem, about: name))
        }
        return findings
    }

    /// A port that is taken is worth the name of who took it.
    private func named(
        _ problem: Problem, _ terminal: Configuration.Terminal?, about name: String
    ) -> Finding {
        if problem.code == "line.busy", case .serial(let path, _) = terminal?.address.line,
            let program = tools.holders(path).first
        {
            return Finding(
                .fault, DoctorProblem.portHeld(path: path, by: program).problem, about: name)
        }
        return Finding(.fault, problem, about: name)
    }

    // MARK: What belongs to no terminal of the configuration

    /// Who calls without being expected, and files whose terminal nobody has named.
    private func strangers(_ report: StatusReport) -> [Finding] {
        var findings = (report.refusedCallers ?? []).map {
            Finding(
                .attention, Problem(told: $0.problem), about: $0.terminal ?? $0.peer,
                evidence: "\($0.count), \($0.last)")
        }
        findings += (report.push?.refused ?? []).map {
            let problem = DoctorProblem.pushRefused(serial: $0.serialNumber, peer: $0.peer)
            return Finding(.attention, problem.problem, evidence: "\($0.requests), \($0.lastAt)")
        }
        if let held = report.sticks?.held, let first = held.first {
            let problem = DoctorProblem.filesHeld(count: held.count, first: first.file)
            findings.append(
                Finding(.attention, problem.problem, evidence: first.reason.rawValue))
        }
        return findings
    }

    // MARK: Asked by us

    /// All at once, each within its limit: four dead terminals take as long as one. Those that
    /// share a line are asked one after the other.
    private func asked(_ terminals: [Configuration.Terminal], in zone: Zone) async -> [Finding] {
        let lines = Dictionary(grouping: terminals.enumerated()) { $0.element.address.lineName }
        return await withTaskGroup(of: [(Int, [Finding])].self) { group in
            for line in lines.values {
                group.addTask {
                    var found: [(Int, [Finding])] = []
                    for (index, terminal) in line {
                        found.append((index, await ask(terminal, in: zone, among: line.count)))
                    }
                    return found
                }
            }
            let all = await group.reduce(into: []) { $0 += $1 }
            return all.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private func ask(
        _ terminal: Configuration.Terminal, in zone: Zone, among count: Int
    ) async -> [Finding] {
        guard (try? terminal.driverOptions()) != nil else { return [] }
        let limit = tools.patience / count
        do {
            let answer = try await TerminalTalk(terminal, tools).run(within: limit)
            let now = tools.host.now().milliseconds / 1_000
            let offset = (answer.clock.secondsSince1970(in: zone) - now) * 1_000
            let doubt = answer.doubt.map { Finding(.fault, $0, about: terminal.name) }
            return [doubt].compactMap(\.self)
                + numbers(
                    terminal.name, offset: offset, records: answer.counters.records,
                    capacity: answer.counters.recordCapacity)
        } catch {
            return [named(Problem(explaining: error), terminal, about: terminal.name)]
        }
    }
}

extension Problem {
    /// A problem as a status told of it: a sentence, and what to do where the daemon says so.
    init(told: StatusProblem) {
        let remedy = Text(
            id: told.remedyIndonesian ?? "Lihat juga 'titian probe' dengan nama mesin ini.",
            en: told.remedyEnglish ?? "See also 'titian probe' with this terminal's name.")
        func sentence(_ line: String, _ remedy: String) -> String {
            line.hasSuffix(" \(remedy)") ? String(line.dropLast(remedy.count + 1)) : line
        }
        self.init(
            code: told.code,
            summary: Text(
                id: sentence(told.id, remedy.indonesian), en: sentence(told.en, remedy.english)),
            remedy: remedy)
    }
}

extension Address {
    /// Nothing of the network lies between this box and the terminal.
    var isAtThisBox: Bool {
        switch line {
        case .tcp(let host, _), .udp(let host, _), .http(let host, _):
            host.hasPrefix("127.") || host == "::1" || host == "localhost"
        case .listen: false
        default: true
        }
    }
}
