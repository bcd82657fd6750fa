import Glibc

/// Breaks lines for a window, so that a word is never cut and what belongs together stays under
/// its label.
///
/// Windows of 60 columns are met on serial consoles and telephones. Output that goes to a file or
/// another program is never broken.
struct Wrapping: Hashable, Sendable {
    /// Columns of the window.
    let width: Int

    /// A narrower window gets lines of this width, which it breaks itself.
    static let narrowest = 40

    init(width: Int) {
        self.width = max(Self.narrowest, width)
    }

    /// The wrapping for whoever looks at this file; nil if it is no window.
    static func ofWindow(_ file: Int32) -> Wrapping? {
        guard isatty(file) == 1 else { return nil }
        if let columns = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), columns > 0 {
            return Wrapping(width: columns)
        }
        var window = winsize()
        guard ioctl(file, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else {
            return Wrapping(width: 80)
        }
        return Wrapping(width: Int(window.ws_col))
    }

    /// The same text with no line wider than the window, as far as its words allow.
    func fit(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map(fitted).joined(separator: "\n")
    }

    private func fitted(_ line: Substring) -> String {
        guard Self.columns(of: line) > width, !Self.isSetting(line) else { return String(line) }
        let indent = min(Self.hang(of: line), width / 2)
        var fitted = ""
        var column = 0
        var isAtStart = true
        for piece in Self.pieces(of: line) {
            let length = Self.columns(of: piece.word)
            if !isAtStart, column + piece.blanks + length > width {
                fitted += "\n" + String(repeating: " ", count: indent)
                column = indent
            } else {
                fitted += String(repeating: " ", count: piece.blanks)
                column += piece.blanks
            }
            fitted += piece.word
            column += length
            isAtStart = false
        }
        return fitted
    }

    /// `key = value`: somebody will copy it into a configuration.
    private static func isSetting(_ line: Substring) -> Bool {
        line.split(separator: " ", maxSplits: 2).dropFirst().first == "="
    }

    /// Where the next lines begin: behind the label that two blanks set apart, else a little
    /// further in than the line itself.
    private static func hang(of line: Substring) -> Int {
        let lead = line.prefix { $0 == " " }.count
        var column = lead
        var blanks = 0
        for character in line.dropFirst(lead).prefix(20) {
            if character == " " {
                blanks += 1
            } else if blanks >= 2 {
                return column
            } else {
                blanks = 0
            }
            column += 1
        }
        return lead + 2
    }

    private struct Piece {
        let blanks: Int
        let word: Substring
    }

    /// The words of a line, each with the blanks before it.
    private static func pieces(of line: Substring) -> [Piece] {
        var pieces: [Piece] = []
        var rest = line
        while !rest.isEmpty {
            let blanks = rest.prefix { $0 == " " }
            rest = rest[blanks.endIndex...]
            let word = rest.prefix { $0 != " " }
            rest = rest[word.endIndex...]
            if !word.isEmpty { pieces.append(Piece(blanks: blanks.count, word: word)) }
        }
        return pieces
    }

    /// Columns on the screen: colours take none.
    static func columns(of text: Substring) -> Int {
        var columns = 0
        var isEscape = false
        for character in text {
            if isEscape {
                isEscape = character != "m"
            } else if character == "\u{1B}" {
                isEscape = true
            } else {
                columns += 1
            }
        }
        return columns
    }
}
