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

    public let steps: Steps

    public init(steps: some Sequence<Step>) {
        var all = Steps()
        for step in steps { all.append(step) }
        self.steps = all
    }

    /// Reads the text form. A line of hexadecimal without a mark is taken as from the terminal.
    ///
    /// - Throws: `InvalidValue` naming the first line that is neither a step nor a comment.
    public init(parsing text: String) throws(InvalidValue) {
        try self.init(parsing: Array(text.utf8))
    }

    /// The same from the bytes of a file.
    public init(parsing text: [UInt8]) throws(InvalidValue) {
        var steps = Steps()
        // Room for exactly what there is: a talk may be all of a small box's memory.
        let lines = TextLines(text).lazy.filter { !$0.isBlank }
        let (count, digits) = lines.reduce((0, 0)) { ($0.0 + 1, $0.1 + $1.digits.count) }
        steps.reserve(count, bytes: digits / 2)
        for line in lines where !steps.append(line) {
            throw InvalidValue(
                String(decoding: line.bytes.prefix(200), as: UTF8.self),
                rule: "a line of a talk is '> hex', '< hex', '~' or '# comment'")
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

extension Talk {
    /// The steps of a talk, packed: a serial line's talk has many of a byte or two.
    public struct Steps: RandomAccessCollection, Hashable, Sendable, ExpressibleByArrayLiteral {
        private enum Kind: UInt8 { case toTerminal, fromTerminal, silence }

        private var kinds: [UInt8] = []
        /// Where in `bytes` each step ends.
        private var ends: [UInt32] = []
        private var bytes: [UInt8] = []

        init() {}

        public init(arrayLiteral elements: Step...) {
            for step in elements { append(step) }
        }

        public var startIndex: Int { 0 }
        public var endIndex: Int { kinds.count }

        public subscript(position: Int) -> Step {
            let start = position == 0 ? 0 : Int(ends[position - 1])
            let stretch = Array(bytes[start..<Int(ends[position])])
            return switch Kind(rawValue: kinds[position]) {
            case .toTerminal: .toTerminal(stretch)
            case .fromTerminal: .fromTerminal(stretch)
            case .silence, nil: .silence
            }
        }

        fileprivate mutating func reserve(_ count: Int, bytes size: Int) {
            kinds.reserveCapacity(count)
            ends.reserveCapacity(count)
            bytes.reserveCapacity(size)
        }

        fileprivate mutating func append(_ step: Step) {
            switch step {
            case .toTerminal(let stretch): end(.toTerminal, after: stretch)
            case .fromTerminal(let stretch): end(.fromTerminal, after: stretch)
            case .silence: end(.silence, after: [])
            }
        }

        /// - Returns: Whether the line is a step.
        fileprivate mutating func append(_ line: TextLines.Line) -> Bool {
            if line.mark == UInt8(ascii: "~") {
                end(.silence, after: [])
                return true
            }
            guard !line.digits.isEmpty, line.digits.count.isMultiple(of: 2) else { return false }
            var high: UInt8?
            for digit in line.digits {
                guard let value = TextLines.value(of: digit) else { return false }
                if let first = high { bytes.append(first << 4 | value) }
                high = high == nil ? value : nil
            }
            end(line.mark == UInt8(ascii: ">") ? .toTerminal : .fromTerminal, after: [])
            return true
        }

        private mutating func end(_ kind: Kind, after stretch: [UInt8]) {
            bytes += stretch
            kinds.append(kind.rawValue)
            ends.append(UInt32(clamping: bytes.count))
        }
    }
}

/// The lines of a text that stays where it lies.
struct TextLines: Sequence, IteratorProtocol {
    struct Line {
        let bytes: ArraySlice<UInt8>

        /// Without the comment.
        private var content: ArraySlice<UInt8> { bytes.prefix { $0 != UInt8(ascii: "#") } }
        var mark: UInt8? { content.first { !TextLines.isSpace($0) } }
        var isBlank: Bool { mark == nil }
        /// All but spaces and marks.
        var digits: LazyFilterSequence<ArraySlice<UInt8>> {
            content.lazy.filter {
                !TextLines.isSpace($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
            }
        }
    }

    private var rest: ArraySlice<UInt8>

    init(_ text: [UInt8]) { rest = text[...] }

    mutating func next() -> Line? {
        rest = rest.drop(while: Self.endsLine)
        guard !rest.isEmpty else { return nil }
        let line = rest.prefix { !Self.endsLine($0) }
        rest = rest[line.endIndex...]
        return Line(bytes: line)
    }

    private static func endsLine(_ byte: UInt8) -> Bool { (0x0A...0x0D).contains(byte) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
