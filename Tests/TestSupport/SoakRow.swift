import Foundation

/// What a test that runs in full leaves for docs/reference/durability.md: one row, as the rigs leave theirs
/// (`Case.write` in Tests/Rigs/oracle.py).
public struct SoakRow: Encodable {
    public static let isSoak = ProcessInfo.processInfo.environment["TITIAN_SOAK"] == "1"

    private let rig: String
    private let fault: String
    private let place: String
    public private(set) var rounds = 0
    public private(set) var acknowledged = 0
    private var lost = 0
    private var double = 0
    private let recovery = 0.0
    public var controlLost: Int?
    private var date = ""
    private let programs = "debug"

    enum CodingKeys: String, CodingKey {
        case rig, fault, rounds, acknowledged, lost, double, date, programs
        case place = "where"
        case recovery = "recovery_s"
        case controlLost = "control_lost"
    }

    /// - Parameter place: `bridge` or `centre`.
    public init(rig: String, fault: String, at place: String) {
        self.rig = rig
        self.fault = fault
        self.place = place
    }

    /// One round, and what was wrong after it.
    public mutating func round(acknowledged: Int, faults: [String]) {
        rounds += 1
        self.acknowledged += acknowledged
        if faults.contains("lost") { lost += 1 }
        if faults.contains("doubled") { double += 1 }
    }

    /// Writes the row into the folder `TITIAN_RESULTS`, if there is one.
    public mutating func write() throws {
        print("\(fault): \(rounds) rounds, \(acknowledged) acknowledged, \(lost) lost")
        guard let folder = ProcessInfo.processInfo.environment["TITIAN_RESULTS"] else { return }
        date = String(Date().ISO8601Format().prefix(10))
        let parts = "\(rig) \(fault)".lowercased()
            .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let target = URL(fileURLWithPath: folder)
            .appendingPathComponent(parts.joined(separator: "-") + ".json")
        try encoder.encode(self).write(to: target)
    }
}
