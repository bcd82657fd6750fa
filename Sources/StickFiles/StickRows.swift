public import Attendance

/// Reads the rows of a file that has been surveyed, piece by piece.
///
/// Call ``take(_:)`` with whatever was read, then ``finish()``. Where the file was cut into pieces
/// makes no difference to the rows that come out.
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

    /// - Returns: The rows that end in this piece.
    public mutating func take(_ piece: some Collection<UInt8>) -> [StickFile.Row] {
        let bytes = ArraySlice(piece)
        guard outline.format != .anvizBackup else { return backup.take(bytes) }
        return cutter.take(bytes).compactMap { row($0) }
    }

    /// - Returns: What is left of a row at the end.
    public mutating func finish() -> [StickFile.Row] {
        guard outline.format != .anvizBackup else { return backup.finish() }
        return cutter.finish().compactMap { row($0) }
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
