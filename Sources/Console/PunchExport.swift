public import Attendance
public import Central
import Exchange

/// Every punch the centre counts for an office, a page at a time: memory stays bounded.
///
/// Ordered by terminal, time and PIN. The same fields as lines of JSON and as CSV: `office`,
/// `terminal`, `pin`, `time`, `verify`, `state`, `work`, `sightings`.
public struct PunchExport: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case ndjson, csv
    }

    private let central: Central
    private let office: OfficeID
    private let format: Format
    private var cursor: PunchCursor?
    private var isBegun = false
    private var isDone = false

    private static let pageSize = 2_000

    public init(central: Central, office: OfficeID, format: Format) {
        self.central = central
        self.office = office
        self.format = format
    }

    /// The next some hundred kilobytes of text; nil when all has been given.
    public mutating func next() async throws -> String? {
        guard !isDone else { return nil }
        let page = try await central.punches(
            office: office, after: cursor, limit: Self.pageSize)
        cursor = page.next
        isDone = page.next == nil
        let head = isBegun || format != .csv ? "" : CSV.row(Self.fields)
        isBegun = true
        return head + page.punches.map(line).joined()
    }

    private static let fields = [
        "office", "terminal", "pin", "time", "verify", "state", "work", "sightings",
    ]

    private func line(_ counted: CountedPunch) -> String {
        switch format {
        case .csv:
            CSV.row([
                counted.office.description, counted.terminal.description, Self.pin(counted),
                counted.time.description, counted.verify, counted.state, "\(counted.work)",
                "\(counted.sightings)",
            ])
        case .ndjson:
            Self.json(counted) + "\n"
        }
    }

    /// The PIN that is part of the punch's identity: `0017` and `17` are one person.
    private static func pin(_ counted: CountedPunch) -> String {
        (try? Pin(counted.pin))?.canonical ?? counted.pin
    }

    private static func json(_ counted: CountedPunch) -> String {
        var line = JSONLine()
        line.add("office", counted.office.description)
        line.add("terminal", counted.terminal.description)
        line.add("pin", pin(counted))
        line.add("time", counted.time.description)
        line.add("verify", counted.verify)
        line.add("state", counted.state)
        line.add("work", counted.work)
        line.add("sightings", counted.sightings)
        return String(decoding: line.finished, as: UTF8.self)
    }
}
