/// An office's own short name, such as `upt-contoh-utara`.
///
/// One to 64 lower-case letters, digits and hyphens, so that it can stand unescaped in a file
/// name, a URL and a log line.
public struct OfficeID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// - Throws: ``InvalidValue`` naming the rule that `text` breaks.
    public init(_ text: String) throws(InvalidValue) {
        guard (1...64).contains(text.utf8.count) else {
            throw InvalidValue(text, rule: "an office id has 1 to 64 characters")
        }
        let allowed = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard allowed, text.utf8.first != 0x2D else {
            throw InvalidValue(
                text, rule: "an office id has only a-z, 0-9 and '-' and begins with none of '-'")
        }
        description = text
    }

    public static func < (left: OfficeID, right: OfficeID) -> Bool {
        left.description < right.description
    }
}
