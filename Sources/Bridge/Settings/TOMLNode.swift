internal import TOMLKit

/// A TOML document as plain values; the library stays behind this file.
indirect enum TOMLNode: Hashable, Sendable {
    case table([String: TOMLNode])
    case array([TOMLNode])
    case string(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    /// Dates and times, which no key of ours takes.
    case date

    /// Where and why a text is no TOML.
    struct SyntaxError: Error, Hashable, Sendable {
        let line: Int
        let column: Int
        /// The library's words, in English.
        let reason: String
    }

    init(parsing text: String) throws(SyntaxError) {
        do {
            self = .table(try Self.entries(of: TOMLTable(string: text)))
        } catch let error as TOMLParseError {
            throw SyntaxError(
                line: error.source.begin.line, column: error.source.begin.column,
                reason: error.description)
        } catch {
            throw SyntaxError(line: 1, column: 1, reason: "\(error)")
        }
    }

    private static func entries(of table: TOMLTable) -> [String: TOMLNode] {
        var entries: [String: TOMLNode] = [:]
        for key in table.keys {
            if let value = table[key] { entries[key] = node(value) }
        }
        return entries
    }

    private static func node(_ value: any TOMLValueConvertible) -> TOMLNode {
        if let table = value.table { return .table(entries(of: table)) }
        if let array = value.array { return .array(array.map(node)) }
        if let text = value.string { return .string(text) }
        if let flag = value.bool { return .flag(flag) }
        if value.type == .int, let number = value.int { return .integer(Int64(number)) }
        if let number = value.double { return .number(number) }
        return .date
    }
}
