import Attendance
import TerminalKit
import Transports
internal import TOML

/// Turns the text of a configuration into a ``Configuration``, and collects what is wrong.
struct ConfigurationReader {
    private let text: String
    private let lines: KeyLines
    private(set) var errors: [ConfigurationError] = []

    init(_ text: String) {
        self.text = text
        lines = KeyLines(of: text)
    }

    /// - Returns: nil if there are ``errors``.
    mutating func read() -> Configuration? {
        let root: TOMLNode
        do {
            root = try TOMLNode(parsing: text)
        } catch {
            errors = [.syntax(line: error.line, column: error.column, reason: error.reason)]
            return nil
        }
        guard case .table(let entries) = root else { return nil }
        var table = SettingsTable(
            entries, path: "", known: Configuration.keys["", default: []], lines: lines)
        let office = Self.office(&table)
        let zone = Self.zone(&table)
        let server = table.table("server")
        let stick = table.table("stick")
        let page = table.table("page")
        let metrics = table.table("metrics")
        let terminals = table.tables("terminal")
        let push = table.table("push")
        errors += table.errors
        let readServer = self.server(server ?? [:])
        let readStick = self.stick(stick ?? [:])
        var officeReader = OfficeReader(lines)
        let readPage = officeReader.page(page ?? [:])
        let metricsFile = officeReader.metrics(metrics ?? [:])
        errors += officeReader.errors
        let readTerminals = self.terminals(terminals)
        let readPush = push.flatMap { self.push($0, beside: readTerminals) }
        guard errors.isEmpty, let office, let zone else { return nil }
        var configuration = Configuration(
            office: office, zone: zone, server: readServer, terminals: readTerminals,
            push: readPush)
        configuration.stick = readStick
        configuration.page = readPage
        configuration.metricsFile = metricsFile
        return configuration
    }

    private mutating func stick(_ entries: [String: TOMLNode]) -> Configuration.Stick {
        var table = SettingsTable(
            entries, path: "stick", known: Configuration.keys["stick", default: []], lines: lines)
        defer { errors += table.errors }
        var stick = Configuration.Stick()
        stick.isOn = table.flag("import") ?? stick.isOn
        if entries["watch"] != nil { stick.watch = table.texts("watch").map(Self.folder) }
        for path in stick.watch where !path.hasPrefix("/") {
            table.invalid(
                "watch", value: path,
                rule: Text(
                    id: "folder yang dimulai dengan /, misalnya /media",
                    en: "folders that begin with /, such as /media"))
        }
        return stick
    }

    /// The path without slashes at its end.
    private static func folder(_ text: String) -> String {
        var path = text[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }

    private static func office(_ table: inout SettingsTable) -> OfficeID? {
        guard let text = table.needed("office") else { return nil }
        if let office = try? OfficeID(text) { return office }
        table.invalid(
            "office", value: text,
            rule: Text(
                id: "1 sampai 64 huruf kecil, angka dan '-'",
                en: "1 to 64 lower-case letters, digits and '-'"))
        return nil
    }

    private static func zone(_ table: inout SettingsTable) -> Zone? {
        guard let text = table.needed("timezone") else { return nil }
        if let zone = try? Zone(text) { return zone }
        table.invalid(
            "timezone", value: text,
            rule: Text(
                id: "Asia/Jakarta (WIB), Asia/Makassar (WITA) atau Asia/Jayapura (WIT)",
                en: "Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)"))
        return nil
    }

    private mutating func server(_ entries: [String: TOMLNode]) -> Configuration.Server {
        var table = SettingsTable(
            entries, path: "server", known: Configuration.keys["server", default: []], lines: lines)
        defer { errors += table.errors }
        var server = Configuration.Server()
        if let text = table.text("url") {
            server.url = Self.serverURL(text)
            if server.url == nil {
                table.invalid(
                    "url", value: text,
                    rule: Text(
                        id: "https:// lalu nama server, misalnya https://bkd.example.go.id",
                        en: "https:// and the server's name, such as https://bkd.example.go.id"))
            }
        }
        server.pins = table.texts("pin")
        for pin in server.pins where !pin.hasPrefix("sha256//") {
            table.invalid(
                "pin", value: pin,
                rule: Text(id: "sha256// lalu base64", en: "sha256// and base64"))
        }
        server.proxy = Self.proxy(&table)
        if let seconds = table.number("retry_base_s") {
            server.retryBase = .seconds(seconds)
        }
        if let seconds = table.number("heartbeat_s") {
            server.heartbeat = .seconds(seconds)
        }
        return server
    }

    private static func proxy(_ table: inout SettingsTable) -> Configuration.Proxy? {
        let loginFile = table.text("proxy_login_file")
        guard let text = table.text("proxy") else {
            if loginFile != nil { table.missing("proxy") }
            return nil
        }
        guard let proxy = Configuration.Proxy(text, loginFile: loginFile) else {
            table.invalid(
                "proxy", value: text.contains("@") ? "…" : text,
                rule: Text(
                    id: "misalnya http://192.168.1.1:3128; nama dan sandi di proxy_login_file",
                    en: "such as http://192.168.1.1:3128; name and password in proxy_login_file"))
            return nil
        }
        return proxy
    }

    private mutating func push(
        _ entries: [String: TOMLNode], beside terminals: [Configuration.Terminal]
    ) -> Configuration.Push? {
        var reader = PushReader(lines, names: terminals.map(\.name))
        defer { errors += reader.errors }
        return reader.read(entries)
    }

    /// - Returns: The address without slashes at its end; nil if it is none.
    private static func serverURL(_ text: String) -> String? {
        var url = text[...]
        while url.hasSuffix("/") { url = url.dropLast() }
        let host = url.dropFirst("https://".count)
        let visible = host.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard text.hasPrefix("https://"), !host.isEmpty, visible, !host.contains("@") else {
            return nil
        }
        return String(url)
    }

    private mutating func terminals(
        _ sections: [[String: TOMLNode]]
    ) -> [Configuration.Terminal] {
        var terminals: [Configuration.Terminal] = []
        for (index, entries) in sections.enumerated() {
            var reader = TerminalReader(
                SettingsTable(
                    entries, path: "terminal[\(index + 1)]",
                    known: Configuration.keys["terminal", default: []], lines: lines))
            if let terminal = reader.read(beside: terminals) { terminals.append(terminal) }
            errors += reader.table.errors
        }
        for index in terminals.indices {
            let address = terminals[index].address
            let onIt = terminals.count { $0.address.lineName == address.lineName }
            terminals[index].sharesLine = onIt > 1 && !address.isListening
        }
        return terminals
    }
}

/// Reads one section `[[terminal]]`.
private struct TerminalReader {
    var table: SettingsTable

    init(_ table: SettingsTable) {
        self.table = table
    }

    /// Reads every key before it gives up, so that all errors are told at the same time.
    ///
    /// - Returns: nil if anything that is needed is missing or wrong.
    mutating func read(beside others: [Configuration.Terminal]) -> Configuration.Terminal? {
        let name = table.name(besides: others.map(\.name))
        let driver = self.driver()
        let address = self.address(driver: driver)
        let poll = table.number("poll_s")
        let live = table.flag("live")
        let commKeyFile = table.text("comm_key_file")
        let serialNumber = table.text("serial_number")
        let confirm = self.confirm(driver: driver)
        let station = table.number("station")
        let recordSize = table.number("record_size")
        let pause = table.number("pause_ms")
        let number = station.map { UInt32(truncatingIfNeeded: $0) } ?? address?.station
        if let driver, !KnownDrivers.tellsWhoItIs(driver) {
            checkWhoItIs(driver, serialNumber, number, beside: others)
        }
        if address?.isWebService == true { checkSerial(serialNumber) }
        guard let name, let driver, let address else { return nil }
        // The web server gives the whole log each time, and is no fast machine.
        let usualPoll: Int64 = address.isWebService ? 300 : 30
        var terminal = Configuration.Terminal(
            name: name, driver: driver, address: address, poll: .seconds(poll ?? usualPoll),
            live: live ?? true, commKeyFile: commKeyFile, serialNumber: serialNumber,
            confirm: confirm ?? .never,
            station: number, recordSize: recordSize.map(Int.init))
        terminal.pause = pause.map { .milliseconds($0) }
        checkLine(of: terminal, beside: others)
        return terminal
    }

    /// Whether a terminal can be told from the others on its line.
    private mutating func checkLine(
        of terminal: Configuration.Terminal, beside others: [Configuration.Terminal]
    ) {
        let address = terminal.address
        let sharing = others.filter { $0.address.lineName == address.lineName }
        guard !sharing.isEmpty else { return }
        if sharing.contains(where: { $0.isNotTold(from: terminal) }) {
            table.duplicate("link", value: address.description)
        } else if address.isListening, !(sharing + [terminal]).allSatisfy(\.tellsItself) {
            table.invalid(
                "link", value: address.description,
                rule: Text(
                    id: "tiap mesin pada port ini perlu serial_number atau ?station=",
                    en: "every terminal on this port needs serial_number or ?station="))
        }
    }

    /// A web server does not tell the serial number of its terminal: the configuration has to.
    private mutating func checkSerial(_ text: String?) {
        guard let text else { return table.missing("serial_number") }
        guard (try? TerminalID(make: "zkteco", serial: text)) == nil else { return }
        table.invalid(
            "serial_number", value: text,
            rule: Text(
                id: "1 sampai 64 huruf, angka, '-', '.', '_' dan '+'",
                en: "1 to 64 letters, digits, '-', '.', '_' and '+'"))
    }

    /// A make that cannot tell its serial number is who the configuration says, and is found by
    /// its number on the line.
    private mutating func checkWhoItIs(
        _ driver: String, _ serialNumber: String?, _ station: UInt32?,
        beside others: [Configuration.Terminal]
    ) {
        if let serialNumber {
            if (try? TerminalID(make: driver, serial: serialNumber)) == nil {
                table.invalid(
                    "serial_number", value: serialNumber,
                    rule: Text(
                        id: "1 sampai 64 huruf, angka, '-', '.', '_' dan '+'",
                        en: "1 to 64 letters, digits, '-', '.', '_' and '+'"))
            }
            let isTaken = others.contains {
                $0.driver == driver && $0.serialNumber == serialNumber
            }
            if isTaken { table.duplicate("serial_number", value: serialNumber) }
        } else {
            table.missing("serial_number")
        }
        guard let station else { return table.missing("station") }
        guard !(1...254).contains(station) else { return }
        table.invalid(
            "station", value: "\(station)",
            rule: Text(id: "nomor node 1 sampai 254", en: "a node number from 1 to 254"))
    }

    private mutating func driver() -> String? {
        guard let text = table.needed("driver") else { return nil }
        if KnownDrivers.names.contains(text) { return text }
        table.unknownDriver("driver", value: text, nearest: KnownDrivers.nearest(to: text))
        return nil
    }

    private mutating func address(driver: String?) -> Address? {
        guard let text = table.needed("link") else { return nil }
        if let driver, let obstacle = KnownDrivers.obstacle(for: driver, over: text) {
            table.obstacle("link", obstacle)
            return nil
        }
        do throws(InvalidValue) {
            return try Address(text, defaultPort: driver.flatMap(KnownDrivers.defaultPort))
        } catch {
            table.invalid(
                "link", value: text,
                rule: Text(
                    id:
                        "misalnya tcp://192.168.1.201:4370, udp://… atau serial:///dev/… (\(error.rule))",
                    en:
                        "such as tcp://192.168.1.201:4370, udp://… or serial:///dev/… (\(error.rule))"
                ))
            return nil
        }
    }

    private mutating func confirm(driver: String?) -> ConfirmPolicy? {
        guard let text = table.text("confirm") else { return nil }
        let policies = driver.map(KnownDrivers.confirmPolicies) ?? ConfirmPolicy.allCases
        if let policy = policies.first(where: { $0.rawValue == text }) { return policy }
        let words = policies.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        table.invalid(
            "confirm", value: text,
            rule: Text(id: "driver ini mengenal \(words)", en: "this driver knows \(words)"))
        return nil
    }
}

extension Configuration.Terminal {
    /// Whether it can be told from others that dial in.
    fileprivate var tellsItself: Bool { station != nil || serialNumber != nil }

    /// Whether both would be found at the same place.
    fileprivate func isNotTold(from other: Configuration.Terminal) -> Bool {
        guard station == other.station else { return false }
        return !address.isListening || serialNumber == other.serialNumber
    }
}
