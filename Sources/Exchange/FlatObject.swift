/// Reads one line of JSON in the plain form that ``JSONLine`` writes: one object, no nesting, no
/// escapes, no blanks, whole numbers.
///
/// Entries are read by the million, and a general decoder takes many times as long for them.
/// Anything else gives nil, and the general decoder has the last word: this is a short cut and
/// never an opinion.
struct FlatObject {
    enum Value: Hashable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case null
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    /// Hands every key and value to `body` in their order; `body` says whether it could use them.
    ///
    /// - Returns: Whether the whole line was of this form and `body` took all of it.
    static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (String, Value) -> Bool
    ) -> Bool {
        var object = FlatObject(bytes)
        return object.read(body)
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private mutating func read(_ body: (String, Value) -> Bool) -> Bool {
        guard take("{") else { return false }
        repeat {
            guard take("\""), let key = text(), take(":"), let value = value(),
                body(key, value)
            else { return false }
        } while take(",")
        return take("}") && place == bytes.count
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - place >= count else { return false }
        for index in 0..<count where bytes[place + index] != word.utf8Start[index] { return false }
        place += count
        return true
    }

    private mutating func value() -> Value? {
        guard place < bytes.count else { return nil }
        switch bytes[place] {
        case UInt8(ascii: "\""):
            place += 1
            return text().map(Value.text)
        case UInt8(ascii: "t"): return take(word: "true") ? .flag(true) : nil
        case UInt8(ascii: "f"): return take(word: "false") ? .flag(false) : nil
        case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
        default: return number().map(Value.number)
        }
    }

    /// What stands before the closing quote; an escape or a control character gives nil.
    private mutating func text() -> String? {
        let start = place
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20, byte != UInt8(ascii: "\\") else { return nil }
            place += 1
        }
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        return String(validating: bytes[start..<place], as: UTF8.self)
    }

    /// A whole number of at most 18 digits; a point or an exponent behind it ends the short cut
    /// at the next comma that is not there.
    private mutating func number() -> Int64? {
        let isNegative = take("-")
        let start = place
        var value: Int64 = 0
        while place < bytes.count, (0x30...0x39).contains(bytes[place]), place - start < 18 {
            value = value * 10 + Int64(bytes[place] - 0x30)
            place += 1
        }
        guard place > start else { return nil }
        // JSON allows no leading zero: whether to mind is the general decoder's business.
        if bytes[start] == 0x30, place - start > 1 || isNegative { return nil }
        return isNegative ? -value : value
    }
}
