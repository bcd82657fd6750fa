import Attendance
import Bridge
import Speech
import TerminalKit
import Transports

/// A search's findings for people.
extension ScanReport {
    /// - Parameter path: The configuration's file, named where sections are to be added to it.
    func text(configuration path: String) -> String {
        var lines: [String] = []
        if looksAtPorts { lines += portLines }
        if looksAtUSB { lines += usbLines }
        if looksAtNetwork { lines += networkLines }
        let toml = toml
        if !toml.isEmpty {
            lines += [
                "",
                say(id: "Tambahkan ke \(path):", en: "Add to \(path):"), "",
                String(toml.dropLast()),
            ]
        }
        lines += ["", "\(Words.mark(verdict)) \(conclusion)"]
        return lines.map { "\($0)\n" }.joined()
    }

    private var conclusion: String {
        let count = terminals.count
        if count == 0 {
            return say(
                id: "Tidak ada mesin baru. Periksa daya, kabel dan menu Comm mesin, lalu ulangi.",
                en: "No new terminal. Check power, cable and the terminal's Comm menu; try again.")
        }
        let known = terminals.filter { $0.configuredAs != nil }.count
        return say(
            id: "\(count) mesin ditemukan, \(known) sudah ada pada konfigurasi.",
            en: "\(count) terminals found, \(known) in the configuration already.")
    }

    // MARK: Terminals

    private func words(_ terminal: FoundTerminal) -> String {
        var words = [terminal.driver]
        words += [terminal.identity?.serial, terminal.identity?.model, terminal.identity?.firmware]
            .compactMap { $0 }.filter { !$0.isEmpty }
        if let clock = terminal.clock {
            words.append(
                say(id: "jam ", en: "clock ") + Format.offset(clock.offsetMilliseconds))
        }
        if let records = Format.filling(
            terminal.counters?.records, of: terminal.counters?.recordCapacity)
        {
            words.append("\(records) \(say(id: "rekaman", en: "records"))")
        }
        if let problem = terminal.problem { words.append(problem.summary(Speech.language)) }
        if let name = terminal.configuredAs {
            words.append(say(id: "(sudah ada: \(name))", en: "(configured: \(name))"))
        }
        let mark = Words.mark(terminal.problem == nil ? .good : .attention)
        return "  \(mark) \(terminal.address.shortest)\(station(terminal))  "
            + words.joined(separator: "  ")
    }

    private func station(_ terminal: FoundTerminal) -> String {
        terminal.address.station.map { say(id: " no. \($0)", en: " no. \($0)") } ?? ""
    }

    // MARK: Ports

    private var portLines: [String] {
        let head = say(id: "Port serial", en: "Serial ports")
        guard !lines.isEmpty else {
            return [head, "  " + say(id: "tidak ada", en: "none")]
        }
        return [head] + lines.flatMap(words)
    }

    private func words(_ line: SerialLine) -> [String] {
        var rows = ["  \(title(line))"]
        if line.port?.stability == .plain {
            rows.append(
                "    "
                    + say(
                        id: "▲ nama ini dapat berubah: udev tidak membuat tautan untuknya",
                        en: "▲ this name may change: udev made no link for it"))
        }
        switch line.finding {
        case .searched(.terminals(let found)): rows += found.map { "  \(words($0))" }
        case .zkCable: rows += line.problem.map(notRead) ?? []
        default: rows.append("    \(sentence(line))")
        }
        return rows
    }

    private func title(_ line: SerialLine) -> String {
        guard let port = line.port else { return line.path }
        var words = [port.node, port.adapter]
        if let usb = port.usb {
            words.append(usb.numbers)
            if let serial = usb.serial { words.append(serial) }
        }
        if port.stablePath != port.node { words.append("→ \(port.stablePath)") }
        return words.joined(separator: "  ")
    }

    private func sentence(_ line: SerialLine) -> String {
        switch line.finding {
        case .readByDaemon(let name):
            return say(
                id: "● dibaca titiand (\(name)); tidak disentuh",
                en: "● read by titiand (\(name)); left alone")
        case .searched(.talking(let bytes, _)):
            let sample = Array(bytes.prefix(16)).hex
            return say(
                id: "▲ mengirim tanpa ditanya (\(sample)); bukan mesin yang dikenal",
                en: "▲ sends unasked (\(sample)); no terminal that is known")
        case .searched(.unusable(let problem)):
            return "▲ \(problem.summary(Speech.language))\(who(line))"
        case .searched(.stranger(let problem)): return "▲ \(problem.summary(Speech.language))"
        default:
            return say(
                id: "  tidak ada yang menjawab; coba --deep, periksa kabel dan kecepatan",
                en: "  nobody answers; try --deep, check cable and speed")
        }
    }

    private func who(_ line: SerialLine) -> String {
        if !line.holders.isEmpty { return " (\(line.holders.joined(separator: ", ")))" }
        guard !line.suspects.isEmpty else { return "" }
        let names = line.suspects.joined(separator: ", ")
        return say(id: " (mungkin \(names))", en: " (perhaps \(names))")
    }

    // MARK: USB and network

    private var usbLines: [String] {
        guard !usb.isEmpty else { return [] }
        return ["USB"] + usb.flatMap(words)
    }

    private func words(_ device: AttachedUSB) -> [String] {
        let words = [device.numbers, device.text, sentence(device.kind)]
        let row = "  \(words.compactMap { $0 }.joined(separator: "  "))"
        return [row] + (device.problem.map(notRead) ?? [])
    }

    /// What is there and cannot be read, and what to do instead.
    private func notRead(_ problem: Problem) -> [String] {
        [
            "    ▲ \(problem.summary(Speech.language))",
            "      \(problem.remedy(Speech.language))",
        ]
    }

    private func sentence(_ kind: AttachedUSB.Kind) -> String {
        switch kind {
        case .zkTerminal:
            say(id: "mesin ZKTeco", en: "a ZKTeco terminal")
        case .enrolmentReader:
            say(
                id: "alat perekam sidik jari untuk PC, bukan mesin absensi",
                en: "a fingerprint reader for a PC, not a terminal")
        case .unknown: say(id: "tidak dikenal", en: "unknown")
        }
    }

    private var networkLines: [String] {
        var rows = [say(id: "Jaringan", en: "Network")]
        for range in ranges {
            let name = range.interface.isEmpty ? range.text : "\(range.text) (\(range.interface))"
            rows.append(
                range.isTooLarge
                    ? say(
                        id: "  ▲ \(name) terlalu besar; sebut sebagian dengan --subnet",
                        en: "  ▲ \(name) is too large; name a part of it with --subnet")
                    : "  \(name)")
        }
        if ranges.isEmpty {
            rows.append("  " + say(id: "tidak ada jaringan kantor", en: "no private network"))
        }
        rows += heldHosts.map {
            say(
                id: "  ● \($0.host)  dibaca titiand (\($0.name)); tidak disentuh",
                en: "  ● \($0.host)  read by titiand (\($0.name)); left alone")
        }
        rows += networkTerminals.map(words)
        rows += strangers.map {
            "  ▲ \($0.host):\($0.port)  \($0.problem.summary(Speech.language))"
        }
        return rows
    }
}
