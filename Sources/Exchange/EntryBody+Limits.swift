import Attendance

extension EntryBody {
    /// The same fact, short enough for any centre: a line of it never exceeds
    /// ``Envelope/longestLine``, whatever a terminal or a file name brought along.
    ///
    /// What is cut says so. Punches are never cut: a record of a terminal has 49 bytes at most.
    public var bounded: EntryBody {
        switch self {
        case .oddity(let terminal, let oddity, let via):
            .oddity(terminal, oddity.bounded, via: via)
        case .terminal(let terminal, let event, let detail):
            .terminal(terminal, event, detail: detail?.cut(to: Self.longestDetail))
        case .bridge(let event, let detail):
            .bridge(event, detail: detail?.cut(to: Self.longestDetail))
        case .fileImport(let terminal, let file, let sha256, let read, let new, let known, let odd):
            .fileImport(
                terminal, file: file.cut(to: Self.longestName), sha256: sha256.cut(to: 64),
                read: read, new: new, known: known, odd: odd)
        case .punch, .clock, .coverage: self
        }
    }

    /// In bytes; a control character takes six times as many in JSON, and the line still fits.
    static let longestDetail = 1_000
    static let longestName = 255
}

extension Oddity {
    /// Bytes of a damaged record that are kept; hexadecimal digits take twice as many.
    public static let longestRaw = 4_096
    static let longestReason = 255

    fileprivate var bounded: Oddity {
        guard raw.count > Self.longestRaw else {
            return Oddity(reason: reason.cut(to: Self.longestReason), raw: raw)
        }
        let reason = reason.cut(to: Self.longestReason)
        return Oddity(
            reason: "\(reason), first \(Self.longestRaw) of \(raw.count) bytes",
            raw: Array(raw.prefix(Self.longestRaw)))
    }
}

extension String {
    /// At most `limit` bytes of UTF-8, whole characters, an ellipsis where something is missing.
    fileprivate func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit - 3)
        while end > startIndex, end.samePosition(in: self) == nil { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
