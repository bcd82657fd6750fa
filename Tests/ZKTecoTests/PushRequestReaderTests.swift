import TestSupport
import Testing

@testable import ZKTeco

private func requests(
    _ text: String, pieces: Int = .max,
    keeps: @escaping @Sendable (PushHead) -> Bool = { _ in true }
) -> [PushRequestReader.Event] {
    var reader = PushRequestReader(keeps: keeps)
    var events: [PushRequestReader.Event] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        reader.feed(Array(rest.prefix(pieces)))
        rest = rest.dropFirst(pieces)
        while let event = reader.next() { events.append(event) }
    }
    if let last = reader.finish() { events.append(last) }
    return events
}

private func body(_ event: PushRequestReader.Event?) -> String? {
    guard case .request(let request) = event else { return nil }
    return String(decoding: request.body, as: UTF8.self)
}

private let rows = "17\t2026-11-02 07:29:58\t0\t1\r\n"

@Suite struct `The requests of a connection` {
    @Test(arguments: [1, 2, 3, 7, 1_000])
    func `are the same wherever it was cut`(pieces: Int) throws {
        let text =
            "POST /iclock/cdata?SN=A1&table= ATTLOG&Stamp=9 HTTP/1.1\nhost: x\ncontent-LENGTH :\t28\nX: y\n\n"
            + rows + "\r\nGET /iclock/getrequest?SN=A1&INFO=Ver 6.60,3,4 HTTP/1.0\r\n\r\n"
            + "POST /iclock/cdata.aspx?SN=A1&table=ATTLOG HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "A;x=1\r\n17\t2026-11\r\n14\r\n-02 07:29:58\t0\t1\r\n\r\n\r\n0\r\nT: 1\r\n\r\n"
            + "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n"
        let events = requests(text, pieces: pieces)
        try #require(events.count == 4)
        #expect(body(events[0]) == rows)
        #expect(body(events[1]) == "" && body(events[2]) == rows + "\r\n" && body(events[3]) == "")
        let heads = events.compactMap { event in
            if case .request(let request) = event { request.head } else { nil }
        }
        #expect(heads.map(PushQuestion.init) == [.punches, .heartbeat, .punches, .unknown])
        #expect(heads.map(\.keepsAlive) == [true, false, true, false])
        #expect(heads[1]["info"] == "Ver 6.60,3,4" && heads[0]["table"] == "ATTLOG")
    }

    @Test(arguments: [1, 2, 3, 1_000])
    func `may have empty lines between them, which are no request`(pieces: Int) {
        let one = "GET /iclock/getrequest?SN=A1 HTTP/1.1\r\n\r\n"
        let events = requests(one + "\n\n\r\n\r\n\n" + one + "\r\n\r\n", pieces: pieces)
        #expect(events.map(body) == ["", ""])
    }

    @Test func `without a length end with the stream, if that ends with a line`() {
        let head = "POST /iclock/cdata?SN=A1&table=ATTLOG HTTP/1.1\r\n\r\n"
        #expect(body(requests(head + rows).last) == rows)
        #expect(requests(head + "17\t2026-11-02 07:2").isEmpty)
        #expect(body(requests(head).last) == "")
    }

    @Test func `are not answered before their body is whole`() {
        let text =
            "POST /iclock/cdata?SN=A1&table=ATTLOG HTTP/1.1\r\nContent-Length: 29\r\n\r\n" + rows
        #expect(requests(text).isEmpty)
    }

    @Test func `may wait for leave to go on`() {
        let text =
            "POST /iclock/cdata?SN=A1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 28\r\n\r\n"
        #expect(requests(text) == [.wantsContinue])
        #expect(body(requests(text + rows).last) == rows)
    }

    @Test func `that nobody keeps have no body, and leave the next one whole`() {
        let text =
            "POST /iclock/cdata?SN=A1&table=ATTPHOTO HTTP/1.1\r\nContent-Length: 6000000\r\n\r\n"
            + String(repeating: "x", count: 6_000_000) + "GET /iclock/ping?SN=A1 HTTP/1.1\r\n\r\n"
        let events = requests(text) { PushQuestion($0) == .punches }
        #expect(events.count == 2)
        #expect(events.allSatisfy { body($0) == "" })
    }

    @Test(arguments: [
        ("\u{16}\u{3}\u{1}", PushRequestReader.Refusal.malformed),
        ("hello\n\n", .malformed), ("GET nowhere HTTP/1.1\n\n", .malformed),
        ("GET /x HTTP/1.1\nContent-Length: -1\n\n", .malformed),
        ("GET /x HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\n", .malformed),
        ("GET /x HTTP/1.1\nContent-Length: 99999999999999999999\n\n", .malformed),
        ("POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\n-5\n", .malformed),
        ("POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\n1\nab\n", .malformed),
        ("POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\nFFFFFFFFF\n", .malformed),
        ("POST /x HTTP/1.1\nContent-Length: 4194305\n\n", .bodyTooLong),
        ("GET /" + String(repeating: "x", count: 17_000), .headTooLong),
        ("GET /" + String(repeating: "x", count: 17_000) + " HTTP/1.1\n\n", .headTooLong),
    ])
    func `that make no sense end the connection`(text: String, why: PushRequestReader.Refusal) {
        for pieces in [1, 4_096, 100_000] {
            #expect(requests(text + "more", pieces: pieces).last == .refused(why))
        }
    }

    @Test func `of a chunked body that never ends are refused in time`() {
        var reader = PushRequestReader { _ in true }
        reader.feed(Array("POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\n".utf8))
        let chunk = Array("10000\n".utf8) + [UInt8](repeating: 0x41, count: 65_536) + [0x0A]
        var answer: PushRequestReader.Event?
        for _ in 0..<65 where answer == nil {
            reader.feed(chunk)
            answer = reader.next()
        }
        #expect(answer == .refused(.bodyTooLong))
    }

    @Test func `never trap, whatever comes`() {
        var dice = SplitMix(state: 7)
        let parts = [
            "POST /", " HTTP/1.1", "\n", "\r\n", "Content-Length: ", "9", "chunked", ":", "%", "\0",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 1...12, using: &dice)).map { _ in
                parts[Int.random(in: 0..<parts.count, using: &dice)]
            }
            _ = requests(text.joined(), pieces: 3)
        }
    }
}

/// Chance that repeats itself.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
