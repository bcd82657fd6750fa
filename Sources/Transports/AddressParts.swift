import Attendance

/// A link address cut into its parts, each checked against its rule when it is asked for.
struct AddressParts {
    let text: String
    let scheme: String
    /// Without the brackets of an IPv6 address; empty for a serial line.
    let host: String
    let portText: String?
    private let path: String
    private let options: [(name: String, value: String)]

    private static let later = [
        "file": "a stick is not a link; 'titian import' reads its files"
    ]

    private static let allowed = [
        "serial": ["baud", "format", "station"],
        "usb": ["serial", "interface", "in", "out", "baud", "format", "station"],
        "tcp": ["mss", "station"],
    ]

    init(_ text: String) throws(InvalidValue) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw InvalidValue(text, rule: "a link has only visible ASCII characters")
        }
        guard let mark = text.firstRange(of: "://") else {
            throw InvalidValue(text, rule: "a link is written scheme://…, such as tcp://host")
        }
        scheme = text[..<mark.lowerBound].lowercased()
        if let rule = Self.later[scheme] { throw InvalidValue(text, rule: rule) }
        let whole = text[mark.upperBound...].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = whole[0]
        let slash = place.firstIndex(of: "/") ?? place.endIndex
        self.text = text
        path = String(place[slash...])
        options = try Self.options(in: whole.count > 1 ? whole[1] : "", of: text)
        (host, portText) = try Self.authority(place[..<slash], of: text)
        try check()
    }

    private func check() throws(InvalidValue) {
        let allowed = Self.allowed[scheme] ?? ["station"]
        for (name, _) in options where !allowed.contains(name) {
            throw InvalidValue(
                text, rule: "a \(scheme) link takes only \(allowed.joined(separator: ", "))")
        }
        if scheme == "serial" { return }
        let isUSB = scheme == "usb"
        guard !host.isEmpty else {
            if isUSB {
                throw InvalidValue(text, rule: "a usb link names a device: usb://1b55:b400")
            }
            throw InvalidValue(text, rule: "a \(scheme) link names a host: \(scheme)://host:port")
        }
        guard path.isEmpty || path == "/" else {
            let end = isUSB ? "numbers" : "port"
            throw InvalidValue(text, rule: "a \(scheme) link has no path behind the \(end)")
        }
    }

    func devicePath() throws(InvalidValue) -> String {
        guard host.isEmpty, portText == nil, path.utf8.count > 1 else {
            throw InvalidValue(
                text, rule: "a serial link has three slashes and a path: serial:///dev/ttyUSB0")
        }
        return path
    }

    func port(orDefault defaultPort: Int?) throws(InvalidValue) -> Int {
        guard let portText else {
            guard let defaultPort else {
                throw InvalidValue(text, rule: "a \(scheme) link ends with a port: …:4370")
            }
            return defaultPort
        }
        guard let port = number(portText), (1...65_535).contains(port) else {
            throw InvalidValue(text, rule: "a port is a number from 1 to 65535")
        }
        return port
    }

    func station() throws(InvalidValue) -> UInt32? {
        guard let value = option("station") else { return nil }
        guard let number = number(value), number > 0, let station = UInt32(exactly: number) else {
            throw InvalidValue(text, rule: "a station is a number from 1 to 4294967295")
        }
        return station
    }

    /// Below 536 bytes no network needs to go, and above 1460 none of Ethernet goes.
    func maximumSegment() throws(InvalidValue) -> Int? {
        guard let value = option("mss") else { return nil }
        guard let bytes = number(value), (536...1_460).contains(bytes) else {
            throw InvalidValue(text, rule: "a segment (mss) is a number from 536 to 1460")
        }
        return bytes
    }

    func serialSettings() throws(InvalidValue) -> SerialSettings {
        var settings = SerialSettings()
        if let value = option("baud") {
            guard let baud = number(value), (50...4_000_000).contains(baud) else {
                throw InvalidValue(text, rule: "a speed (baud) is a number from 50 to 4000000")
            }
            settings.baud = UInt32(baud)
        }
        if let value = option("format") { settings.format = try SerialSettings.Format(value) }
        return settings
    }

    func option(_ name: String) -> String? {
        options.first { $0.name == name }?.value
    }

    func number(_ digits: String) -> Int? {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }

    private static func options(
        in query: Substring, of text: String
    ) throws(InvalidValue) -> [(name: String, value: String)] {
        var options: [(name: String, value: String)] = []
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[1].isEmpty else {
                throw InvalidValue(text, rule: "an option of a link is written name=value")
            }
            guard !options.contains(where: { $0.name == pair[0] }) else {
                throw InvalidValue(text, rule: "an option of a link stands there once")
            }
            options.append((String(pair[0]), String(pair[1])))
        }
        return options
    }

    /// `host`, `host:port`, `[v6]` or `[v6]:port`.
    private static func authority(
        _ place: Substring, of text: String
    ) throws(InvalidValue) -> (host: String, port: String?) {
        guard !place.contains("@") else {
            throw InvalidValue(text, rule: "a link holds no user name and no password")
        }
        if place.first == "[" {
            guard let end = place.firstIndex(of: "]") else {
                throw InvalidValue(text, rule: "an IPv6 address stands in brackets: [fd00::17]")
            }
            let host = String(place[place.index(after: place.startIndex)..<end])
            guard host.allSatisfy({ $0 != "[" }), host.contains(":") else {
                throw InvalidValue(text, rule: "only an IPv6 address stands in brackets")
            }
            let rest = place[place.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw InvalidValue(text, rule: "an IPv6 address is followed by :port or nothing")
            }
            return (host, rest.isEmpty ? nil : String(rest.dropFirst()))
        }
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            throw InvalidValue(text, rule: "an IPv6 address stands in brackets: [fd00::17]")
        }
        return (parts.first.map(String.init) ?? "", parts.count == 2 ? String(parts[1]) : nil)
    }
}
