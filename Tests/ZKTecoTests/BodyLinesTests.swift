import Testing

@testable import ZKTeco

@Suite struct `The lines of a push` {
    @Test(arguments: [
        ("", []), ("\n\r\n\n", []), ("a\r\nbc\n\nd", ["a", "bc", "d"]), ("a\r\r\n", ["a\r"]),
    ])
    func `are read one after the other, empty ones passed over`(text: String, lines: [String]) {
        let found = BodyLines(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(found == lines)
    }
}
