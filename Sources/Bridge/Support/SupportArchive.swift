public import Attendance

/// Small files in one that can be sent: a tar archive (POSIX ustar), compressed with gzip.
public struct SupportArchive: Sendable {
    /// What a mail server lets through without questions.
    public static let mostBytes = 2_000_000

    private var tar: [UInt8] = []
    private let modified: Int64

    /// - Parameter time: When the files are said to have been written.
    public init(at time: UTCTime) {
        modified = max(0, time.seconds)
    }

    /// - Parameters:
    ///   - name: At most 100 bytes, slashes between folders.
    ///   - content: The file's bytes.
    public mutating func add(_ name: String, _ content: [UInt8]) {
        tar += Self.header(name, size: content.count, modified: modified)
        tar += content
        tar += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// The whole file.
    ///
    /// - Returns: nil if zlib has no memory.
    public var compressed: [UInt8]? {
        Gzip.compress(tar + [UInt8](repeating: 0, count: 1_024))
    }

    private static func header(_ name: String, size: Int, modified: Int64) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int, longest: Int) {
            for (index, byte) in text.utf8.prefix(longest).enumerated() {
                header[offset + index] = byte
            }
        }
        put(name, at: 0, longest: 100)
        put("0000600", at: 100, longest: 7)
        put("0000000", at: 108, longest: 7)
        put("0000000", at: 116, longest: 7)
        put(octal(Int64(size), digits: 11), at: 124, longest: 11)
        put(octal(modified, digits: 11), at: 136, longest: 11)
        put("        ", at: 148, longest: 8)
        put("0", at: 156, longest: 1)
        put("ustar", at: 257, longest: 5)
        put("00", at: 263, longest: 2)
        // The sum is taken with blanks in its own place, and ends with a zero byte and a blank.
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, digits: 6) + "\0 ", at: 148, longest: 8)
        return header
    }

    private static func octal(_ value: Int64, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
