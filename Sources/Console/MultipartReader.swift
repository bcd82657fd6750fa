/// Cuts a form with a file in it (`multipart/form-data`, RFC 7578) into its fields as it arrives.
///
/// Contract: ``feed(_:)`` with whatever arrived, then ``next()`` until it returns `nil`. Where the
/// bytes were cut makes no difference but in how many pieces a field's content comes. No more than
/// one piece and one field's head are held.
struct MultipartReader {
    enum Event: Hashable {
        /// A field begins; `file` is the name of the file that was chosen for it.
        case field(name: String, file: String?)
        case content([UInt8])
        /// Nothing of the form follows.
        case end
    }

    enum Failure: Error {
        case notAForm
    }

    private enum Place {
        case preamble, content, boundary, head, end
    }

    private static let longestHead = 8_192
    private let delimiter: [UInt8]
    private var buffer: [UInt8]
    private var place = Place.preamble

    /// - Parameter contentType: Of the request; nil is returned if it names no such form.
    init?(contentType: String?) {
        let parts = (contentType ?? "").split(separator: ";").map(Self.trimmed)
        guard parts.first?.lowercased() == "multipart/form-data",
            let mark = parts.dropFirst().first(where: { $0.lowercased().hasPrefix("boundary=") })
        else { return nil }
        let boundary = mark.dropFirst(9).filter { $0 != "\"" }
        guard (1...70).contains(boundary.utf8.count) else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        buffer = Array("\r\n".utf8)  // the first boundary has no line before it
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        if place != .end { buffer.append(contentsOf: bytes) }
    }

    mutating func next() throws(Failure) -> Event? {
        while true {
            switch place {
            case .preamble, .content:
                let isContent = place == .content
                guard let piece = takeContent() else { return nil }
                if isContent, !piece.isEmpty { return .content(piece) }
            case .boundary:
                guard buffer.count >= 2 else { return nil }
                let mark = Array(buffer.prefix(2))
                buffer.removeFirst(2)
                place = mark == Array("--".utf8) ? .end : .head
                if place == .end { return .end }
                guard mark == Array("\r\n".utf8) else { throw .notAForm }
            case .head:
                guard let head = try takeHead() else { return nil }
                place = .content
                return head
            case .end:
                return nil
            }
        }
    }

    /// Content up to the next delimiter, which is removed; nil where none can be told yet.
    private mutating func takeContent() -> [UInt8]? {
        if let start = firstDelimiter() {
            let piece = Array(buffer[..<start])
            buffer.removeFirst(start + delimiter.count)
            place = .boundary
            return piece
        }
        let sure = buffer.count - (delimiter.count - 1)
        guard sure > 0 else { return nil }
        let piece = Array(buffer.prefix(sure))
        buffer.removeFirst(sure)
        return piece
    }

    private func firstDelimiter() -> Int? {
        var from = 0
        while let start = buffer[from...].firstIndex(of: 0x0D) {
            guard start + delimiter.count <= buffer.count else { return nil }
            if buffer[start...].starts(with: delimiter) { return start }
            from = start + 1
        }
        return nil
    }

    private mutating func takeHead() throws(Failure) -> Event? {
        let end = Array("\r\n\r\n".utf8)
        let limit = min(buffer.count, Self.longestHead)
        guard let start = (0..<limit).first(where: { buffer[$0...].starts(with: end) }) else {
            if buffer.count > Self.longestHead { throw .notAForm }
            return nil
        }
        let text = String(decoding: buffer[..<start], as: UTF8.self)
        buffer.removeFirst(start + end.count)
        let lines = text.split(separator: "\r\n").map(String.init)
        let line = lines.first { $0.lowercased().hasPrefix("content-disposition:") }
        guard let line, let name = Self.value("name", in: line) else { throw .notAForm }
        return .field(name: name, file: Self.value("filename", in: line))
    }

    /// `name="…"` in a line; browsers write a quotation mark within as `%22`.
    private static func value(_ name: String, in line: String) -> String? {
        for part in line.split(separator: "; ").dropFirst() where part.hasPrefix("\(name)=\"") {
            return String(part.dropFirst(name.utf8.count + 2).prefix { $0 != "\"" })
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " })
    }
}
