public import Attendance

/// A unit that is expected to report, whether it ever did or not.
public struct Office: Hashable, Sendable {
    public let id: OfficeID
    public let name: String
    public let zone: Zone
    public let stage: Stage
    /// Whom to call: a name and a telephone number, as they were given.
    public let contact: String?
    /// When the centre first heard that this office exists.
    public let addedAt: UTCTime

    public init(
        id: OfficeID, name: String, zone: Zone, stage: Stage, contact: String?, addedAt: UTCTime
    ) {
        self.id = id
        self.name = name
        self.zone = zone
        self.stage = stage
        self.contact = contact
        self.addedAt = addedAt
    }

    /// How far an office has come. Only pilot and active ones are expected to report.
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        case planned, pilot, active, inactive

        /// Reads the word of either language, in any case: `aktif` as well as `active`.
        ///
        /// - Throws: `InvalidValue` naming the words there are.
        public init(word: String) throws(InvalidValue) {
            switch word.lowercased() {
            case "planned", "rencana": self = .planned
            case "pilot", "uji coba", "uji-coba": self = .pilot
            case "active", "aktif": self = .active
            case "inactive", "nonaktif": self = .inactive
            default:
                throw InvalidValue(word, rule: "a stage is rencana, uji coba, aktif or nonaktif")
            }
        }

        public var word: Text {
            switch self {
            case .planned: Text(id: "rencana", en: "planned")
            case .pilot: Text(id: "uji coba", en: "pilot")
            case .active: Text(id: "aktif", en: "active")
            case .inactive: Text(id: "nonaktif", en: "inactive")
            }
        }

        /// Silence of such an office means something.
        public var isExpectedToReport: Bool { self == .pilot || self == .active }
    }
}

/// What an import of offices did.
public struct OfficeImport: Hashable, Sendable {
    public var added = 0
    public var changed = 0
    public var unchanged = 0
}
