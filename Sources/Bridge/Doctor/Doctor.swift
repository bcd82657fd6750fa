import Attendance
import Exchange

/// Looks for what is wrong with a bridge, and finds the cause rather than its effects.
///
/// Checks run in an order in which a cause comes before what follows from it; a check whose
/// ground is gone is skipped. Nothing is changed: no terminal, no journal, no file.
public struct Doctor: Sendable {
    private let tools: DoctorTools

    public init(_ tools: DoctorTools) {
        self.tools = tools
    }

    /// Runs all checks and tells each result as soon as it is there.
    ///
    /// What only this box knows comes first and at once; terminals and centre, which may keep
    /// silent, are asked at the same time and within ``DoctorTools/patience``.
    ///
    /// - Parameter tell: Called in the order of ``Check``.
    /// - Returns: All results, in the same order.
    public func examine(
        tell: @Sendable (CheckResult) -> Void = { _ in }
    ) async -> [CheckResult] {
        var results: [CheckResult] = []
        var visit = Visit()
        func note(_ check: Check, _ outcome: CheckResult.Outcome) {
            let result = CheckResult(check, outcome)
            if result.isSkipped || result.findings.contains(where: { $0.severity == .fault }) {
                visit.failed.insert(check)
            }
            results.append(result)
            tell(result)
        }
        for check in Check.ofThisBox {
            // The first line does not wait for a daemon that hangs.
            if check == .stateFolder { visit.daemon = await DaemonChecks(tools).meet() }
            note(check, await outcome(of: check, &visit))
        }
        let known = visit
        async let terminals = TerminalChecks(tools).look(known)
        async let centre = CentreChecks(tools).look(known)
        note(.terminals, await terminals)
        note(.centre, await centre)
        return results
    }

    /// What one visit has learnt so far.
    struct Visit: Sendable {
        enum Daemon: Sendable {
            case runs(StatusReport)
            case stopped(Problem)
            /// It runs, or something does, and does not tell.
            case mute(Problem)
        }

        var failed: Set<Check> = []
        var configuration: Configuration?
        var daemon: Daemon?
        /// No interface but the loopback has a carrier, or nothing leads out of the office.
        var isOffline = false
        /// This user may not look at what a check needs.
        var lacksRights = false

        /// The daemon's own report; nil while none runs.
        var report: StatusReport? {
            if case .runs(let report) = daemon { report } else { nil }
        }

        /// The first of these checks that has failed.
        func failed(_ causes: Check...) -> Check? { causes.first { failed.contains($0) } }
    }

    private func outcome(
        of check: Check, _ visit: inout Visit
    ) async -> CheckResult.Outcome {
        switch check {
        case .configuration: BoxChecks(tools).configuration(&visit)
        case .stateFolder: BoxChecks(tools).stateFolder(visit)
        case .disk: DiskChecks(tools).look(visit)
        case .clock: BoxChecks(tools).clock()
        case .journal: await DaemonChecks(tools).journal(visit)
        case .daemon: DaemonChecks(tools).daemon(visit)
        case .network: BoxChecks(tools).network(&visit)
        case .terminals: await TerminalChecks(tools).look(visit)
        case .centre: await CentreChecks(tools).look(visit)
        }
    }
}

extension CheckResult {
    var isSkipped: Bool {
        if case .skipped = outcome { true } else { false }
    }
}

extension CheckResult.Outcome {
    /// - Parameter numbers: How well it is, if nothing was found.
    init(_ findings: [Finding], orGood numbers: String) {
        self = findings.isEmpty ? .good(numbers) : .found(findings)
    }
}

extension [CheckResult] {
    /// Everything that was found, the worst first, otherwise in the order of the checks.
    public var findings: [Finding] {
        let all = flatMap(\.findings)
        return all.filter { $0.severity == .fault } + all.filter { $0.severity == .attention }
    }
}
