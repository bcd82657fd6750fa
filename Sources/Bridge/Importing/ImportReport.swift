public import StickFiles

/// What became of one file: the JSON of `titian import --json`.
///
/// Keys are a promise (`docs/reference/cli-json.md`): they are added, never changed.
public struct ImportReport: Hashable, Sendable, Codable {
    /// The file's name without folders.
    public var file: String
    public var sha256: String
    public var bytes: Int
    /// `StickFile.Format`.
    public var format: String
    /// When it was taken in, by the box's clock.
    public var at: String
    /// `make:serial`; nil as long as the file is held.
    public var terminal: String?
    /// How the terminal was found: `option`, `serial`, `overlap`.
    public var foundBy: String?
    /// How many of `compared` punches were known of this terminal before.
    public var matched: Int?
    public var compared: Int?
    /// Rows; `new`, `known` and `odd` together are as many.
    public var read: Int
    public var new: Int
    public var known: Int
    public var odd: Int
    /// What is wrong with the file as a whole: `cut short`.
    public var doubts: [String]
    /// Nothing was written.
    public var dryRun: Bool
    /// Where the file waits, and why.
    public var held: HeldFile?

    enum CodingKeys: String, CodingKey {
        case file, sha256, bytes, format, at, terminal
        case foundBy = "found_by"
        case matched, compared, read, new, known, odd, doubts
        case dryRun = "dry_run"
        case held
    }
}

/// A file that waits in the state folder until somebody says whose it is.
public struct HeldFile: Hashable, Sendable, Codable {
    /// Why a file was not taken in at once.
    public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
        /// Nothing shows which terminal wrote it.
        case unknownTerminal = "unknown-terminal"
        /// Its name says one terminal and its punches another.
        case contradiction
        /// Its dates can be read as day and month or as month and day.
        case dateOrder = "date-order"
    }

    /// What `titian import --held` takes: the beginning of the file's SHA-256.
    public var id: String
    public var file: String
    public var sha256: String
    public var bytes: Int
    public var format: String
    public var rows: Int
    /// The terminal's number in the file: a hint.
    public var device: Int?
    /// The serial number that the file or its name shows.
    public var serial: String?
    /// The terminal, where it is known and something else is not.
    public var terminal: String?
    public var reason: Reason
    public var at: String
}

/// What `titian status` shows of stick files.
public struct StickReport: Hashable, Sendable, Codable {
    public var held: [HeldFile]
    public var last: ImportReport?
}

/// What somebody who brings a file says about it.
public struct ImportWish: Hashable, Sendable {
    /// `make:serial`, or a name of the configuration.
    public var terminal: String?
    public var order: StickFile.DateOrder?
    /// Only say what would happen.
    public var isDryRun: Bool

    public init(
        terminal: String? = nil, order: StickFile.DateOrder? = nil, isDryRun: Bool = false
    ) {
        self.terminal = terminal
        self.order = order
        self.isDryRun = isDryRun
    }
}
