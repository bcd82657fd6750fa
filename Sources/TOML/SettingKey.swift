/// A key that a table of a configuration may have: what it takes, and what holds without it.
///
/// The readers go by these, and `make reference` reads them out of the sources for the tables of
/// `docs/reference/`; so each is written with literals only.
public struct SettingKey: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text
        /// One text, or a list of texts.
        case texts
        case flag
        case number(ClosedRange<Int64>)
        /// A table `[name]`.
        case section
        /// Tables `[[name]]`.
        case sections
    }

    public let name: String
    public let value: Value
    /// What holds where the key is not written: a value as TOML, or words.
    public let otherwise: String

    public init(_ name: String, _ value: Value, _ otherwise: String) {
        self.name = name
        self.value = value
        self.otherwise = otherwise
    }
}
