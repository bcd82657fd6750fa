public import Attendance

/// A recorded talk with a terminal: text, one step a line.
///
/// ```
/// # Terminal: make, model, firmware
/// > A5 00 00 00 01 3C 00 00 49 A9     to the terminal
/// ~                                   it stayed silent
/// < A5 00 00 00 01 BC 00 00 12 …      from the terminal
/// ```
public struct Talk: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        case toTerminal([UInt8])
        case fromTerminal([UInt8])
        case silence
    }

    public let steps: [Step]

    public init(steps: [Step]) {
        self.steps = steps
    }

    /// Reads the text form. A line of hexadecimal without a mark is taken as from the terminal.
    ///
    /// - Throws: `InvalidValue` naming the first line that is neither a step nor a comment.
    public init(parsing text: String) throws(InvalidValue) {
        var steps: [Step] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.prefix { $0 != "#" }
            guard let mark = content.first(where: { $0 != " " && $0 != "\t" }) else { continue }
            if mark == "~" {
                steps.append(.silence)
                continue
            }
            let digits = content.filter { $0.isHexDigit || !("<> \t".contains($0)) }
            guard let bytes = [UInt8](hex: digits), !bytes.isEmpty else {
                throw InvalidValue(
                    String(line), rule: "a line of a talk is '> hex', '< hex', '~' or '# comment'")
            }
            steps.append(mark == ">" ? .toTerminal(bytes) : .fromTerminal(bytes))
        }
        self.steps = steps
    }

    /// Everything that came from the terminal, in one stretch.
    public var received: [UInt8] {
        steps.flatMap { if case .fromTerminal(let bytes) = $0 { bytes } else { [UInt8]() } }
    }

    static func spaced(_ bytes: [UInt8]) -> String {
        bytes.map { [$0].hex.uppercased() }.joined(separator: " ")
    }
}
