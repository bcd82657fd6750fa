import Attendance
import Exchange

/// Entries of a journal that may be shown to anybody.
///
/// Built anew from what is known to be harmless; raw bytes, names of files and whatever a newer
/// version wrote are left out. A PIN becomes a word that is the same all through one bundle and
/// can be traced to nobody: it is hashed with a number that is thrown away.
public struct BlankedEntries: Sendable {
    private let salt: [UInt8]
    private let showsPins: Bool

    /// - Parameters:
    ///   - showsPins: PINs stay as they are.
    ///   - random: Where the number comes from that is thrown away.
    public init(showsPins: Bool = false, using random: inout some RandomNumberGenerator) {
        self.showsPins = showsPins
        salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// - Returns: nil if the line cannot be read at all.
    public func line(_ line: [UInt8]) -> [UInt8]? {
        guard let entry = EntryFields(line: line) else { return nil }
        var shown = JSONLine()
        shown.add("seq", entry.seq)
        shown.add("at", ifPresent: time(entry.at))
        if let boot = entry.boot { shown.add("boot", boot) }
        if let up = entry.up { shown.add("up", up) }
        shown.add("kind", ifPresent: word(entry.kind))
        shown.add(
            "terminal", ifPresent: (entry.terminal.flatMap { try? TerminalID($0) })?.description)
        shown.add("pin", ifPresent: entry.pin.map(blanked))
        shown.add("time", ifPresent: entry.time.flatMap { WallTime($0) }?.description)
        shown.add("verify_no", ifPresent: entry.verifyNumber)
        shown.add("state_no", ifPresent: entry.stateNumber)
        shown.add("via", ifPresent: word(entry.via))
        shown.add("device", ifPresent: entry.device.flatMap { WallTime($0) }?.description)
        if let offset = entry.offsetMilliseconds { shown.add("offset_ms", offset) }
        if let error = entry.errorMilliseconds { shown.add("error_ms", error) }
        if let synced = entry.hostSynced { shown.add("host_synced", synced) }
        shown.add("event", ifPresent: word(entry.event))
        shown.add("detail", ifPresent: detail(of: entry))
        shown.add("from_time", ifPresent: time(entry.fromTime))
        shown.add("through", ifPresent: time(entry.through))
        shown.add("records", ifPresent: entry.records)
        return shown.finished
    }

    private func blanked(_ pin: String) -> String {
        if showsPins { return pin }
        var digest = FileDigest()
        digest.take(salt)
        digest.take(Array(((try? Pin(pin))?.canonical ?? pin).utf8))
        return "pin-\(digest.hex.prefix(10))"
    }

    private func time(_ text: String?) -> String? { text.flatMap { UTCTime($0) }?.description }

    /// A word of the closed lists, or of a newer version's.
    private func word(_ text: String?) -> String? {
        guard let text, (1...24).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x2D })
        else { return nil }
        return text
    }

    /// What the bridge says of itself; where a person's own words follow, they are left out.
    private func detail(of entry: EntryFields) -> String? {
        guard entry.kind == "bridge", let detail = entry.detail else { return nil }
        let end = detail.firstRange(of: ", read off:")?.lowerBound ?? detail.endIndex
        return String(detail[..<end])
    }
}

extension BlankedEntries {
    /// Lines of entries that stand in the bytes of a database, whether SQLite can read it or not:
    /// the newest `limit` of them, oldest first. For a journal that is damaged.
    public func salvaged(from bytes: [UInt8], limit: Int) -> [[UInt8]] {
        let start = Array("{\"seq\":".utf8)
        var found: [Int64: [UInt8]] = [:]
        var rest = bytes[...]
        while let place = rest.firstRange(of: start)?.lowerBound {
            let line = Array(rest[place...].prefix(Self.longest).prefix { $0 != 0x7D }) + [0x7D]
            if let seq = EntryFields(line: line)?.seq { found[seq] = line }
            rest = rest[(place + start.count)...]
        }
        return found.sorted { $0.key < $1.key }.suffix(limit).compactMap { self.line($0.value) }
    }

    /// Longer lines go on in other pages of the file.
    private static let longest = 2_000
}
