/// Writes one line of JSON with its keys in the order given.
///
/// Entries are written by the hundred thousand and their bytes are the thing itself, so the
/// order of keys and the form of numbers are ours to decide and not an encoder's.
public struct JSONLine: Sendable {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    public init() {
        bytes.reserveCapacity(256)
    }

    /// The finished line, without a newline.
    public var finished: [UInt8] { bytes + [UInt8(ascii: "}")] }

    public mutating func add(_ key: StaticString, _ value: Int64) {
        begin(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    public mutating func add(_ key: StaticString, _ value: Int) {
        add(key, Int64(value))
    }

    public mutating func add(_ key: StaticString, _ value: Bool) {
        begin(key)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    public mutating func add(_ key: StaticString, _ value: String) {
        begin(key)
        Self.append(value, to: &bytes)
    }

    /// Adds a value that is JSON already.
    public mutating func add(_ key: StaticString, json: some Sequence<UInt8>) {
        begin(key)
        bytes.append(contentsOf: json)
    }

    /// Adds the value if there is one; a missing value leaves the key out.
    public mutating func add(_ key: StaticString, ifPresent value: String?) {
        if let value { add(key, value) }
    }

    public mutating func add(_ key: StaticString, ifPresent value: Int?) {
        if let value { add(key, value) }
    }

    /// `text` as a JSON string, quotes included.
    public static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return bytes
    }

    /// A JSON array of strings.
    public static func array(_ texts: [String]) -> [UInt8] {
        var bytes = [UInt8(ascii: "[")]
        for (index, text) in texts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    /// A JSON array of what is JSON already.
    public static func array(json items: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + items.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }

    private mutating func begin(_ key: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
