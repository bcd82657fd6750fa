/// Comma-separated values as spreadsheets write them (RFC 4180): quoted fields with doubled
/// quotes and line ends in them, CRLF or LF, a byte order mark, `;` where the heading has it.
enum CSV {
    struct Record: Hashable {
        /// The line on which it begins, from 1.
        let line: Int
        /// Blanks around unquoted fields are gone.
        let fields: [String]
    }

    /// - Returns: The records; empty lines are none.
    static func records(_ bytes: [UInt8]) throws(CentralError) -> [Record] {
        var reader = Reader(bytes)
        var records: [Record] = []
        while let record = try reader.next() {
            if record.fields != [""] { records.append(record) }
        }
        return records
    }

    private struct Reader {
        private var rest: ArraySlice<UInt8>
        private var line = 1
        private let separator: UInt8

        init(_ bytes: [UInt8]) {
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            rest = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
            let heading = rest.prefix { $0 != UInt8(ascii: "\n") }
            let hasSemicolon = heading.contains(UInt8(ascii: ";"))
            separator = UInt8(
                ascii: hasSemicolon && !heading.contains(UInt8(ascii: ",")) ? ";" : ",")
        }

        mutating func next() throws(CentralError) -> Record? {
            guard !rest.isEmpty else { return nil }
            let start = line
            var fields: [String] = []
            repeat {
                fields.append(try field(number: fields.count + 1))
            } while take(separator)
            _ = take(UInt8(ascii: "\r"))
            guard rest.isEmpty || take(UInt8(ascii: "\n")) else {
                throw .badOffices(
                    line: line, column: "\(fields.count)",
                    rule: "something stands behind the closing quote")
            }
            line += 1
            return Record(line: start, fields: fields)
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func field(number: Int) throws(CentralError) -> String {
            if take(UInt8(ascii: "\"")) { return try quoted(number: number) }
            let bytes = rest.prefix {
                $0 != separator && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r")
            }
            rest = rest[bytes.endIndex...]
            return trimmed(try text(bytes, number: number))
        }

        private mutating func quoted(number: Int) throws(CentralError) -> String {
            let start = line
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\"") {
                    guard take(byte) else { return try text(bytes[...], number: number) }
                }
                if byte == UInt8(ascii: "\n") { line += 1 }
                bytes.append(byte)
            }
            throw .badOffices(line: start, column: "\(number)", rule: "the quote is never closed")
        }

        private func text(_ bytes: ArraySlice<UInt8>, number: Int) throws(CentralError) -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .badOffices(line: line, column: "\(number)", rule: "the text is no UTF-8")
            }
            return text
        }

        private func trimmed(_ text: String) -> String {
            var text = text[...]
            while text.first == " " || text.first == "\t" { text.removeFirst() }
            while text.last == " " || text.last == "\t" { text.removeLast() }
            return String(text)
        }
    }
}
