internal import Attendance

/// The first line and the headers of a request of a terminal that pushes, as far as they matter.
///
/// Terminals send what web libraries refuse: blanks in query values, missing lengths, headers in
/// any order and case, lines that are no header. Only what would change the meaning of the body is
/// an error.
package struct PushHead: Hashable, Sendable {
    package let method: String
    package let path: String
    /// Names as sent, values with blanks trimmed and `%20` resolved; the last of a name wins.
    package let query: [String: String]
    /// Bytes of the body; nil if the head does not say.
    let length: Int?
    let isChunked: Bool
    let expectsContinue: Bool
    /// Whether the terminal will send another request over the same connection.
    package let keepsAlive: Bool

    /// - Parameter bytes: Up to the empty line, either kind of line end.
    /// - Returns: nil if the first line is none of a request, or if the length makes no sense.
    init?(_ bytes: some Collection<UInt8>) {
        let lines = bytes.split(separator: 0x0A).map { line in
            String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
        }
        guard let first = lines.first, let line = RequestLine(first) else { return nil }
        let headers = Headers(lines.dropFirst())
        let lengths = Set(headers["content-length"].map(Self.number))
        guard lengths.count <= 1, !lengths.contains(nil) else { return nil }
        (method, path, query) = (line.method, line.path, line.query)
        length = lengths.first ?? nil
        isChunked = headers.contains("transfer-encoding", "chunked")
        expectsContinue = headers.contains("expect", "100-continue")
        keepsAlive =
            line.version == "1.0"
            ? headers.contains("connection", "keep-alive")
            : !headers.contains("connection", "close")
    }

    /// The value of a query name, however it is capitalised.
    package subscript(name: String) -> String? {
        query[name] ?? query.first { $0.key.lowercased() == name.lowercased() }?.value
    }

    private static func number(_ text: String) -> Int? {
        guard (1...12).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }
}

/// `GET /iclock/cdata?SN=A1&table= ATTLOG HTTP/1.1`
private struct RequestLine {
    let method: String
    let path: String
    let query: [String: String]
    let version: String

    init?(_ line: String) {
        guard let blank = line.firstIndex(of: " "),
            let http = line.ranges(of: " HTTP/").last
        else { return nil }
        let afterMethod = line.index(after: blank)
        method = String(line[..<blank])
        guard afterMethod < http.lowerBound, (1...16).contains(method.utf8.count),
            method.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
        else { return nil }
        let target = Self.withoutHost(line[afterMethod..<http.lowerBound])
            .split(separator: "?", maxSplits: 1)
        guard let first = target.first, first.hasPrefix("/") else { return nil }
        path = String(first)
        query = target.count == 2 ? Self.query(target[1]) : [:]
        version = String(line[http.upperBound...].prefix(3))
    }

    /// Behind a proxy the whole address stands there.
    private static func withoutHost(_ target: Substring) -> Substring {
        guard target.lowercased().hasPrefix("http://") else { return target }
        let rest = target.dropFirst("http://".count)
        return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
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

/// Header lines; what is none is passed over.
private struct Headers {
    private let fields: [(name: String, value: String)]

    init(_ lines: some Sequence<String>) {
        fields = lines.compactMap { line in
            let parts = line.split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            return (
                String(parts[0]).trimmingBlanks.lowercased(), String(parts[1]).trimmingBlanks
            )
        }
    }

    /// Every value of a name.
    subscript(name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    func contains(_ name: String, _ word: String) -> Bool {
        self[name].contains { value in
            value.lowercased().split(separator: ",").contains {
                String($0).trimmingBlanks == word
            }
        }
    }
}

extension String {
    /// Without the blanks and tabs at both ends.
    fileprivate var trimmingBlanks: String {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
