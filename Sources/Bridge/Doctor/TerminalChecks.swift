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
        var findings: [Finding] = []
        if let report = visit.report {
            findings = report.terminals.flatMap { told($0, visit) }
        } else if let zone = visit.configuration?.zone {
            let reachable = terminals.filter { !visit.isOffline || $0.address.isAtThisBox }
            findings = await asked(reachable, in: zone)
        }
        return findings.isEmpty ? .good("\(terminals.count)") : .found(findings)
    }

    // MARK: Told by the daemon

    private func told(_ status: TerminalStatus, _ visit: Doctor.Visit) -> [Finding] {
        let terminal = visit.configuration?.terminals.first { $0.name == status.name }
        if visit.isOffline, let terminal, !terminal.address.isAtThisBox { return [] }
        switch status.state {
        case .online:
            return numbers(
                status.name, offset: status.offsetMilliseconds, records: status.records,
                capacity: status.recordCapacity)
        case .starting where status.problem == nil:
            let problem = DoctorProblem.terminalSilentSince(status.since)
            return [Finding(.attention, problem.problem, about: status.name)]
        case .starting, .lost, .blocked:
            let problem =
                status.problem.map(Problem.init)
                ?? DoctorProblem.terminalSilentSince(
                    status.since
                ).problem
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
            findings.append(Finding(.attention, problem.problem, about: name))
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

    // MARK: Asked by us

    /// All at once, each within its limit: four dead terminals take as long as one.
    private func asked(_ terminals: [Configuration.Terminal], in zone: Zone) async -> [Finding] {
        await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (index, terminal) in terminals.enumerated() {
                group.addTask { (index, await ask(terminal, in: zone)) }
            }
            var all: [(Int, [Finding])] = []
            for await found in group { all.append(found) }
            return all.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private func ask(_ terminal: Configuration.Terminal, in zone: Zone) async -> [Finding] {
        do {
            return try await withLimit(tools.patience) { try await talk(terminal, in: zone) }
        } catch {
            return [named(Problem(explaining: error), terminal, about: terminal.name)]
        }
    }

    private func talk(_ terminal: Configuration.Terminal, in zone: Zone) async throws -> [Finding] {
        let options = try terminal.driverOptions()
        guard let driver = KnownDrivers.driver(named: terminal.driver, options: options) else {
            return []
        }
        let link = try await tools.openLine(terminal.address)
        do {
            let session = try await driver.open(link)
            let identity = try await session.identify()
            if let expected = terminal.serialNumber, expected != identity.serial {
                throw TerminalTrouble.otherSerial(expected: expected, found: identity.serial)
            }
            let counters = try await session.counters()
            let clock = try await session.readClock()
            await session.close()
            await link.close()
            let now = tools.host.now().milliseconds / 1_000
            let offset = (clock.secondsSince1970(in: zone) - now) * 1_000
            return numbers(
                terminal.name, offset: offset, records: counters.records,
                capacity: counters.recordCapacity)
        } catch {
            await link.close()
            throw error
        }
    }

    private func withLimit<Result: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            while let first = try await group.next() {
                guard let first else { throw LinkError.silent(after: limit) }
                return first
            }
            throw LinkError.cancelled
        }
    }
}

extension Problem {
    /// A problem as a status told of it: one sentence that holds summary and remedy.
    fileprivate init(_ told: StatusProblem) {
        self.init(
            code: told.code, summary: Text(id: told.id, en: told.en),
            remedy: Text(
                id: "Lihat juga 'titian probe' dengan nama mesin ini.",
                en: "See also 'titian probe' with this terminal's name."))
    }
}

extension Address {
    /// Nothing of the network lies between this box and the terminal.
    var isAtThisBox: Bool {
        switch line {
        case .tcp(let host, _), .udp(let host, _): host.hasPrefix("127.") || host == "::1"
        case .listen: false
        default: true
        }
    }
}
