/// The lines of a text file from a stick: ASCII, any 8-bit code page, or UTF-16 with its mark.
struct TextLines {
    /// Each line without its end, empty ones left out, with its number from 1.
    let lines: [(number: Int, bytes: ArraySlice<UInt8>)]

    init(_ bytes: [UInt8]) {
        let text = Self.eightBit(bytes)
        var number = 0
        var lines: [(number: Int, bytes: ArraySlice<UInt8>)] = []
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            let content = line.last == 0x0D ? line.dropLast() : line
            if !content.isEmpty { lines.append((number, content)) }
        }
        self.lines = lines
    }

    /// Cells between tabs, blanks at both ends trimmed.
    static func cells(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split(separator: 0x09, omittingEmptySubsequences: false).map(trimmed)
    }

    static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var cell = cell.drop { $0 == 0x20 }
        while cell.last == 0x20 { cell.removeLast() }
        return cell
    }

    /// A signed decimal number that fills the cell; nil for anything else.
    static func number(_ cell: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: cell, as: UTF8.self))
    }

    /// UTF-16 loses what is not in Latin-1: the columns that count are ASCII.
    private static func eightBit(_ bytes: [UInt8]) -> [UInt8] {
        let littleEndian = bytes.starts(with: [0xFF, 0xFE])
        guard littleEndian || bytes.starts(with: [0xFE, 0xFF]) else {
            return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        }
        return stride(from: 2, to: bytes.count - 1, by: 2).map { index in
            let low = littleEndian ? bytes[index] : bytes[index + 1]
            let high = littleEndian ? bytes[index + 1] : bytes[index]
            return high == 0 ? low : UInt8(ascii: "?")
        }
    }
}
