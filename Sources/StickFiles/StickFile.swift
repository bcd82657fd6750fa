public import Attendance
public import TerminalKit

/// A file that a terminal wrote to a USB stick, taken apart.
///
/// A stick is carried by hand, pulled out too early and written by worn flash, so nothing here
/// throws: what cannot be read is an oddity with its bytes, and the good rows stand.
public struct StickFile: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// ZKTeco and its rebrands: `1_attlog.dat`, text with tabs.
        case attLog = "attlog"
        /// Anviz: `BAK.KQ`, binary rows of 14 bytes.
        case anvizBackup = "anviz-backup"
        /// Boards of the Timmy family: `AGL_001.TXT` (all) and `GLG_001.TXT` (new).
        case glogText = "glog"
    }

    /// Which number of a date comes first where the year comes last.
    public enum DateOrder: String, Hashable, Sendable, CaseIterable {
        case dayFirst = "dmy"
        case monthFirst = "mdy"
    }

    /// One row of the file, in the file's own order.
    public struct Row: Hashable, Sendable {
        /// From 1: the line of a text, or the row of a binary file.
        public let number: Int
        public let record: LogRecord
        /// The terminal's number on its file or line, where the row has one. Never an identity.
        public let device: Int?
        /// What looks wrong, in English key words; a row with a harmless doubt is still a punch.
        public let doubts: [String]

        public init(number: Int, record: LogRecord, device: Int? = nil, doubts: [String] = []) {
            self.number = number
            self.record = record
            self.device = device
            self.doubts = doubts
        }
    }

    public let format: Format
    public let rows: [Row]
    /// What must be told about the file as a whole: `cut short`, `ambiguous date order`.
    public let doubts: [String]

    /// The doubt about a file that ends before its time.
    public static let cutShort = "cut short"

    public init(format: Format, rows: [Row], doubts: [String] = []) {
        self.format = format
        self.rows = rows
        self.doubts = doubts
    }

    /// Recognises a file by its contents, helped by its name, and reads it whole.
    ///
    /// ``StickSurvey`` and ``StickRows`` do the same piece by piece.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - name: The file's name without folders, such as `1_attlog.dat`.
    ///   - latest: No punch of this file can be later; the reader's clock and two days, as a rule.
    /// - Returns: nil if this is none of the formats known here.
    public static func decode(
        _ bytes: [UInt8], name: String, latest: WallTime = .plausibleEnd
    ) -> StickFile? {
        var survey = StickSurvey(name: name, latest: latest)
        survey.take(bytes)
        guard let outline = survey.conclude() else { return nil }
        var reader = StickRows(outline, latest: latest)
        var rows: [Row] = []
        rows.reserveCapacity(outline.rows)
        reader.feed(bytes)
        while let row = reader.next() { rows.append(row) }
        reader.finish()
        while let row = reader.next() { rows.append(row) }
        return StickFile(format: outline.format, rows: rows, doubts: outline.doubts)
    }
}

extension WallTime {
    /// The first second that the clocks of these families can show.
    static let firstOfTerminals = WallTime(seconds: 946_684_800)  // 2000-01-01

    /// Before this, a row's date comes from a clock that was never set: no terminal of these
    /// families is in use since then.
    static let plausibleStart = WallTime(seconds: 1_262_304_000)  // 2010-01-01

    /// The end of what 32-bit clocks can say; damaged flash likes to say more.
    public static let plausibleEnd = WallTime(seconds: 2_145_916_800)  // 2038-01-01
}
