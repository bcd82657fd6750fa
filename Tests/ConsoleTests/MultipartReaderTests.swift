import Testing

@testable import Console

@Suite struct `A form with a file` {
    private static let type = "multipart/form-data; boundary=----kotak7"
    private static let file = "a\r\n--\r\n----kotak7\r\n\r\n--other\0\u{1}\r"
    private static let body =
        "preamble\r\n------kotak7\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n"
        + "------kotak7\r\nContent-Disposition: form-data; name=\"berkas\"; "
        + "filename=\"kantor.courier\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        + file + "\r\n------kotak7--\r\nwhatever follows"

    private func events(_ body: [UInt8], cut: Int) throws -> [MultipartReader.Event] {
        var reader = try #require(MultipartReader(contentType: Self.type))
        var found: [MultipartReader.Event] = []
        for start in stride(from: 0, to: body.count, by: cut) {
            reader.feed(body[start..<min(start + cut, body.count)])
            while let event = try reader.next() {
                guard case .content(let more) = event, case .content(let last) = found.last else {
                    found.append(event)
                    continue
                }
                found[found.count - 1] = .content(last + more)
            }
        }
        return found
    }

    @Test(arguments: [1, 2, 3, 7, 50, 10_000])
    func `gives its fields wherever it was cut`(cut: Int) throws {
        let found = try events(Array(Self.body.utf8), cut: cut)
        #expect(
            found == [
                .field(name: "token", file: nil), .content(Array("abc".utf8)),
                .field(name: "berkas", file: "kantor.courier"), .content(Array(Self.file.utf8)),
                .end,
            ])
    }

    @Test func `begins with its boundary, and may be empty`() throws {
        let empty =
            "------kotak7\r\nContent-Disposition: form-data; name=\"berkas\"; filename=\"\"\r\n\r\n"
            + "\r\n------kotak7--\r\n"
        #expect(
            try events(Array(empty.utf8), cut: 10)
                == [.field(name: "berkas", file: ""), .end])
    }

    @Test func `that was cut has no end`() throws {
        let bytes = Array(Self.body.utf8)
        for length in 0..<(bytes.count - 20) {
            #expect(!(try events(Array(bytes.prefix(length)), cut: 64)).contains(.end))
        }
    }

    @Test(arguments: [
        nil, "", "application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
    ])
    func `of another kind is none`(type: String?) {
        #expect(MultipartReader(contentType: type) == nil)
    }

    @Test func `with a head that does not end, or names nothing, is refused`() {
        let long = "------kotak7\r\nX: " + String(repeating: "x", count: 9_000)
        let nameless = "------kotak7\r\nContent-Type: text/plain\r\n\r\nx\r\n------kotak7--"
        for body in [long, nameless, "------kotak7xx\r\n"] {
            #expect(throws: MultipartReader.Failure.self) {
                try events(Array(body.utf8), cut: 100)
            }
        }
    }
}
