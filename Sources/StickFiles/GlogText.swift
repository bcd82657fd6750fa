import Attendance
import TerminalKit

/// `AGL_001.TXT` (all) and `GLG_001.TXT` (new) of the Timmy family and its clones.
///
/// The header names the columns, differently on each firmware, and rows may have fewer cells than
/// it has names. The PIN stands under `EnNo`; the time is the last cell that is one. People's
/// names are never taken over.
///
/// Source: docs/reference/protocols/stick-files.md; fixtures `AGL_001-*`, `GLG_001-7col`.
enum GlogText {
    static let ambiguous = "ambiguous date order"

    /// - Returns: nil if this is no header of these files.
    static func header(_ line: TextLine) -> [String]? {
        let names = Cells.of(line.bytes).map { String(decoding: $0, as: UTF8.self) }
        return names.contains("EnNo") && names.contains("TMNo") ? names : nil
    }
}

/// What the dates of a file say about their order.
///
/// One date with a number above 12 decides for the whole file; two that disagree decide nothing.
struct DateEvidence {
    private var isDayFirst = false
    private var isMonthFirst = false
    /// Some date can be read both ways.
    private var isOpen = false

    mutating func see(_ date: GlogDate) {
        guard !date.isYearFirst else { return }
        if date.parts.0 > 12 { isDayFirst = true }
        if date.parts.1 > 12 { isMonthFirst = true }
        if date.isOpen { isOpen = true }
    }

    /// nil if the dates do not say.
    var order: StickFile.DateOrder? {
        switch (isDayFirst, isMonthFirst) {
        case (true, false): .dayFirst
        case (false, true): .monthFirst
        default: nil
        }
    }

    var isAmbiguous: Bool { order == nil && isOpen }
}

/// A date and time as printed: the three numbers of the date in the order of the file.
struct GlogDate {
    let parts: (Int, Int, Int)
    let isYearFirst: Bool
    let hour: Int
    let minute: Int
    let second: Int

    /// Reads `2017/11/22 14:17:21`, `03-03-2015  12:15:44PM` and their relatives.
    init?(_ cell: ArraySlice<UInt8>) {
        guard cell.count <= 32 else { return nil }
        let text = String(decoding: cell, as: UTF8.self)
        let halves = text.split(separator: " ", omittingEmptySubsequences: true)
        guard halves.count == 2 else { return nil }
        let date = halves[0].split { $0 == "/" || $0 == "-" }.map(String.init)
        let isAfternoon = halves[1].hasSuffix("PM")
        let isTwelveHour = isAfternoon || halves[1].hasSuffix("AM")
        let clock = (isTwelveHour ? halves[1].dropLast(2) : halves[1]).split(separator: ":")
        let numbers = date.compactMap { Int($0) } + clock.compactMap { Int($0) }
        guard date.count == 3, clock.count == 3, numbers.count == 6 else { return nil }
        // One digit is what is left of two where a file was cut.
        guard clock[1].count == 2, clock[2].count == 2 else { return nil }
        parts = (numbers[0], numbers[1], numbers[2])
        isYearFirst = date[0].utf8.count == 4
        guard isYearFirst || date[2].utf8.count == 4 else { return nil }
        guard !isTwelveHour || (1...12).contains(numbers[3]) else { return nil }
        hour = isTwelveHour ? numbers[3] % 12 + (isAfternoon ? 12 : 0) : numbers[3]
        minute = numbers[4]
        second = numbers[5]
    }

    /// The moment, or nil if the date does not exist in this order.
    func time(dayFirst: Bool) -> WallTime? {
        let (year, month, day) =
            isYearFirst
            ? (parts.0, parts.1, parts.2)
            : (parts.2, dayFirst ? parts.1 : parts.0, dayFirst ? parts.0 : parts.1)
        return try? WallTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// Whether it can be read both ways, and not as the same day.
    var isOpen: Bool {
        guard let day = time(dayFirst: true), let month = time(dayFirst: false) else {
            return false
        }
        return day != month
    }

    /// The moment in the file's order, or the only one there can be.
    func time(_ order: StickFile.DateOrder?) -> WallTime? {
        if let order { return time(dayFirst: order == .dayFirst) }
        return isOpen ? nil : time(dayFirst: true) ?? time(dayFirst: false)
    }
}

/// One row and the names of its cells.
struct GlogRow {
    let date: GlogDate?
    /// Bytes of the cell with the date: the same in every row of a file.
    let dateLength: Int
    private let cells: [String: ArraySlice<UInt8>]
    private let line: TextLine

    init(_ line: TextLine, header: [String]) {
        let cells = Cells.of(line.bytes)
        // A name and the padding after it share a cell on some firmware.
        let names = cells.count < header.count ? header.filter { !$0.isEmpty } : header
        self.cells = Dictionary(zip(names, cells)) { first, _ in first }
        let found = cells.reversed().lazy.compactMap { cell in
            GlogDate(cell).map { ($0, cell.count) }
        }.first
        date = found?.0
        dateLength = found?.1 ?? 0
        self.line = line
    }

    /// - Parameter order: The file's, or what a person says of it.
    func row(order: StickFile.DateOrder?) -> StickFile.Row {
        guard line.missing == 0, let date,
            let pin = cells["EnNo"].flatMap({ try? Pin(String(decoding: $0, as: UTF8.self)) })
        else { return odd(AttLog.noRow) }
        guard let time = date.time(order) else {
            return odd(order == nil && date.isOpen ? GlogText.ambiguous : "impossible date")
        }
        return StickFile.Row(
            number: line.number, record: .punch(punch(pin: pin, time: time)),
            device: number("TMNo"))
    }

    private func punch(pin: Pin, time: WallTime) -> Punch {
        let mode = number("Mode") ?? 0
        let state = number("INOUT") ?? number("IN/OUT")
        return Punch(
            pin: pin, time: time, verify: mode == 1 ? .finger : .other,
            verifyNumber: mode, state: state == nil ? .none : .other, stateNumber: state ?? 255)
    }

    /// The name is blanked: a damaged row is kept for its numbers, not for a person's name.
    func odd(_ reason: String) -> StickFile.Row {
        let raw = Self.withoutName(Array(line.bytes))
        return StickFile.Row(
            number: line.number, record: .oddity(Oddity(reason: reason, raw: raw)),
            doubts: [reason])
    }

    private func number(_ name: String) -> Int? {
        cells[name].flatMap(Cells.number).flatMap { Int(exactly: $0) }
            .flatMap { (0...255).contains($0) ? $0 : nil }
    }

    private static func withoutName(_ line: [UInt8]) -> [UInt8] {
        var cells = line.split(separator: 0x09, omittingEmptySubsequences: false)
        if cells.count > 3 { cells[3] = [] }
        return Array(cells.joined(separator: [0x09]))
    }
}
