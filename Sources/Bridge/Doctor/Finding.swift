public import Attendance

/// Something that is wrong, with the one act that helps.
public struct Finding: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, Comparable {
        /// Nothing is lost and nothing stands still, but somebody should look.
        case attention
        /// Something stands still until somebody acts.
        case fault

        public static func < (left: Severity, right: Severity) -> Bool {
            left == .attention && right == .fault
        }
    }

    public let severity: Severity
    /// What happened and what to do, under its stable code.
    public let problem: Problem
    /// The terminal, port or file it is about; nil for the box itself.
    public let subject: String?
    /// How we know, in numbers: `offset 4213 s`.
    public let evidence: String?

    public init(
        _ severity: Severity, _ problem: Problem, about subject: String? = nil,
        evidence: String? = nil
    ) {
        self.severity = severity
        self.problem = problem
        self.subject = subject
        self.evidence = evidence
    }
}

/// The doctor's questions, in the order in which one cause hides what follows from it.
public enum Check: String, Hashable, Sendable, CaseIterable {
    case configuration
    case stateFolder = "state-folder"
    case disk
    case clock
    /// Before the daemon: it does not start on a journal that is damaged.
    case journal
    case daemon
    case network
    case terminals
    case centre

    /// What is known without asking anybody outside.
    static let ofThisBox = allCases.filter { $0 != .terminals && $0 != .centre }
}

/// What became of one check.
public struct CheckResult: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// All is well; the numbers say how well.
        case good(String)
        case found([Finding])
        /// Not asked, because this other check failed first.
        case skipped(because: Check)
    }

    public let check: Check
    public let outcome: Outcome

    public init(_ check: Check, _ outcome: Outcome) {
        self.check = check
        self.outcome = outcome
    }

    public var findings: [Finding] {
        if case .found(let findings) = outcome { findings } else { [] }
    }
}
