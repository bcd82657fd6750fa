import Testing

@testable import Console

@Suite struct `A row of comma-separated values` {
    static let rows: [([String], String)] = [
        (["17", "2026-11-24T07:21:00"], "17,2026-11-24T07:21:00\r\n"),
        (["Kantor \"A\", lantai 2"], "\"Kantor \"\"A\"\", lantai 2\"\r\n"),
        (["a\nb"], "\"a\nb\"\r\n"),
    ]

    @Test(arguments: rows)
    func `is quoted only where it must be`(fields: [String], row: String) {
        #expect(CSV.row(fields) == row)
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@a", "\tx"])
    func `is never a formula`(text: String) {
        #expect(CSV.row([text]).hasPrefix("'"))
    }
}
