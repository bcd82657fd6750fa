import Attendance
import TerminalKit
import Transports

/// Writes found terminals as sections `[[terminal]]` that a configuration takes as they are.
public enum TerminalBlocks {
    /// - Parameters:
    ///   - found: Terminals that are configured already are left out.
    ///   - taken: Names that the configuration has.
    /// - Returns: TOML; empty if nothing is new.
    public static func toml(_ found: [FoundTerminal], beside taken: [String] = []) -> String {
        var names = Set(taken)
        var links: Set<String> = []
        var known: [TerminalID: String] = [:]
        var blocks: [String] = []
        for terminal in found where terminal.configuredAs == nil {
            guard links.insert(terminal.address.description).inserted else { continue }
            if let id = terminal.identity?.id, let name = known[id] {
                blocks.append("# \(name) also answers at \(terminal.address.shortest)\n")
                continue
            }
            let name = name(for: terminal, besides: names)
            if let id = terminal.identity?.id { known[id] = name }
            names.insert(name)
            blocks.append(block(terminal, name: name))
        }
        return blocks.joined(separator: "\n")
    }

    private static func block(_ terminal: FoundTerminal, name: String) -> String {
        var lines = [
            "[[terminal]]",
            "name   = \(quoted(name))",
            "driver = \(quoted(terminal.driver))",
            "link   = \(quoted(terminal.address.shortest))",
        ]
        if let station = terminal.address.station { lines.append("station = \(station)") }
        if let identity = terminal.identity, !identity.serial.isEmpty {
            lines.append("serial_number = \(quoted(identity.serial))")
        } else if !KnownDrivers.tellsWhoItIs(terminal.driver) {
            // It has no number that can be asked for, and an invented one would be the same in
            // many offices: the section counts when somebody has looked at the label.
            lines.append("serial_number = \"\"")
            let note = "# Copy the serial number from the label, then take away the marks:"
            return ([note] + lines.map { "# \($0)" }).map { "\($0)\n" }.joined()
        }
        if terminal.wantsKey {
            lines.append("# comm_key_file = \"\(name).key\"  # it wants its key")
        }
        return lines.map { "\($0)\n" }.joined()
    }

    /// One section for a terminal that somebody named.
    ///
    /// - Parameters:
    ///   - commKeyFile: Where its communication key is kept, if it has one.
    ///   - terminal: An identity that it told is written down, so that no other takes its place.
    ///   - name: A label for people.
    public static func section(
        _ terminal: FoundTerminal, name: String, commKeyFile: String? = nil
    ) -> String {
        var text = block(terminal, name: name)
        if let commKeyFile { text += "comm_key_file = \(quoted(commKeyFile))\n" }
        return text
    }

    /// The name a search would give.
    public static func suggestion(for terminal: FoundTerminal, besides taken: Set<String>) -> String
    {
        name(for: terminal, besides: taken)
    }

    // MARK: Names

    /// Make and what tells it from its neighbours: the last of its address or of its port's name.
    private static func name(for terminal: FoundTerminal, besides taken: Set<String>) -> String {
        let base = String("\(terminal.driver)-\(place(of: terminal))".prefix(28))
        if !taken.contains(base) { return base }
        var number = 2
        while taken.contains("\(base)-\(number)") { number += 1 }
        return "\(base)-\(number)"
    }

    private static func place(of terminal: FoundTerminal) -> String {
        let station = terminal.address.station.map { "-\($0)" } ?? ""
        switch terminal.address.line {
        case .tcp(let host, _), .udp(let host, _):
            let last = host.split(separator: ".").last.map(String.init) ?? "lan"
            return letters(last) + station
        default: return "serial" + station
        }
    }

    private static func letters(_ text: String) -> String {
        let kept = text.lowercased().utf8.filter {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        return String(decoding: kept, as: UTF8.self)
    }

    // MARK: Text

    /// A basic string of TOML; a terminal may say anything of itself.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
