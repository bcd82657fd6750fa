import Attendance
import Exchange
import SQLite

/// Why a journal's file has to be set aside.
public struct RepairCause: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Bytes are not what was written.
        case damaged
        /// The file holds nothing, or is gone and has left its write-ahead log behind.
        case emptied
        /// Another bridge's journal, or no journal at all.
        case foreign
        /// The file is there and may not be read.
        case unreadable
        /// The centre has entries that are not here: an old image was restored, or a card copied.
        case forked
        /// Somebody asked for it.
        case asked
    }

    public var kind: Kind
    /// What exactly was found, for people.
    public var detail: String

    public init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    /// What follows from a refusal to open the journal; nil if the file is not at fault.
    ///
    /// A full disk, one that takes no writes and a file that another program holds mend themselves or
    /// are mended elsewhere, and what a newer program wrote is left to it.
    init?(_ error: any Error, schema: [String]) {
        let detail = (error as? any Explained)?.problem.summary.english ?? "\(error)"
        switch error {
        case let error as SQLiteError:
            guard let kind = Self.kind(of: error, schema: schema) else { return nil }
            self.init(kind, detail)
        case JournalError.otherKey: self.init(.foreign, detail)
        case JournalError.emptied: self.init(.emptied, detail)
        case JournalError.damaged, JournalError.behind, is InvalidValue: self.init(.damaged, detail)
        default: return nil
        }
    }

    private static func kind(of error: SQLiteError, schema: [String]) -> Kind? {
        switch error.kind {
        case .damaged, .constraint: .damaged
        case .foreign: .foreign
        // A schema that is ours to the letter is no newer one: its number was changed.
        case .newer: Schema.isOurs(schema) ? .damaged : nil
        case .failed: error.isInputOutput ? nil : .damaged
        case .full, .readOnly, .busy: nil
        }
    }
}

/// What a repair has done, or would do.
public struct RepairReport: Hashable, Sendable, Codable {
    public var cause: RepairCause.Kind
    public var detail: String
    /// UTC by the box's clock.
    public var at: String
    /// The journal whose file was set aside; nil if nothing says which.
    public var journal: String?
    /// Entries through this one were receipted: of them punches alone were appended again.
    public var ackedThrough: Int64
    /// Lines that were appended again.
    public var carried: Int
    /// Entries without receipt that could not be read; nil if nobody knows how many there were.
    public var missing: Int64?
    /// Where the old file lies, below the state folder; nil if nothing was left of it.
    public var file: String?
    public var bytes: Int64

    enum CodingKeys: String, CodingKey {
        case cause, detail, at, journal
        case ackedThrough = "acked_through"
        case carried, missing, file, bytes
    }

    init(_ cause: RepairCause, _ salvage: Salvage, at: UTCTime) {
        self.cause = cause.kind
        detail = cause.detail
        self.at = at.description
        journal = salvage.journal?.description
        ackedThrough = salvage.acked
        carried = salvage.places.count
        missing = salvage.isForeign ? nil : salvage.missing
        bytes = 0
    }

    /// The first words of an entry about a restored image or a copied card; the centre knows them.
    public static let oldImage = "old image"

    /// What the new journal says of it.
    var notice: EntryBody {
        let words = cause == .forked ? Self.oldImage : cause.rawValue
        let name = journal.map { "journal \($0)" } ?? "the journal"
        let lost = missing.map { $0 > 0 ? ", \($0) could not be read" : "" } ?? ""
        let place = file.map { "; the file is kept as \($0)" } ?? ""
        return .bridge(
            .repaired,
            detail: "\(words): \(name), \(carried) lines carried on\(lost)\(place) (\(detail))")
    }
}

extension Schema {
    /// Whether every one of these statements stands in our own schema.
    static func isOurs(_ statements: [String]) -> Bool {
        let ours = steps.joined()
        // The words of a table that was altered are SQLite's.
        let unaltered = statements.filter { !$0.hasPrefix("CREATE TABLE tally ") }
        return !unaltered.isEmpty && unaltered.allSatisfy { ours.contains($0) }
    }
}
