import Attendance
import Bridge
import Exchange
import TerminalKit
import Transports

/// What a search found, for scripts and for the configuration; for people see `text`.
struct ScanReport {
    /// A serial port and what answers there.
    struct SerialLine: Sendable {
        enum Finding: Sendable {
            case searched(SerialSearch.Outcome)
            case readByDaemon(String)
            case zkCable
            case notLookedAt
        }

        let path: String
        let port: SerialPorts.Port?
        var finding = Finding.notLookedAt
        /// Programs that have it open.
        var holders: [String] = []
        /// Programs that run and are known for taking ports.
        var suspects: [String] = []
    }

    struct Range: Hashable, Sendable {
        let interface: String
        let text: String
        let count: Int
        let isTooLarge: Bool
    }

    struct Stranger: Hashable, Sendable {
        let host: String
        let port: Int
        let problem: Problem
    }

    struct HeldHost: Hashable, Sendable {
        let host: String
        let name: String
    }

    var takenNames: [String] = []
    var looksAtPorts = false
    var looksAtUSB = false
    var looksAtNetwork = false
    var lines: [SerialLine] = []
    var usb: [AttachedUSB] = []
    var ranges: [Range] = []
    var networkTerminals: [FoundTerminal] = []
    var strangers: [Stranger] = []
    var heldHosts: [HeldHost] = []

    /// A ZKTeco terminal on RS232, RS485 or its USB client: the same words as of `config check`.
    static func unread(_ scheme: String) -> Problem? {
        KnownDrivers.obstacle(for: "zkteco", over: "\(scheme)://")?.problem
    }

    /// Terminals found, those on serial lines first.
    var terminals: [FoundTerminal] {
        lines.flatMap(\.terminals) + networkTerminals
    }

    var toml: String { TerminalBlocks.toml(terminals, beside: takenNames) }

    /// Good when terminals were found and nothing stood in the way.
    var verdict: Verdict {
        let isHeld =
            !heldHosts.isEmpty
            || lines.contains { if case .readByDaemon = $0.finding { true } else { false } }
        let isHindered =
            terminals.contains { $0.problem != nil } || ranges.contains(where: \.isTooLarge)
            || lines.contains {
                if case .searched(.unusable) = $0.finding { true } else { false }
            }
        return (terminals.isEmpty && !isHeld) || isHindered ? .attention : .good
    }

    /// In the order of their addresses, whoever answered first.
    mutating func sort() {
        func key(_ host: String) -> [Int] { host.split(separator: ".").map { Int($0) ?? 0 } }
        func place(_ terminal: FoundTerminal) -> [Int] {
            switch terminal.address.line {
            case .tcp(let host, let port), .udp(let host, let port): key(host) + [port]
            default: []
            }
        }
        networkTerminals.sort { place($0).lexicographicallyPrecedes(place($1)) }
        strangers.sort {
            (key($0.host) + [$0.port]).lexicographicallyPrecedes(key($1.host) + [$1.port])
        }
    }

    // MARK: JSON

    /// One object a line; `type` is `terminal`, `held`, `port`, `usb`, `range`, `stranger`.
    var json: [[UInt8]] {
        ranges.map(json) + lines.map(json) + usb.map(json)
            + heldHosts.map { json(held: $0.host, name: $0.name) } + strangers.map(json)
            + terminals.map(json)
    }

    private func json(_ range: Range) -> [UInt8] {
        var line = JSONLine()
        line.add("type", "range")
        line.add("range", range.text)
        line.add("interface", ifPresent: range.interface.isEmpty ? nil : range.interface)
        line.add("addresses", range.count)
        line.add("searched", !range.isTooLarge)
        return line.finished
    }

    private func json(held host: String, name: String) -> [UInt8] {
        var line = JSONLine()
        line.add("type", "held")
        line.add("link", host)
        line.add("configured_as", name)
        return line.finished
    }

    private func json(_ stranger: Stranger) -> [UInt8] {
        var line = JSONLine()
        line.add("type", "stranger")
        line.add("link", "\(stranger.host):\(stranger.port)")
        line.add("code", stranger.problem.code)
        line.add("message", stranger.problem.summary(.english))
        return line.finished
    }

    private func json(_ device: AttachedUSB) -> [UInt8] {
        var line = JSONLine()
        line.add("type", "usb")
        line.add("kind", device.kind.rawValue)
        line.add("usb", device.numbers)
        line.add("socket", device.socket)
        line.add("usb_serial", ifPresent: device.serial)
        line.add("text", ifPresent: device.text)
        line.add("code", ifPresent: device.problem?.code)
        return line.finished
    }

    private func json(_ found: SerialLine) -> [UInt8] {
        var line = JSONLine()
        line.add("type", "port")
        line.add("path", found.path)
        line.add("node", ifPresent: found.port?.node)
        line.add("adapter", ifPresent: found.port?.adapter)
        line.add("kernel_driver", ifPresent: found.port?.driver)
        line.add("usb", ifPresent: found.port?.usb?.numbers)
        line.add("usb_serial", ifPresent: found.port?.usb?.serial)
        line.add("text", ifPresent: found.port?.usb?.text)
        line.add("stability", ifPresent: found.port?.stability.rawValue)
        line.add("finding", found.word)
        line.add("code", ifPresent: found.problem?.code)
        line.add("raw", ifPresent: found.unasked?.hex)
        line.add("holders", json: JSONLine.array(found.holders))
        line.add("suspects", json: JSONLine.array(found.suspects))
        return line.finished
    }

    private func json(_ terminal: FoundTerminal) -> [UInt8] {
        var line = JSONLine()
        line.add("type", "terminal")
        line.add("driver", terminal.driver)
        line.add("link", terminal.address.shortest)
        line.add("station", ifPresent: terminal.address.station.map(Int.init))
        line.add("terminal", ifPresent: terminal.identity?.id.description)
        line.add("serial", ifPresent: terminal.identity?.serial)
        line.add("mac", ifPresent: terminal.identity?.mac)
        line.add("model", ifPresent: terminal.identity?.model)
        line.add("firmware", ifPresent: terminal.identity?.firmware)
        line.add("offset_ms", ifPresent: terminal.clock.map { Int($0.offsetMilliseconds) })
        line.add("error_ms", ifPresent: terminal.clock.map { Int($0.errorMilliseconds) })
        line.add("records", ifPresent: terminal.counters?.records)
        line.add("record_capacity", ifPresent: terminal.counters?.recordCapacity)
        line.add("configured_as", ifPresent: terminal.configuredAs)
        line.add("code", ifPresent: terminal.problem?.code)
        return line.finished
    }
}

extension AttachedUSB {
    /// Why it is not read, where that is known.
    var problem: Problem? { kind == .zkTerminal ? ScanReport.unread("usb") : nil }
}

extension ScanReport.SerialLine {
    /// One word for scripts.
    var word: String {
        switch finding {
        case .searched(.terminals): "terminal"
        case .searched(.talking): "talking"
        case .searched(.stranger): "stranger"
        case .searched(.silent): "silent"
        case .searched(.unusable): "unusable"
        case .readByDaemon: "held"
        case .zkCable: "zkteco-usb"
        case .notLookedAt: "none"
        }
    }

    var terminals: [FoundTerminal] {
        if case .searched(.terminals(let found)) = finding { found } else { [] }
    }

    var problem: Problem? {
        switch finding {
        case .searched(.unusable(let problem)), .searched(.stranger(let problem)): problem
        case .zkCable: ScanReport.unread("serial")
        default: nil
        }
    }

    /// The first bytes that came without being asked for.
    var unasked: [UInt8]? {
        if case .searched(.talking(let bytes, _)) = finding { Array(bytes.prefix(64)) } else { nil }
    }
}
