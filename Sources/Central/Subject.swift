public import Attendance
import Exchange

/// A person as terminals know them: a number at one office.
public struct Subject: Hashable, Sendable, CustomStringConvertible {
    public let office: OfficeID
    public let pin: Pin

    public init(office: OfficeID, pin: Pin) {
        self.office = office
        self.pin = pin
    }

    /// In the audit trail.
    public var description: String { "\(office) pin \(pin.canonical)" }
}

/// What was found of a person, and taken away where that was wished.
public struct ErasureReport: Hashable, Sendable {
    public var punches = 0
    public var lines = 0
    public var provisional = 0
    public var isApplied: Bool
}

/// Everything that is stored of one person, as JSON objects, one a line.
public struct SubjectExport: Sendable {
    public internal(set) var lines: [[UInt8]] = []
    public internal(set) var punches = 0
    /// Whether there is anything but what was done with it.
    public var hasTraces: Bool { traces > 0 }
    private var traces = 0

    mutating func add(_ kind: String, _ build: (inout JSONLine) -> Void) {
        var line = JSONLine()
        line.add("kind", kind)
        build(&line)
        lines.append(line.finished)
        if kind != "audit" { traces += 1 }
    }
}
