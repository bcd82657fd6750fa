public import Attendance

/// A list of offices as CSV: a heading with `id`, `name`, `zone`, `stage` and `contact` in any
/// order, then one office a line.
public enum OfficeList {
    public struct Row: Hashable, Sendable {
        public let id: OfficeID
        public let name: String
        public let zone: Zone
        public let stage: Office.Stage
        public let contact: String?
    }

    static let columns = ["id", "name", "zone", "stage", "contact"]

    /// Reads the whole list.
    ///
    /// - Throws: ``CentralError/badOffices(line:column:rule:)`` naming the first place that is
    ///   wrong, the line counted from 1.
    public static func read(_ bytes: [UInt8]) throws(CentralError) -> [Row] {
        var records = try CSV.records(bytes)[...]
        guard let heading = records.popFirst() else {
            throw .badOffices(line: 1, column: "id", rule: "the list is empty")
        }
        let places = try places(of: heading)
        var rows: [Row] = []
        var seen: [OfficeID: Int] = [:]
        for record in records {
            let row = try row(record, places: places, width: heading.fields.count)
            if let earlier = seen.updateValue(record.line, forKey: row.id) {
                throw .badOffices(
                    line: record.line, column: "id",
                    rule: "\(row.id) is on line \(earlier) already")
            }
            rows.append(row)
        }
        return rows
    }

    private static func places(of heading: CSV.Record) throws(CentralError) -> [String: Int] {
        var places: [String: Int] = [:]
        for (index, name) in heading.fields.enumerated() {
            let name = name.lowercased()
            guard columns.contains(name) else {
                throw .badOffices(
                    line: heading.line, column: name,
                    rule: "the columns are \(columns.joined(separator: ", "))")
            }
            places[name] = index
        }
        for column in columns where column != "contact" && places[column] == nil {
            throw .badOffices(line: heading.line, column: column, rule: "the column is missing")
        }
        return places
    }

    private static func row(
        _ record: CSV.Record, places: [String: Int], width: Int
    ) throws(CentralError) -> Row {
        guard record.fields.count == width else {
            throw .badOffices(
                line: record.line, column: columns[0],
                rule: "the line has \(record.fields.count) fields and not \(width)")
        }
        func field(_ column: String) -> String {
            places[column].map { record.fields[$0] } ?? ""
        }
        func checked<Result>(
            _ column: String, _ read: (String) throws(InvalidValue) -> Result
        ) throws(CentralError) -> Result {
            do { return try read(field(column)) } catch {
                throw .badOffices(line: record.line, column: column, rule: "\(error)")
            }
        }
        let name = field("name")
        guard (1...200).contains(name.utf8.count) else {
            throw .badOffices(
                line: record.line, column: "name", rule: "a name has 1 to 200 characters")
        }
        return Row(
            id: try checked("id") { text throws(InvalidValue) in try OfficeID(text) },
            name: name,
            zone: try checked("zone") { text throws(InvalidValue) in try Zone(text) },
            stage: try checked("stage") { text throws(InvalidValue) in
                try Office.Stage(word: text)
            },
            contact: field("contact").isEmpty ? nil : field("contact"))
    }
}
