import Attendance
internal import TOML

/// One table of a configuration, read key by key; what is wrong is collected, not thrown.
struct SettingsTable {
    /// The path of the table with a dot at its end, or nothing for the file itself.
    private let prefix: String
    private let entries: [String: TOMLNode]
    private let known: [SettingKey]
    private let lines: KeyLines
    private(set) var errors: [ConfigurationError] = []

    /// - Parameter known: Every key the table may have; others are errors that name the nearest.
    init(_ entries: [String: TOMLNode], path: String, known: [SettingKey], lines: KeyLines) {
        prefix = path.isEmpty ? "" : "\(path)."
        self.entries = entries
        self.known = known
        self.lines = lines
        let names = known.map(\.name)
        for key in entries.keys.sorted() where !names.contains(key) {
            let nearest = NearestWord.to(key, in: names) ?? ""
            errors.append(.unknownKey(prefix + key, nearest: nearest, line: line(key)))
        }
    }

    mutating func text(_ key: String) -> String? {
        switch entries[key] {
        case .string(let text): return text
        case nil: return nil
        default: return wrong(key, Text(id: "teks dalam tanda kutip", en: "text in quotes"))
        }
    }

    /// A text that has to be there.
    mutating func needed(_ key: String) -> String? {
        if entries[key] == nil { missing(key) }
        return text(key)
    }

    mutating func missing(_ key: String) {
        errors.append(.missing(prefix + key))
    }

    /// One text, or a list of texts.
    mutating func texts(_ key: String) -> [String] {
        switch entries[key] {
        case .string(let text): return [text]
        case .array(let nodes):
            let texts = nodes.compactMap { if case .string(let text) = $0 { text } else { nil } }
            if texts.count == nodes.count { return texts }
        case nil: return []
        default: break
        }
        let expected = Text(
            id: "teks dalam tanda kutip, atau daftarnya", en: "text in quotes, or a list of such")
        return wrong(key, expected) ?? []
    }

    mutating func flag(_ key: String) -> Bool? {
        switch entries[key] {
        case .flag(let flag): return flag
        case nil: return nil
        default: return wrong(key, Text(id: "true atau false", en: "true or false"))
        }
    }

    /// A whole number of the range that belongs to the key.
    mutating func number(_ key: String) -> Int64? {
        let value = known.first { $0.name == key }?.value
        guard case .number(let range) = value else { return nil }
        let expected = Text(
            id: "bilangan bulat dari \(range.lowerBound) sampai \(range.upperBound)",
            en: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        switch entries[key] {
        case .integer(let number) where range.contains(number): return number
        case .integer(let number):
            invalid(key, value: "\(number)", rule: expected)
            return nil
        case nil: return nil
        default: return wrong(key, expected)
        }
    }

    mutating func table(_ key: String) -> [String: TOMLNode]? {
        switch entries[key] {
        case .table(let table): return table
        case nil: return nil
        default: return wrong(key, Text(id: "bagian [\(key)]", en: "a section [\(key)]"))
        }
    }

    mutating func tables(_ key: String) -> [[String: TOMLNode]] {
        switch entries[key] {
        case .array(let nodes):
            let tables = nodes.compactMap { if case .table(let table) = $0 { table } else { nil } }
            if tables.count == nodes.count { return tables }
        case nil: return []
        default: break
        }
        return wrong(key, Text(id: "bagian [[\(key)]]", en: "sections [[\(key)]]")) ?? []
    }

    mutating func invalid(_ key: String, value: String, rule: Text) {
        let shown = String(value.prefix(80))
        errors.append(.invalid(prefix + key, value: shown, rule: rule, line: line(key)))
    }

    mutating func obstacle(_ key: String, _ obstacle: LinkObstacle) {
        errors.append(.link(prefix + key, obstacle, line: line(key)))
    }

    mutating func duplicate(_ key: String, value: String) {
        errors.append(.duplicate(prefix + key, value: value, line: line(key)))
    }

    mutating func unknownDriver(_ key: String, value: String, nearest: String) {
        let shown = String(value.prefix(80))
        errors.append(
            .unknownDriver(prefix + key, value: shown, nearest: nearest, line: line(key)))
    }

    private mutating func wrong<Value>(_ key: String, _ expected: Text) -> Value? {
        errors.append(.wrongType(prefix + key, expected: expected, line: line(key)))
        return nil
    }

    private func line(_ key: String) -> Int? { lines[prefix + key] }
}
