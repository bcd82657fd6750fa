internal import Attendance

/// One HTTP request of a terminal that pushes ("ADMS", `/iclock/`).
///
/// Source: docs/reference/protocols/zkteco-push.md; fixtures `adms-*`.
package struct PushRequest: Hashable, Sendable {
    package let head: PushHead
    package let body: [UInt8]

    package init(_ head: PushHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    /// Reads one recorded request; its body is all that follows the first empty line.
    ///
    /// - Returns: nil if the first line is none of a request, or the head has no end.
    init?(_ bytes: [UInt8]) {
        let end = Self.endOfHead(bytes[...]) ?? (bytes.endIndex, bytes.endIndex)
        guard end.head <= PushRequestReader.longestHead, let head = PushHead(bytes[..<end.head])
        else { return nil }
        self.init(head, body: Array(bytes[end.body...]))
    }

    /// Where the head ends and the body begins; nil as long as there is no empty line.
    static func endOfHead(_ bytes: ArraySlice<UInt8>, from start: Int = 0) -> (
        head: Int, body: Int
    )? {
        var next = max(bytes.startIndex, start)
        while let end = bytes[next...].firstIndex(of: 0x0A) {
            next = end + 1
            let rest = bytes[next...]
            if rest.first == 0x0A { return (end, next + 1) }
            if rest.starts(with: [0x0D, 0x0A]) { return (end, next + 2) }
        }
        return nil
    }
}
