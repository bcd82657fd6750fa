public import Attendance

/// Reads the rows of a file that has been surveyed, piece by piece.
///
/// Call ``feed(_:)`` with whatever was read and ``next()`` until it has no more, again and again; at
/// the end ``finish()``, and ``next()`` for the last row. Where the file was cut into pieces makes no
/// difference to the rows that come out, and one row is held at a time.
public struct StickRows {
    private let outline: StickOutline
    private let latest: WallTime
    private var backup = AnvizBackup()
    private var cutter = LineCutter()
    private var header: [String]?

    /// - Parameters:
    ///   - outline: What a ``StickSurvey`` of the same bytes found.
    ///   - latest: No punch of this file can be later.
    public init(_ outline: StickOutline, latest: WallTime = .plausibleEnd) {
        self.outline = outline
        self.latest = latest
    }

    /// Gives the next piece, once ``next()`` has nothing more of the one before.
    public mutating func feed(_ piece: some Collection<UInt8>) {
        if outline.format == .anvizBackup {
            backup.feed(ArraySlice(piece))
        } else {
            cutter.feed(ArraySlice(piece))
        }
    }

    /// Says that no further piece comes.
    public mutating func finish() {
        if outline.format == .anvizBackup { backup.finish() } else { cutter.finish() }
    }

    /// - Returns: The next row of what has come; nil if there is none yet.
    public mutating func next() -> StickFile.Row? {
        if outline.format == .anvizBackup { return backup.next() }
        while let line = cutter.next() {
            if let row = row(line) { return row }
        }
        return nil
    }

    private mutating func row(_ line: TextLine) -> StickFile.Row? {
        if outline.format == .glogText, header == nil {
            header = GlogText.header(line) ?? []
            return nil
        }
        // A number that was cut is another number: such a row is no evidence.
        let isShort = !line.isEnded && Cells.of(line.bytes).count < outline.columns
        guard let header else {
            return isShort ? AttLog.oddRow(line, [AttLog.noRow]) : AttLog.row(line, latest: latest)
        }
        let row = GlogRow(line, header: header)
        let wasCut = isShort || (!line.isEnded && row.dateLength < outline.dateLength)
        return wasCut ? row.odd(AttLog.noRow) : row.row(order: outline.order)
    }
}
