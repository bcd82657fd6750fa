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
    static func decode(_ text: TextLines) -> StickFile? {
        guard let head = text.lines.first else { return nil }
        let header = TextLines.cells(head.bytes).map { String(decoding: $0, as: UTF8.self) }
        guard header.contains("EnNo"), header.contains("TMNo") else { return nil }
        let body = text.lines.dropFirst().map {
            GlogRow(cells: TextLines.cells($0.bytes), header: header, line: $0)
        }
        let order = DateOrder(of: body.compactMap(\.date))
        let rows = body.map { $0.row(order: order) }
        let isAmbiguous = rows.contains { $0.doubts.contains(GlogRow.ambiguous) }
        return StickFile(
            format: .glogText, rows: rows, doubts: isAmbiguous ? [GlogRow.ambiguous] : [])
    }
}

/// Whether the day or the month comes first, where the year comes last.
enum DateOrder {
    case dayFirst, monthFirst, unknown

    /// One date with a number above 12 decides for the whole file; two that disagree decide
    /// nothing.
    init(of dates: [GlogDate]) {
        let open = dates.filter { !$0.isYearFirst }
        let dayFirst = open.contains { $0.parts.0 > 12 }
        let monthFirst = open.contains { $0.parts.1 > 12 }
        switch (dayFirst, monthFirst) {
        case (true, false): self = .dayFirst
        case (false, true): self = .monthFirst
        default: self = .unknown
        }
    }
}

/// A date and time as printed: the three numbers of the date in the order of the file.
struct GlogDate: Hashable {
    let parts: (Int, Int, Int)
    let isYearFirst: Bool
    let hour: Int
    let minute: Int
    let second: Int

    static func == (left: GlogDate, right: GlogDate) -> Bool { left.key == right.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }
    private var key: [Int] { [parts.0, parts.1, parts.2, hour, minute, second] }

    /// Reads `2017/11/22 14:17:21`, `03-03-2015  12:15:44PM` and their relatives.
    init?(_ cell: ArraySlice<UInt8>) {
        let text = String(decoding: cell, as: UTF8.self)
        let halves = text.split(separator: " ", omittingEmptySubsequences: true)
        guard halves.count == 2 else { return nil }
        let date = halves[0].split { $0 == "/" || $0 == "-" }.map(String.init)
        let isAfternoon = halves[1].hasSuffix("PM")
        let isTwelveHour = isAfternoon || halves[1].hasSuffix("AM")
        let clock = (isTwelveHour ? halves[1].dropLast(2) : halves[1]).split(separator: ":")
        let numbers = date.compactMap { Int($0) } + clock.compactMap { Int($0) }
        guard date.count == 3, clock.count == 3, numbers.count == 6 else { return nil }
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
}

/// One row and the names of its cells.
private struct GlogRow {
    static let ambiguous = "ambiguous date order"

    let cells: [String: ArraySlice<UInt8>]
    let date: GlogDate?
    let line: (number: Int, bytes: ArraySlice<UInt8>)

    init(
        cells: [ArraySlice<UInt8>], header: [String],
        line: (number: Int, bytes: ArraySlice<UInt8>)
    ) {
        // A name and the padding after it share a cell on some firmware.
        let names = cells.count < header.count ? header.filter { !$0.isEmpty } : header
        self.cells = Dictionary(zip(names, cells)) { first, _ in first }
        date = cells.reversed().lazy.compactMap(GlogDate.init).first
        self.line = line
    }

    func row(order: DateOrder) -> StickFile.Row {
        guard let date, let pin = cells["EnNo"].flatMap({ try? Pin(Self.text($0)) }) else {
            return odd("not a row")
        }
        let dayFirst = date.time(dayFirst: true)
        let monthFirst = date.time(dayFirst: false)
        let time: WallTime?
        switch order {
        case .dayFirst: time = dayFirst
        case .monthFirst: time = monthFirst
        case .unknown:
            guard dayFirst == monthFirst || dayFirst == nil || monthFirst == nil else {
                return odd(Self.ambiguous)
            }
            time = dayFirst ?? monthFirst
        }
        guard let time else { return odd("impossible date") }
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
    private func odd(_ reason: String) -> StickFile.Row {
        let raw = Self.withoutName(Array(line.bytes))
        return StickFile.Row(
            number: line.number, record: .oddity(Oddity(reason: reason, raw: raw)),
            doubts: [reason])
    }

    private func number(_ name: String) -> Int? {
        cells[name].flatMap(TextLines.number).flatMap { Int(exactly: $0) }
            .flatMap { (0...255).contains($0) ? $0 : nil }
    }

    private static func text(_ cell: ArraySlice<UInt8>) -> String {
        String(decoding: cell, as: UTF8.self)
    }

    private static func withoutName(_ line: [UInt8]) -> [UInt8] {
        var cells = line.split(separator: 0x09, omittingEmptySubsequences: false)
        if cells.count > 3 { cells[3] = [] }
        return Array(cells.joined(separator: [0x09]))
    }
}
