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
    /// - Parameter latest: No punch can be later.
    static func row(_ line: TextLine, latest: WallTime) -> StickFile.Row {
        let cells = Cells.of(line.bytes)
        guard line.missing == 0, cells.count == 5 || cells.count == 6 else {
            return oddRow(line, [line.missing == 0 ? Self.noRow : "line too long"])
        }
        let columns = Columns(cells)
        let doubts = columns.doubts(latest: latest)
        let device = columns.device.flatMap { Int(exactly: $0) }
        guard let punch = columns.punch(if: doubts) else {
            return oddRow(line, doubts, device: device)
        }
        return StickFile.Row(
            number: line.number, record: .punch(punch), device: device, doubts: doubts)
    }

    static let noRow = "not a row"

    /// A line that is kept as it stands.
    static func oddRow(_ line: TextLine, _ doubts: [String], device: Int? = nil) -> StickFile.Row {
        let oddity = Oddity(reason: doubts.joined(separator: ", "), raw: Array(line.bytes))
        return StickFile.Row(
            number: line.number, record: .oddity(oddity), device: device, doubts: doubts)
    }

    /// The serial number in the first line of a protected export: `BWXP20126001`, also behind a
    /// label such as `S/N:`; nil if the line is a row, or says anything else.
    static func serial(inFirst line: TextLine) -> String? {
        guard !line.bytes.contains(0x09), line.bytes.count <= 64 else { return nil }
        let word = line.bytes.split { [0x20, 0x3A, 0x3D].contains($0) }.last ?? []
        let digits = word.count { (0x30...0x39).contains($0) }
        let fits = word.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }
        guard fits, digits >= 4, (6...32).contains(word.count) else { return nil }
        return String(decoding: word, as: UTF8.self)
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
        device = Cells.number(cells[2])
        state = Cells.number(cells[3])
        verify = Cells.number(cells[4])
        work = cells.count == 6 ? Cells.number(cells[5]) : 0
    }

    /// What damaged flash leaves behind, in the words that scripts may rely on.
    func doubts(latest: WallTime) -> [String] {
        var doubts: [String] = []
        if let time {
            if time < .plausibleStart || time > latest { doubts.append(Self.year) }
        } else {
            doubts.append("impossible date")
        }
        if pin.isEmpty || !pin.allSatisfy({ (0x30...0x39).contains($0) }) {
            doubts.append("PIN not digits")
        }
        if !isKnown(state: state) { doubts.append(Self.state) }
        if !isKnown(verify: verify) { doubts.append(Self.verify) }
        // Work codes are free numbers: one is a doubt only beside another.
        if work == nil || (work != 0 && !doubts.isEmpty) {
            doubts.append("work code implausible")
        }
        return doubts
    }

    private static let year = "implausible year"
    private static let state = "state out of range"
    private static let verify = "verify out of range"

    /// The punch, unless something is wrong with it. Letters in a PIN are no damage: newer
    /// terminals allow them. Neither is one strange thing alone in a row that is else in order: the
    /// log of the same terminal has that record as a punch, and it must count once.
    func punch(if doubts: [String]) -> Punch? {
        let serious = doubts.filter { $0 != "PIN not digits" && $0 != "work code implausible" }
        guard serious.isEmpty || (doubts.count == 1 && isHarmless(doubts[0])),
            let time, let state, let verify, let work,
            let pin = try? Pin(String(decoding: pin, as: UTF8.self))
        else { return nil }
        guard let state = UInt8(exactly: state), let verify = UInt8(exactly: verify) else {
            return nil
        }
        return Codes.punch(pin: pin, time: time, verify: verify, state: state, workCode: work)
    }

    /// A clock that was never set shows 2000; numbers of new firmware are no error.
    private func isHarmless(_ doubt: String) -> Bool {
        switch doubt {
        case Self.year:
            time.map { $0 >= .firstOfTerminals && $0 < .plausibleStart } ?? false
        case Self.state, Self.verify: true
        default: false
        }
    }

    private func isKnown(state: Int64?) -> Bool {
        state.map { (0...5).contains($0) || $0 == 255 } ?? false
    }

    private func isKnown(verify: Int64?) -> Bool {
        verify.map { (0...17).contains($0) || $0 == 25 || (128...150).contains($0) } ?? false
    }
}
