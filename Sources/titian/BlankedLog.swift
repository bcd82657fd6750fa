/// A log without what people have written: names of files on sticks, and what stands in quotes, which
/// may be a password in the wrong place of a configuration.
enum BlankedLog {
    static func text(of log: [UInt8]) -> [UInt8] {
        let lines = String(decoding: log, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        return Array(lines.map(blanked).joined(separator: "\n").utf8)
    }

    private static func blanked(_ line: Substring) -> String {
        var text = String(line)
        // A name may hold anything, blanks too: all that is told beside it goes as well.
        if text.contains("stick file"), let start = text.firstRange(of: "file=") {
            let end = text.ranges(of: " [").last { $0.lowerBound >= start.upperBound }
            text.replaceSubrange(
                start.upperBound..<(end?.lowerBound ?? text.endIndex), with: "(blanked)")
        }
        return text.replacing(/"[^"]*"/, with: "\"…\"")
    }
}
