/// One line of a text file, without its end.
struct TextLine {
    /// From 1; empty lines count too.
    let number: Int
    let bytes: ArraySlice<UInt8>
    /// Whether the file says that the line ends here.
    var isEnded = true
    /// Bytes that are left out because no terminal writes lines of this length.
    var missing = 0
}

/// Cuts a text file that comes in pieces into lines: ASCII, any 8-bit code page, or UTF-16 with
/// its mark.
///
/// UTF-16 loses what is not in Latin-1: the columns that count are ASCII. However long a line
/// is, little of it is held.
struct LineCutter {
    /// The longest line seen has 120 bytes; what a damaged stick gives may have no end at all.
    static let longest = 4_096

    private enum Encoding { case eightBit, littleEndian, bigEndian }

    private var encoding: Encoding?
    /// Bytes that wait for the file's mark or for the second half of their unit.
    private var undecoded: [UInt8] = []
    /// Text that has not been cut yet.
    private var text: ArraySlice<UInt8> = []
    private var line: [UInt8] = []
    private var missing = 0
    private var number = 1
    private var isAtEnd = false

    /// Gives the next piece, once ``next()`` has nothing more of the one before.
    mutating func feed(_ piece: ArraySlice<UInt8>) {
        if encoding == .eightBit {
            text = text.isEmpty ? piece : text + piece
            return
        }
        undecoded += piece
        guard encoding != nil || undecoded.count >= 3 else { return }
        if encoding == nil { readMark() }
        text += decoded()
    }

    /// Says that no further piece comes: the last line may lack its end.
    mutating func finish() {
        if encoding == nil { readMark() }
        text += decoded()
        isAtEnd = true
    }

    /// - Returns: The next line of what has come, empty ones left out; nil if it does not end yet.
    mutating func next() -> TextLine? {
        while let end = text.firstIndex(of: 0x0A) {
            hold(text[..<end])
            text = text[(end + 1)...]
            if let line = ended() { return line }
        }
        hold(text)
        text = []
        guard isAtEnd, var last = ended() else { return nil }
        last.isEnded = false
        return last
    }

    private mutating func readMark() {
        if undecoded.starts(with: [0xFF, 0xFE]) {
            encoding = .littleEndian
            undecoded.removeFirst(2)
        } else if undecoded.starts(with: [0xFE, 0xFF]) {
            encoding = .bigEndian
            undecoded.removeFirst(2)
        } else {
            encoding = .eightBit
            if undecoded.starts(with: [0xEF, 0xBB, 0xBF]) { undecoded.removeFirst(3) }
        }
    }

    private mutating func decoded() -> [UInt8] {
        guard encoding != .eightBit else {
            defer { undecoded = [] }
            return undecoded
        }
        let isLittle = encoding == .littleEndian
        let whole = undecoded.count - undecoded.count % 2
        let text = stride(from: 0, to: whole, by: 2).map { index in
            let low = isLittle ? undecoded[index] : undecoded[index + 1]
            let high = isLittle ? undecoded[index + 1] : undecoded[index]
            return high == 0 ? low : UInt8(ascii: "?")
        }
        undecoded.removeFirst(whole)
        return text
    }

    private mutating func hold(_ bytes: ArraySlice<UInt8>) {
        let room = max(0, Self.longest - line.count)
        line += bytes.prefix(room)
        missing += max(0, bytes.count - room)
    }

    private mutating func ended() -> TextLine? {
        defer {
            line.removeAll(keepingCapacity: true)
            missing = 0
            number += 1
        }
        if missing == 0, line.last == 0x0D { line.removeLast() }
        return line.isEmpty
            ? nil : TextLine(number: number, bytes: ArraySlice(line), missing: missing)
    }
}

/// The cells of a line between tabs.
enum Cells {
    /// Blanks at both ends of each are trimmed.
    static func of(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split(separator: 0x09, omittingEmptySubsequences: false).map(trimmed)
    }

    static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var cell = cell.drop { $0 == 0x20 }
        while cell.last == 0x20 { cell.removeLast() }
        return cell
    }

    /// A signed decimal number that fills the cell; nil for anything else.
    static func number(_ cell: ArraySlice<UInt8>) -> Int64? {
        guard cell.count <= 20 else { return nil }
        return Int64(String(decoding: cell, as: UTF8.self))
    }
}
