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
        var nesting = JSONNesting()
        return 1 + bytes.count { nesting.take($0) && separators.contains($0) }
    }

    private static let separators = Array(",:[{".utf8)

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
            var nesting = JSONNesting()
            for index in rest.indices {
                let byte = rest[index]
                if nesting.isOutside, Self.ends.contains(byte) { return cut(at: index) }
                nesting.take(byte)
                if nesting.isOutside, Self.closings.contains(byte) { return cut(at: index + 1) }
            }
            return nil
        }

        /// What may stand behind a number or a word.
        private static let ends = Array(",}] \t\r\n".utf8)
        /// What ends a text, an object or an array.
        private static let closings = Array("\"}]".utf8)

        private mutating func cut(at end: Int) -> ArraySlice<UInt8>? {
            let value = rest[..<end]
            rest = rest[end...]
            return value.isEmpty ? nil : value
        }
    }
}
