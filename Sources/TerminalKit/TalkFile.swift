public import Attendance

/// A talk as a file: what it is of, one `# Name: value` a line, then its steps.
public struct TalkFile: Hashable, Sendable {
    /// In the order of the file.
    public private(set) var header: [(name: String, value: String)] = []
    public let talk: Talk

    public init(header: [(name: String, value: String)], talk: Talk) {
        self.header = header
        self.talk = talk
    }

    /// - Throws: `InvalidValue` naming the first line that is neither a step nor a comment.
    public init(parsing text: String) throws(InvalidValue) {
        try self.init(parsing: Array(text.utf8))
    }

    /// The same from the bytes of a file.
    public init(parsing text: [UInt8]) throws(InvalidValue) {
        talk = try Talk(parsing: text)
        for line in TextLines(text) {
            guard line.bytes.first == UInt8(ascii: "#"), header.count < Self.mostNames else {
                break
            }
            let parts = String(decoding: line.bytes, as: UTF8.self).dropFirst()
                .split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            header.append((Self.trimmed(parts[0]), Self.trimmed(parts[1])))
        }
    }

    /// What stands behind so many names is a comment.
    private static let mostNames = 64

    public subscript(name: String) -> String? { header.first { $0.name == name }?.value }

    public static func == (one: TalkFile, other: TalkFile) -> Bool {
        one.talk == other.talk && one.header.map(\.name) == other.header.map(\.name)
            && one.header.map(\.value) == other.header.map(\.value)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(talk)
    }

    public var text: String {
        let head = header.map { "# \($0.name): \(Self.oneLine($0.value))\n" }
        return (head + talk.steps.map { "\(Self.line($0))\n" }).joined()
    }

    private static func line(_ step: Talk.Step) -> String {
        switch step {
        case .toTerminal(let bytes): "> \(Talk.spaced(bytes))"
        case .fromTerminal(let bytes): "< \(Talk.spaced(bytes))"
        case .silence: "~"
        }
    }

    /// A value comes from a terminal and may hold anything.
    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop { $0 == " " }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }
}
