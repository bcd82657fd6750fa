/// Finds the line on which a key stands, for messages about values.
///
/// The TOML library tells lines only for text that is no TOML. This looks for `[header]`,
/// `[[header]]` and `key =` at the beginning of lines; keys written in any other way have no line.
struct KeyLines: Sendable {
    private var lines: [String: Int] = [:]

    init(of text: String) {
        var section = ""
        var seen: [String: Int] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let content = String(line).trimmedLine
            if content.hasPrefix("[[") {
                let name = Self.word(content.dropFirst(2))
                seen[name, default: 0] += 1
                section = "\(name)[\(seen[name, default: 0])]"
            } else if content.hasPrefix("[") {
                section = Self.word(content.dropFirst())
            } else if content.contains("=") {
                let key = Self.word(content[...])
                let path = section.isEmpty ? key : "\(section).\(key)"
                if lines[path] == nil { lines[path] = index + 1 }
            }
        }
    }

    /// - Parameter path: As in ``ConfigurationError``: `server.url`, `terminal[2].poll_s`.
    subscript(path: String) -> Int? { lines[path] }

    private static func word(_ text: some StringProtocol) -> String {
        let bytes = text.utf8.drop { $0 == 0x20 || $0 == 0x22 }.prefix {
            ![0x20, 0x09, 0x22, 0x3D, 0x5D].contains($0)  // blank, tab, ", =, ]
        }
        return String(decoding: Array(bytes), as: UTF8.self)
    }
}
