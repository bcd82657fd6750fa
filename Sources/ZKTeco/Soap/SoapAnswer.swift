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
    let rows: [ArraySlice<UInt8>]
    /// `LogPosition.hash(of:)` of each row.
    let hashes: [UInt64]

    init(_ answer: SoapAnswer) {
        isWhole = answer.isWhole("GetAttLogResponse")
        rows = SoapRows.rows(in: answer.body)
        hashes = rows.map { LogPosition.hash(of: $0) }
    }

    /// A later reading that holds all of this one, in the same order.
    func isConfirmed(by later: SoapLog) -> Bool {
        isWhole && later.isWhole && later.hashes.starts(with: hashes)
    }
}
