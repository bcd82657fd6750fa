/// The members of a JSON object, or the elements of an array, where they lie.
///
/// Whoever has not proved who he is may send any JSON at all, and a general decoder needs many times
/// the memory of what it reads. This one looks at one level and keeps nothing: what is inside a value
/// is only skipped, and decoded later, if it is wanted and short enough.
enum ShallowJSON {
    /// - Parameter found: Is given each member; a name is what stands between its quotes.
    /// - Returns: Whether the bytes are one object, as far as one level shows.
    static func members(
        of bytes: ArraySlice<UInt8>,
        _ found: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Void
    ) -> Bool {
        var reader = Reader(rest: bytes)
        guard reader.take("{") else { return false }
        if reader.take("}") { return reader.isAtEnd }
        repeat {
            guard let name = reader.value(), name.first == UInt8(ascii: "\""), reader.take(":"),
                let value = reader.value()
            else { return false }
            found(name.dropFirst().dropLast(), value)
        } while reader.take(",")
        return reader.take("}") && reader.isAtEnd
    }

    /// - Parameter found: Is given each element as it stands.
    /// - Returns: Whether the bytes are one array, as far as one level shows.
    static func elements(
        of bytes: ArraySlice<UInt8>, _ found: (ArraySlice<UInt8>) -> Void
    ) -> Bool {
        var reader = Reader(rest: bytes)
        guard reader.take("[") else { return false }
        if reader.take("]") { return reader.isAtEnd }
        repeat {
            guard let value = reader.value() else { return false }
            found(value)
        } while reader.take(",")
        return reader.take("]") && reader.isAtEnd
    }

    /// How many values and names there can be, at every level.
    static func places(in bytes: some Collection<UInt8>) -> Int {
        var count = 1
        var isQuoted = false
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if isQuoted {
                isEscaped = byte == UInt8(ascii: "\\")
                if byte == UInt8(ascii: "\"") { isQuoted = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isQuoted = true
                case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "{"):
                    count += 1
                default: break
                }
            }
        }
        return count
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool {
            mutating get {
                skipBlanks()
                return rest.isEmpty
            }
        }

        private mutating func skipBlanks() {
            rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        }

        mutating func take(_ mark: Unicode.Scalar) -> Bool {
            skipBlanks()
            guard rest.first == UInt8(ascii: mark) else { return false }
            rest.removeFirst()
            return true
        }

        /// The bytes of the next value, whatever is in it; nil if it has no end.
        mutating func value() -> ArraySlice<UInt8>? {
            skipBlanks()
            var depth = 0
            var isQuoted = false
            var isEscaped = false
            for index in rest.indices {
                let byte = rest[index]
                if isEscaped {
                    isEscaped = false
                } else if isQuoted {
                    isEscaped = byte == UInt8(ascii: "\\")
                    if byte == UInt8(ascii: "\"") { isQuoted = false }
                    if !isQuoted, depth == 0 { return cut(at: index + 1) }
                } else {
                    switch byte {
                    case UInt8(ascii: "\""): isQuoted = true
                    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                    case UInt8(ascii: "}"), UInt8(ascii: "]"):
                        if depth == 0 { return cut(at: index) }
                        depth -= 1
                        if depth == 0 { return cut(at: index + 1) }
                    case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                        if depth == 0 { return cut(at: index) }
                    default: break
                    }
                }
            }
            return nil
        }

        private mutating func cut(at end: Int) -> ArraySlice<UInt8>? {
            let value = rest[..<end]
            rest = rest[end...]
            return value.isEmpty ? nil : value
        }
    }
}
