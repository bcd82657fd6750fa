internal import TOML

/// A configuration that may be shown to anybody, also one that is wrong.
///
/// Only what is known to be harmless is kept: sections, and known keys with a plain value.
/// Comments, unknown keys and whatever else stands there are left out, because a file in trouble
/// is where a password ends up in the wrong place.
public enum BlankedConfiguration {
    /// Keys whose values are about people.
    private static let personal: Set<String> = ["contact"]
    /// Keys that name a file with a secret; what looks like no file may be the secret itself.
    private static let secretFiles: Set<String> = ["comm_key_file", "proxy_login_file"]

    public static func text(of configuration: String) -> String {
        let known = Set(Configuration.keys.values.joined().map(\.name))
        let lines = configuration.split(omittingEmptySubsequences: false) { $0.isNewline }
        return lines.map { line in
            shown(String(line), known: known) + "\n"
        }.joined()
    }

    private static func shown(_ line: String, known: Set<String>) -> String {
        let words = line.trimmedLine
        if words.isEmpty { return "" }
        if words.hasPrefix("#") { return "# …" }
        if words.hasPrefix("["), let section = section(words) { return section }
        guard let equals = words.firstIndex(of: "=") else { return "# (not shown)" }
        let key = String(words[..<equals]).trimmedLine
        guard known.contains(key) else { return "# (a key that is not known)" }
        let value = String(words[words.index(after: equals)...]).trimmedLine
        guard !personal.contains(key), let plain = plain(value),
            !secretFiles.contains(key) || plain.contains("/")
        else {
            return "\(key) = \"(blanked)\""
        }
        return "\(key) = \(plain)"
    }

    /// `[server]` or `[[terminal]]`; nil if it is anything else.
    private static func section(_ words: String) -> String? {
        let name = words.drop { $0 == "[" }.prefix { $0 != "]" }
        let isName = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2E }
        guard isName, Configuration.keys.keys.contains(String(name)) else { return nil }
        return words.hasPrefix("[[") ? "[[\(name)]]" : "[\(name)]"
    }

    /// A text, a number, a flag or a list of texts, without what follows it; nil for anything else,
    /// and for an address with a user in it.
    private static func plain(_ value: String) -> String? {
        if value.contains("@") { return nil }
        if value.hasPrefix("\""), let end = value.dropFirst().firstIndex(of: "\"") {
            let text = value[...end]
            return text.contains("\\") ? nil : String(text)
        }
        if value.hasPrefix("["), let end = value.firstIndex(of: "]"), !value.contains("\\") {
            return String(value[...end])
        }
        let word = value.prefix { $0 != "#" && $0 != " " && $0 != "\t" }
        let isNumber = !word.isEmpty && word.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber || word == "true" || word == "false" ? String(word) : nil
    }
}
