internal import Attendance

/// One HTTP request of a terminal that pushes ("ADMS", `/iclock/`), as far as it can be read.
///
/// Terminals send what web libraries refuse: blanks in query values, missing lengths, either kind
/// of line end. So this reader is tolerant and keeps the body as bytes.
///
/// Source: docs/reference/protocols/zkteco-push.md; fixtures `adms-*`.
struct PushRequest: Hashable, Sendable {
    let method: String
    let path: String
    /// Names as sent, values with blanks trimmed and `%20` resolved; the last of a name wins.
    let query: [String: String]
    let body: [UInt8]

    /// - Returns: nil if the first line is none of a request.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        let line = String(decoding: bytes[..<end], as: UTF8.self)
        guard let blank = line.firstIndex(of: " "), let http = line.range(of: " HTTP/") else {
            return nil
        }
        let afterMethod = line.index(after: blank)
        guard afterMethod < http else { return nil }
        let target = line[afterMethod..<http].split(separator: "?", maxSplits: 1)
        guard let first = target.first, first.hasPrefix("/") else { return nil }
        method = String(line[..<blank])
        path = String(first)
        query = target.count == 2 ? Self.query(target[1]) : [:]
        body = Self.body(bytes[(end + 1)...])
    }

    /// What follows the first empty line; all of it if there is none.
    private static func body(_ rest: ArraySlice<UInt8>) -> [UInt8] {
        var start = rest.startIndex
        while start < rest.endIndex {
            let end = rest[start...].firstIndex(of: 0x0A) ?? rest.endIndex
            let line = rest[start..<end]
            let next = min(end + 1, rest.endIndex)
            if line.isEmpty || line.elementsEqual([0x0D]) { return Array(rest[next...]) }
            start = next
        }
        return []
    }

    private static func query(_ text: Substring) -> [String: String] {
        let pairs = text.split(separator: "&").map { pair in
            let parts = pair.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? unescaped(parts[1]) : ""
            return (String(parts[0]), value.trimmingBlanks)
        }
        return Dictionary(pairs) { _, last in last }
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let decoded = [UInt8](hex: String(decoding: rest.prefix(2), as: UTF8.self))
            {
                bytes += decoded
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate func range(of text: String) -> String.Index? {
        guard let found = self.ranges(of: text).last else { return nil }
        return found.lowerBound
    }

    fileprivate var trimmingBlanks: String {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
