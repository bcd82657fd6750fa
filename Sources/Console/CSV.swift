/// One row of comma-separated values as RFC 4180 and spreadsheets want it.
enum CSV {
    /// The row with its line end.
    ///
    /// A field that a spreadsheet would take for a formula gets an apostrophe in front: what a
    /// terminal sent must never run on an official's computer.
    static func row(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }

    private static func field(_ text: String) -> String {
        var text = text
        if let first = text.first, "=+-@\t\r".contains(first) { text = "'" + text }
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
