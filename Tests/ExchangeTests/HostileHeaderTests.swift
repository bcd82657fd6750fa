import Exchange
import Testing

@Suite struct `A header from nobody` {
    private func opened(_ change: (String) -> String) throws -> Envelope.Opened {
        let call = String(decoding: try Samples.call(lines: []), as: UTF8.self)
        return try Envelope.open(Array(change(call).utf8))
    }

    @Test func `with blanks, escapes and unknown members is read as it means`() throws {
        let header = try opened {
            $0.replacing(
                "{\"titian\":1", with: "{ \"news\" : [{\"a\":\"]}\\\"\"},[[]]] ,\"titian\": 1")
        }.header
        #expect(header.titian == 1 && header.count == 0)
        #expect(try header.status() == Samples.status())
    }

    @Test func `is not decoded where it is deep or crowded`() throws {
        let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
        let crowd = "[" + String(repeating: "0,", count: 400_000) + "0]"
        for junk in [deep, crowd] {
            let header = try opened {
                $0.replacing("{\"titian\":1", with: "{\"junk\":\(junk),\"titian\":1")
            }.header
            #expect(header.titian == 1)
        }
    }

    @Test func `may announce more than is looked at`() throws {
        let many = Array(repeating: "\"{}\"", count: 1_000).joined(separator: ",")
        let header = try opened { $0.replacing("\"live\":[]", with: "\"live\":[\(many)]") }.header
        #expect(header.live.count == Envelope.mostLive)
    }

    @Test func `with a status that is too long is refused when that is asked for`() throws {
        let long = String(repeating: "x", count: 300_000)
        let header = try opened {
            $0.replacing("\"status\":{", with: "\"status\":{\"x\":\"\(long)\",")
        }.header
        #expect(throws: EnvelopeError.self) { try header.status() }
    }

    @Test(arguments: [
        "\"live\":[]": "\"live\":[1]", "\"live\":[ ]": "\"live\":{}",
        "\"count\":0": "\"count\":\"0\"",
    ])
    func `with a value of another kind is refused`(from: String, to: String) throws {
        let call = String(decoding: try Samples.call(lines: []), as: UTF8.self)
        guard call.contains(from) else { return }
        #expect(throws: EnvelopeError.self) {
            try Envelope.open(Array(call.replacing(from, with: to).utf8))
        }
    }
}
