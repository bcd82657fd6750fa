public import Attendance
import TerminalKit

/// What only a whole file can tell: its form, how much it holds, and what is wrong with it.
public struct StickOutline: Hashable, Sendable {
    public let format: StickFile.Format
    /// Rows in the file without the frame of a protected export, and how many are punches.
    public let rows: Int
    public let punches: Int
    /// `cut short`, `more rows than announced`, `ambiguous date order`.
    public private(set) var doubts: [String]
    /// The serial number that a protected export begins with.
    public let serial: String?
    /// The terminal's number in the first punch: a hint, never an identity.
    public let device: Int?
    /// The order of dates, where the file's own dates prove it or a person said it.
    public private(set) var order: StickFile.DateOrder?
    /// Cells of most rows; a last line that has fewer and no end was cut.
    let columns: Int
    /// Bytes of the cell with the date, in a file of the other boards.
    let dateLength: Int
    /// The lines of a protected export that are no rows: a serial number and a hash.
    let protection: Set<Int>

    /// Dates can be read both ways, and nobody has said which is meant.
    public var needsOrder: Bool { doubts.contains(GlogText.ambiguous) }

    /// Takes a person's word for the order of dates, unless the file's own dates prove it.
    public mutating func settle(_ order: StickFile.DateOrder) {
        guard self.order == nil else { return }
        self.order = order
        doubts.removeAll { $0 == GlogText.ambiguous }
    }

    /// The file holds fewer rows than it should.
    public var isCutShort: Bool { doubts.contains(StickFile.cutShort) }

    /// Whether this row is the serial number or the hash around a protected export.
    public func isProtection(_ row: StickFile.Row) -> Bool { protection.contains(row.number) }
}

/// Goes through a file once, piece by piece, and says what it is.
///
/// Call ``take(_:)`` with whatever was read, then ``conclude()``. The rows themselves come from
/// ``StickRows`` in a second pass; so a file of any size needs little memory.
public struct StickSurvey {
    private let latest: WallTime
    private var backup: AnvizBackup?
    private var cutter = LineCutter()
    private var header: [String]?
    private var dates = DateEvidence()
    private var rows = 0
    private var punches = 0
    private var device: Int?
    private var serial: String?
    private var columns = 0
    private var dateLength = 0
    private var lastDateLength = 0
    private var first: Int?
    private var last: (line: TextLine, isPunch: Bool)?

    /// - Parameters:
    ///   - name: The file's name without folders; binary files are known by it.
    ///   - latest: No punch of this file can be later.
    public init(name: String, latest: WallTime = .plausibleEnd) {
        self.latest = latest
        backup = AnvizBackup.isNamed(name) ? AnvizBackup() : nil
    }

    public mutating func take(_ piece: some Collection<UInt8>) {
        if backup != nil {
            backup?.feed(ArraySlice(piece))
        } else {
            cutter.feed(ArraySlice(piece))
        }
        seeAll()
    }

    private mutating func seeAll() {
        while let row = backup?.next() { count(row) }
        if backup == nil { while let line = cutter.next() { see(line) } }
    }

    /// - Returns: nil if this is none of the formats known here.
    public func conclude() -> StickOutline? {
        var whole = self
        return whole.finished()
    }

    private mutating func finished() -> StickOutline? {
        if backup != nil {
            backup?.finish()
            seeAll()
            guard backup?.announced != nil else { return nil }
            return outline(.anvizBackup, doubts: backup?.doubts ?? [])
        }
        cutter.finish()
        seeAll()
        if header != nil { return conclusionOnGlog }
        return punches > 0 ? conclusionOnAttLog : nil
    }

    // MARK: Each line

    private mutating func see(_ line: TextLine) {
        if first == nil {
            first = line.number
            header = GlogText.header(line)
            serial = AttLog.serial(inFirst: line)
            if header != nil { return }
        }
        let isPunch = see(line, under: header)
        if isPunch, columns == 0 { columns = Cells.of(line.bytes).count }
        last = (line, isPunch)
    }

    /// - Returns: Whether the line is a punch, as far as can be said before the end.
    private mutating func see(_ line: TextLine, under header: [String]?) -> Bool {
        guard let header else {
            let row = AttLog.row(line, latest: latest)
            count(row)
            if case .punch = row.record { return true }
            return false
        }
        let row = GlogRow(line, header: header)
        count(row.row(order: .dayFirst))
        if let date = row.date { dates.see(date) }
        if dateLength == 0 { dateLength = row.dateLength }
        lastDateLength = row.dateLength
        return row.date != nil
    }

    private mutating func count(_ row: StickFile.Row) {
        rows += 1
        guard case .punch = row.record else { return }
        punches += 1
        if device == nil { device = row.device }
    }

    // MARK: The whole

    private var conclusionOnGlog: StickOutline {
        var doubts: [String] = []
        if dates.isAmbiguous { doubts.append(GlogText.ambiguous) }
        if wasCut { doubts.append(StickFile.cutShort) }
        return outline(.glogText, doubts: doubts)
    }

    private var conclusionOnAttLog: StickOutline {
        guard serial != nil, let first else {
            return outline(.attLog, doubts: wasCut ? [StickFile.cutShort] : [])
        }
        // A protected export ends with a hash; where there is none, the end is missing.
        guard let last, !last.isPunch, !last.line.bytes.contains(0x09), last.line.number != first
        else { return outline(.attLog, doubts: [StickFile.cutShort], protection: [first]) }
        return outline(.attLog, doubts: [], protection: [first, last.line.number])
    }

    /// The file stops inside a row.
    private var wasCut: Bool {
        guard let last, !last.line.isEnded else { return false }
        return !last.isPunch || Cells.of(last.line.bytes).count < columns
            || lastDateLength < dateLength
    }

    private func outline(
        _ format: StickFile.Format, doubts: [String], protection: Set<Int> = []
    ) -> StickOutline {
        StickOutline(
            format: format, rows: rows - protection.count, punches: punches, doubts: doubts,
            serial: protection.isEmpty ? nil : serial, device: device, order: dates.order,
            columns: columns, dateLength: dateLength, protection: protection)
    }
}
