/// One of Indonesia's three zones; none has summer time.
public enum Zone: String, Hashable, Sendable, CaseIterable {
    case wib = "WIB"
    case wita = "WITA"
    case wit = "WIT"

    /// Reads an IANA name (`Asia/Makassar`) or an Indonesian abbreviation (`WITA`).
    ///
    /// - Throws: ``InvalidValue`` naming the zones there are.
    public init(_ name: String) throws(InvalidValue) {
        switch name {
        case "Asia/Jakarta", "Asia/Pontianak", "WIB": self = .wib
        case "Asia/Makassar", "Asia/Ujung_Pandang", "WITA": self = .wita
        case "Asia/Jayapura", "WIT": self = .wit
        default:
            throw InvalidValue(
                name,
                rule: "a zone is Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)")
        }
    }

    public var hoursFromGMT: Int {
        switch self {
        case .wib: 7
        case .wita: 8
        case .wit: 9
        }
    }

    public var secondsFromGMT: Int64 { Int64(hoursFromGMT) * 3_600 }

    /// The IANA name of the zone's largest city.
    public var ianaName: String {
        switch self {
        case .wib: "Asia/Jakarta"
        case .wita: "Asia/Makassar"
        case .wit: "Asia/Jayapura"
        }
    }
}
