/// A text or number that is not what it is used for, with the rule that it breaks.
///
/// Values are checked once, where they come in; inside, the type remembers.
public struct InvalidValue: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was given, at most 80 characters of it.
    public let text: String
    /// The rule, as a sentence about the right value: "a PIN has 1 to 24 characters".
    public let rule: String

    public init(_ text: String, rule: String) {
        self.text = String(text.prefix(80))
        self.rule = rule
    }

    public var description: String { "\"\(text)\": \(rule)" }
}
