/// How deep in brackets and quotes a JSON text is, byte by byte.
package struct JSONNesting {
    private var depth = 0
    private var isQuoted = false
    private var isEscaped = false

    package init() {}

    /// Not within anything.
    package var isOutside: Bool { depth == 0 && !isQuoted }

    /// - Returns: Whether the byte is a mark of the text's own, and no part of a string.
    @discardableResult
    package mutating func take(_ byte: UInt8) -> Bool {
        guard !isQuoted else {
            if isEscaped {
                isEscaped = false
            } else {
                isEscaped = byte == UInt8(ascii: "\\")
                isQuoted = byte != UInt8(ascii: "\"")
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isQuoted = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
        default: break
        }
        return true
    }
}
