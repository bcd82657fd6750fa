import Testing

@testable import Exchange

@Suite struct `The entry lines of a call` {
    @Test(arguments: [
        ("", []), ("\n", [""]), ("a\n\nbc\n", ["a", "", "bc"]), ("\n\n\n", ["", "", ""]),
    ])
    func `are the stretches between newlines`(text: String, expected: [String]) {
        // Behind other bytes, as they lie in a body.
        let body = Array("head\n\(text)tail\n".utf8)
        let lines = EntryLines(body[5..<(5 + text.utf8.count)])
        #expect(lines.count == expected.count)
        #expect(Array(lines).map { String(decoding: $0, as: UTF8.self) } == expected)
        #expect(lines.indices.map { String(decoding: lines[$0], as: UTF8.self) } == expected)
    }

    /// A list of lines would be 32 bytes for each; in a body of 16 MiB that is half a gigabyte,
    /// before anybody has looked at a signature.
    @Test func `take no memory of their own`() {
        let body = [UInt8](repeating: 0x0A, count: 100_000)
        let lines = EntryLines(body[...])
        #expect(lines.count == 100_000)
        #expect(MemoryLayout.size(ofValue: lines) <= 64)
        #expect(Mirror(reflecting: lines).children.map(\.label) == ["bytes", "count"])
    }
}
