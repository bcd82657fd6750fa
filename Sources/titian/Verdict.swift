import Bridge

/// How a command ended, as its exit code says it.
///
/// Thrown, it ends the command without another word.
enum Verdict: Int32, Error, Comparable {
    case good = 0
    /// Something wants to be looked at; nothing is broken.
    case attention = 1
    case fault = 2

    static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }

    /// What a report's worst finding means for the exit code.
    init(_ severity: Finding.Severity?) {
        switch severity {
        case nil: self = .good
        case .attention: self = .attention
        case .fault: self = .fault
        }
    }

    /// Ends the command with this code, unless all is well.
    func conclude() throws {
        if self != .good { throw self }
    }
}
