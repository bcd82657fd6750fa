import Attendance
internal import TOML

/// Reads the sections `[page]` and `[metrics]`: files for others than the BKD.
struct OfficeReader {
    private(set) var errors: [ConfigurationError] = []
    private let lines: KeyLines

    init(_ lines: KeyLines) {
        self.lines = lines
    }

    mutating func page(_ entries: [String: TOMLNode]) -> Configuration.Page {
        var table = self.table(entries, "page")
        defer { errors += table.errors }
        var page = Configuration.Page()
        page.file = Self.file(&table, else: page.file)
        guard let contact = table.text("contact") else { return page }
        let isPlain = contact.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control
        }
        guard (1...200).contains(contact.count), isPlain else {
            table.invalid(
                "contact", value: contact,
                rule: Text(
                    id: "satu baris, 1 sampai 200 huruf", en: "one line, 1 to 200 characters"))
            return page
        }
        page.contact = contact
        return page
    }

    /// - Returns: Where metrics are written; nil for nowhere.
    mutating func metrics(_ entries: [String: TOMLNode]) -> String? {
        var table = self.table(entries, "metrics")
        defer { errors += table.errors }
        return Self.file(&table, else: "/run/titian/titian.prom")
    }

    private func table(_ entries: [String: TOMLNode], _ path: String) -> SettingsTable {
        SettingsTable(
            entries, path: path, known: Configuration.keys[path, default: []], lines: lines)
    }

    /// An empty text says that there is to be no file.
    private static func file(_ table: inout SettingsTable, else usual: String?) -> String? {
        guard let path = table.text("file") else { return usual }
        guard !path.isEmpty else { return nil }
        if path.hasPrefix("/"), !path.hasSuffix("/") { return path }
        table.invalid(
            "file", value: path,
            rule: Text(
                id: "berkas yang dimulai dengan /, atau \"\" bila tidak perlu",
                en: "a file that begins with /, or \"\" for none"))
        return usual
    }
}
