import Attendance
import Transports
internal import TOML

/// Reads the section `[push]`.
struct PushReader {
    private(set) var errors: [ConfigurationError] = []
    private let lines: KeyLines
    /// Names that other terminals have.
    private let taken: [String]

    init(_ lines: KeyLines, names: [String]) {
        self.lines = lines
        taken = names
    }

    /// - Returns: nil if anything that is needed is missing or wrong.
    mutating func read(_ entries: [String: TOMLNode]) -> Configuration.Push? {
        var table = SettingsTable(
            entries, path: "push", known: Configuration.keys["push", default: []], lines: lines)
        let place = self.place(&table)
        let setsClock = table.flag("set_clock")
        let sections = table.tables("terminal")
        errors += table.errors
        let terminals = self.terminals(sections)
        guard let place else { return nil }
        return Configuration.Push(
            host: place.host, port: place.port, setsClock: setsClock ?? false,
            terminals: terminals)
    }

    private func place(_ table: inout SettingsTable) -> (host: String, port: Int)? {
        guard let text = table.needed("listen") else { return nil }
        if let address = try? Address("tcp://\(text)"), address.station == nil,
            case .tcp(let host, let port) = address.line
        {
            return (host, port)
        }
        table.invalid(
            "listen", value: text,
            rule: Text(
                id: "alamat dan port kotak ini, misalnya 0.0.0.0:8081",
                en: "an address and port of this box, such as 0.0.0.0:8081"))
        return nil
    }

    private mutating func terminals(
        _ sections: [[String: TOMLNode]]
    ) -> [Configuration.Push.Terminal] {
        var terminals: [Configuration.Push.Terminal] = []
        for (index, entries) in sections.enumerated() {
            var table = SettingsTable(
                entries, path: "push.terminal[\(index + 1)]",
                known: Configuration.keys["push.terminal", default: []], lines: lines)
            let name = table.name(besides: taken + terminals.map(\.name))
            let serial = Self.serial(&table, besides: terminals)
            if let name, let serial,
                let terminal = try? Configuration.Push.Terminal(name: name, serialNumber: serial)
            {
                terminals.append(terminal)
            }
            errors += table.errors
        }
        return terminals
    }

    private static func serial(
        _ table: inout SettingsTable, besides others: [Configuration.Push.Terminal]
    ) -> String? {
        guard let text = table.needed("serial_number") else { return nil }
        guard (try? Configuration.Push.Terminal(name: "", serialNumber: text)) != nil else {
            table.invalid(
                "serial_number", value: text,
                rule: Text(
                    id: "1 sampai 64 huruf, angka, '-', '.', '_', seperti pada menu mesin",
                    en: "1 to 64 letters, digits, '-', '.', '_', as the terminal's menu shows it"))
            return nil
        }
        if others.contains(where: { $0.serialNumber == text }) {
            table.duplicate("serial_number", value: text)
        }
        return text
    }
}

extension SettingsTable {
    /// The label of a terminal, which no other has.
    mutating func name(besides others: [String]) -> String? {
        guard let text = needed("name") else { return nil }
        let allowed = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard (1...32).contains(text.utf8.count), allowed else {
            invalid(
                "name", value: text,
                rule: Text(
                    id: "1 sampai 32 huruf kecil, angka dan '-'",
                    en: "1 to 32 lower-case letters, digits and '-'"))
            return nil
        }
        if others.contains(text) { duplicate("name", value: text) }
        return text
    }
}
