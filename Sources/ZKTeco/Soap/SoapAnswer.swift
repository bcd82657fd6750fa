import TerminalKit

/// One answer of the web server: head and body as they came, whole or not.
struct SoapAnswer {
    let status: Int
    let body: ArraySlice<UInt8>

    /// - Returns: nil if this is no HTTP answer.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Array("HTTP/".utf8)) else { return nil }
        let line = bytes.prefix { $0 != 0x0A }.split(separator: 0x20)
        guard line.count >= 2, let status = Int(String(decoding: line[1].prefix(3), as: UTF8.self))
        else { return nil }
        self.status = status
        let end = PushRequest.endOfHead(bytes[...])?.body ?? bytes.endIndex
        body = bytes[end...]
    }

    /// The element came with its end; what is cut on the way has none.
    func isWhole(_ element: String) -> Bool {
        body.range(of: Array("<\(element)>".utf8)) != nil
            && body.range(of: Array("</\(element)>".utf8)) != nil
    }
}

/// One reading of the whole log.
struct SoapLog {
    let isWhole: Bool
    let rows: Rows
    /// `LogPosition.hash(of:)` of each row.
    let hashes: [UInt64]

    init(_ answer: SoapAnswer) {
        isWhole = answer.isWhole("GetAttLogResponse")
        rows = Rows(answer.body)
        hashes = rows.map { LogPosition.hash(of: $0) }
    }

    /// The rows where they lie in the answer, which may have many megabytes of very short ones.
    struct Rows: RandomAccessCollection {
        private let body: ArraySlice<UInt8>
        private var places: [(start: UInt32, end: UInt32)] = []

        init(_ body: ArraySlice<UInt8>) {
            self.body = body
            var count = 0
            SoapRows.forEachWhole(in: body) { _ in count += 1 }
            places.reserveCapacity(count)
            SoapRows.forEachWhole(in: body) { row in
                places.append((UInt32(clamping: row.startIndex), UInt32(clamping: row.endIndex)))
            }
        }

        var startIndex: Int { 0 }
        var endIndex: Int { places.count }
        subscript(position: Int) -> ArraySlice<UInt8> {
            body[Int(places[position].start)..<Int(places[position].end)]
        }
    }

    /// A later reading that holds all of this one, in the same order.
    func isConfirmed(by later: SoapLog) -> Bool {
        isWhole && later.isWhole && later.hashes.starts(with: hashes)
    }
}
