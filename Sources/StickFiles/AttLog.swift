import Attendance
import TerminalKit
import ZKTeco

/// `*_attlog.dat`: PIN, time, device number, state, verify and work code, with tabs between.
///
/// The work code is printed as a signed number. A variant of Indonesian rebrands has five columns
/// and no work code. With "output data protection" the first and last line are no rows.
///
/// Source: docs/reference/protocols/stick-files.md; fixtures `1_attlog-*`, `attlog-*`.
enum AttLog {
    static func decode(_ text: TextLines, latest: WallTime) -> StickFile? {
        let rows = text.lines.map { row($0.bytes, number: $0.number, latest: latest) }
        let looksRight = rows.contains { if case .punch = $0.record { true } else { false } }
        guard looksRight else { return nil }
        return StickFile(format: .attLog, rows: rows)
    }

    private static func row(
        _ line: ArraySlice<UInt8>, number: Int, latest: WallTime
    ) -> StickFile.Row {
        let cells = TextLines.cells(line)
        guard cells.count == 5 || cells.count == 6 else {
            let oddity = Oddity(reason: "not a row", raw: Array(line))
            return StickFile.Row(number: number, record: .oddity(oddity), doubts: [oddity.reason])
        }
        let columns = Columns(cells)
        let doubts = columns.doubts(latest: latest)
        let device = columns.device.flatMap { Int(exactly: $0) }
        guard let punch = columns.punch(if: doubts) else {
            let oddity = Oddity(reason: doubts.joined(separator: ", "), raw: Array(line))
            return StickFile.Row(
                number: number, record: .oddity(oddity), device: device, doubts: doubts)
        }
        return StickFile.Row(number: number, record: .punch(punch), device: device, doubts: doubts)
    }
}

/// The cells of one row, each read as far as it goes.
private struct Columns {
    let pin: ArraySlice<UInt8>
    let time: WallTime?
    let device: Int64?
    let state: Int64?
    let verify: Int64?
    let work: Int64?

    init(_ cells: [ArraySlice<UInt8>]) {
        pin = cells[0]
        time = WallTime(utf8: Array(cells[1]))
        device = TextLines.number(cells[2])
        state = TextLines.number(cells[3])
        verify = TextLines.number(cells[4])
        work = cells.count == 6 ? TextLines.number(cells[5]) : 0
    }

    /// What damaged flash leaves behind, in the words that scripts may rely on.
    func doubts(latest: WallTime) -> [String] {
        var doubts: [String] = []
        if let time {
            if time < .plausibleStart || time > latest { doubts.append("implausible year") }
        } else {
            doubts.append("impossible date")
        }
        if pin.isEmpty || !pin.allSatisfy({ (0x30...0x39).contains($0) }) {
            doubts.append("PIN not digits")
        }
        if !isKnown(state: state) { doubts.append("state out of range") }
        if !isKnown(verify: verify) { doubts.append("verify out of range") }
        // Work codes are free numbers: one is a doubt only beside another.
        if work == nil || (work != 0 && !doubts.isEmpty) {
            doubts.append("work code implausible")
        }
        return doubts
    }

    /// The punch, unless something is wrong with it. Letters in a PIN alone are no damage: newer
    /// terminals allow them.
    func punch(if doubts: [String]) -> Punch? {
        let serious = doubts.contains {
            $0 != "PIN not digits" && $0 != "work code implausible"
        }
        guard !serious, let time, let state, let verify, let work,
            let pin = try? Pin(String(decoding: pin, as: UTF8.self))
        else { return nil }
        guard let state = UInt8(exactly: state), let verify = UInt8(exactly: verify) else {
            return nil
        }
        return Codes.punch(pin: pin, time: time, verify: verify, state: state, workCode: work)
    }

    private func isKnown(state: Int64?) -> Bool {
        state.map { (0...5).contains($0) || $0 == 255 } ?? false
    }

    private func isKnown(verify: Int64?) -> Bool {
        verify.map { (0...17).contains($0) || $0 == 25 || (128...150).contains($0) } ?? false
    }
}
