internal import Attendance

/// One row of `ATTLOG`, in one of its three forms.
///
/// Tabs between is the usual one; blanks between, and `PIN=17<tab>DateTime=…`, were reported for a
/// few firmwares.
struct PushRow {
    /// nil if this is none.
    let punch: Punch?

    /// - Returns: nil if there are too few cells for a row.
    init?(_ line: ArraySlice<UInt8>) {
        var cells = Self.cells(of: line)
        if cells.count == 1 { cells = Self.split(atBlanks: cells[0]) }
        if cells.first?.contains("=") == true { cells = Self.named(cells) }
        guard cells.count >= 4 else { return nil }
        punch = Self.punch(cells, line)
    }

    static func cells(of line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: 0x09, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func punch(_ cells: [String], _ line: ArraySlice<UInt8>) -> Punch? {
        guard let pin = try? Pin(cells[0]), let time = WallTime(cells[1]),
            let state = UInt8(cells[2]), let verify = UInt8(cells[3])
        else { return nil }
        let code = cells.count > 4 ? cells[4] : ""
        let work = code.isEmpty ? 0 : Int64(code).flatMap { workCodes.contains($0) ? $0 : nil }
        let isExact = work != nil && cells.dropFirst(5).allSatisfy { $0.isEmpty || $0 == "0" }
        return Codes.punch(
            pin: pin, time: time, verify: verify, state: state, workCode: work ?? 0,
            raw: isExact ? nil : Array(line))
    }

    /// Work codes have 32 bits, with or without a sign.
    private static let workCodes = Int64(Int32.min)...Int64(UInt32.max)

    /// Date and time are one cell.
    private static func split(atBlanks line: String) -> [String] {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 5 else { return [line] }
        return [words[0], "\(words[1]) \(words[2])"] + words[3...]
    }

    private static func named(_ cells: [String]) -> [String] {
        var values: [String: String] = [:]
        for cell in cells {
            let pair = cell.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { values[pair[0].lowercased()] = String(pair[1]) }
        }
        guard let pin = values["pin"], let time = values["datetime"] ?? values["time"] else {
            return cells
        }
        return [
            pin, time, values["status"] ?? values["state"] ?? "255",
            values["verify"] ?? values["verified"] ?? "255", values["workcode"] ?? "",
        ]
    }
}
