import Exchange
import Foundation
import Testing

@Suite struct `A header from nobody` {
    /// A call whose header has something else in one place.
    private func call(_ place: String, becomes other: String) throws -> [UInt8] {
        let call = String(decoding: try Samples.call(lines: []), as: UTF8.self)
        let parts = call.components(separatedBy: place)
        try #require(parts.count == 2, "the sample has '\(place)' once")
        return Array(parts.joined(separator: other).utf8)
    }

    private func header(
        _ place: String, becomes other: String
    ) throws -> Envelope.OpenedHeader {
        try Envelope.open(try call(place, becomes: other)).header
    }

    @Test func `with blanks, escapes and unknown members is read as it means`() throws {
        let header = try header(
            "{\"boot\":7", becomes: "{ \"news\" : [{\"a\":\"]}\\\"\"},[[]]] ,\"boot\": 7")
        #expect(header.titian == 1 && header.count == 0 && header.boot == 7)
        #expect(try header.status() == Samples.status())
    }

    @Test func `is not decoded where it is deep or crowded`() throws {
        // The general decoder gives up at 512 levels.
        let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
        let crowd = "[" + String(repeating: "0,", count: 400_000) + "0]"
        for junk in [deep, crowd] {
            let header = try header("{\"boot\":7", becomes: "{\"junk\":\(junk),\"boot\":7")
            #expect(header.boot == 7)
        }
    }

    @Test func `may announce more than is looked at`() throws {
        let many = Array(repeating: "\"{}\"", count: 1_000).joined(separator: ",")
        let header = try header("\"live\":[]", becomes: "\"live\":[\(many)]")
        #expect(header.live == Array(repeating: "{}", count: Envelope.mostLive))
    }

    @Test(arguments: ["[1]", "{}", "[\"a\",]", "\"\"", "[\"a\" \"b\"]"])
    func `that announces something else than texts is refused`(live: String) throws {
        let body = try call("\"live\":[]", becomes: "\"live\":\(live)")
        #expect(throws: EnvelopeError.self) { try Envelope.open(body) }
    }

    @Test(arguments: ["\"boot\":\"7\"", "\"boot\":7.5", "\"boot\":[7]", "\"boat\":7", "\"boot\":"])
    func `with a place of another kind, or none, is refused`(boot: String) throws {
        let body = try call("\"boot\":7", becomes: boot)
        #expect(throws: EnvelopeError.self) { try Envelope.open(body) }
    }

    @Test func `with a crowded status is refused when that is asked for`() throws {
        let crowd = String(repeating: "0,", count: 1_000) + "0"
        let header = try header("\"status\":{", becomes: "\"status\":{\"x\":[\(crowd)],")
        #expect(throws: EnvelopeError.self) { try header.status() }
    }

    @Test func `shows as many terminals as a box can read`() throws {
        let one = try #require(
            String(decoding: try Samples.call(lines: []), as: UTF8.self)
                .firstMatch(of: /"terminals":\[(\{[^}]*\})\]/)
        ).output.1
        let many = Array(repeating: String(one), count: 300).joined(separator: ",")
        let header = try header("\"terminals\":[\(one)]", becomes: "\"terminals\":[\(many)]")
        #expect(try header.status().terminals.count == 128)
    }
}

@Suite struct `A document from outside` {
    private struct Named: Decodable {
        let name: String
    }

    @Test func `is read whatever it holds besides`() throws {
        let text = "{\"x\":[1,{\"a\":\"},:[\\\"\"}],\"name\":\"lobi\"}"
        #expect(try WireJSON.decode(Named.self, fromOutside: text.utf8).name == "lobi")
    }

    @Test func `is refused where it holds more values than any of ours`() {
        let crowd = String(repeating: "0,", count: 1_000)
        let text = "{\"x\":[\(crowd)0],\"name\":\"lobi\"}"
        #expect(throws: WireJSON.TooManyValues.self) {
            try WireJSON.decode(Named.self, fromOutside: text.utf8)
        }
    }

    @Test func `is an entry of no fields where it is crowded, and stays a line`() throws {
        let crowd = String(repeating: "0,", count: 1_000)
        #expect(EntryFields(line: "{\"seq\":1,\"x\":[\(crowd)0]}".utf8) == nil)
        #expect(EntryFields(line: "{\"seq\":1,\"x\":[0]}".utf8)?.seq == 1)
    }
}
