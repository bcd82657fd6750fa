import Attendance
import Exchange
import Synchronization

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
    /// - Parameter tell: Called in the order of ``Check``.
    /// - Returns: All results, in the same order.
    public func examine(
        tell: @Sendable (CheckResult) -> Void = { _ in }
    ) async -> [CheckResult] {
        var results: [CheckResult] = []
        var visit = Visit()
        for check in Check.allCases {
            let result: CheckResult
            if let cause = check.dependsOn.first(where: { visit.failed.contains($0) }) {
                result = CheckResult(check, .skipped(because: cause))
            } else {
                result = CheckResult(check, await look(check, &visit))
            }
            if result.findings.contains(where: { $0.severity == .fault }) || result.isSkipped {
                visit.failed.insert(check)
            }
            results.append(result)
            tell(result)
        }
        return results
    }

    /// What one visit has learnt so far.
    struct Visit: Sendable {
        var failed: Set<Check> = []
        var configuration: Configuration?
        /// The daemon's own report; nil while none runs.
        var report: StatusReport?
        /// No interface but the loopback has a carrier, or nothing leads out of the office.
        var isOffline = false
    }

    private func look(_ check: Check, _ visit: inout Visit) async -> CheckResult.Outcome {
        switch check {
        case .configuration: return BoxChecks(tools).configuration(&visit)
        case .stateFolder: return BoxChecks(tools).stateFolder()
        case .disk: return BoxChecks(tools).disk()
        case .clock: return BoxChecks(tools).clock()
        case .daemon: return await BoxChecks(tools).daemon(&visit)
        case .journal: return await BoxChecks(tools).journal(visit)
        case .network: return BoxChecks(tools).network(&visit)
        case .terminals: return await TerminalChecks(tools).look(visit)
        case .centre: return await CentreChecks(tools).look(visit)
        }
    }
}

extension CheckResult {
    var isSkipped: Bool {
        if case .skipped = outcome { true } else { false }
    }
}

extension [CheckResult] {
    /// Everything that was found, the worst first, otherwise in the order of the checks.
    public var findings: [Finding] {
        let all = flatMap(\.findings)
        return all.filter { $0.severity == .fault } + all.filter { $0.severity == .attention }
    }
}
