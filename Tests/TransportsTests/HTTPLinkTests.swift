import Attendance
import Glibc
import TerminalKit
import Testing
import Transports

@Suite struct `A line to a web server` {
    private let server: LoopbackSocket

    init() throws {
        server = try #require(LoopbackSocket(SOCK_STREAM))
    }

    private var address: String { "http://127.0.0.1:\(server.port)" }

    /// Reads one question up to `end` and answers it with `answer`.
    @concurrent
    private func serve(_ answer: String, until end: String) async -> String {
        let caller = server.accept()
        var question = ""
        while !question.hasSuffix(end) {
            let bytes = caller.read(1)
            if bytes.isEmpty { break }
            question += String(decoding: bytes, as: UTF8.self)
        }
        _ = caller.write(Array(answer.utf8))
        return question
    }

    @Test func `posts a question and gives the answer as it came, lengths not believed`()
        async throws
    {
        let link = try await Address(address).open(within: .seconds(5))
        let answer = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nmore than three"
        async let question = serve(answer, until: "<Get/>")
        try await link.send(Array("<Get/>".utf8))
        let bytes = try await link.receive(within: .seconds(180))
        #expect(String(decoding: bytes, as: UTF8.self) == answer)
        let sent = await question
        #expect(sent.hasPrefix("POST /iWsService HTTP/1.0\r\n"))
        #expect(sent.contains("Content-Type: text/xml\r\n") && sent.hasSuffix("\r\n\r\n<Get/>"))
        #expect(sent.contains("Content-Length: 6\r\n"))
        await link.close()
    }

    @Test func `gives what came of an answer that broke off`() async throws {
        let link = try await Address(address).open(within: .seconds(5))
        async let question = serve("HTTP/1.0 200 OK\r\n\r\n<Row>", until: "<Get/>")
        try await link.send(Array("<Get/>".utf8))
        let bytes = try await link.receive(within: .seconds(180))
        #expect(bytes.suffix(5).elementsEqual("<Row>".utf8))
        _ = await question
    }

    @Test func `is unreachable where nobody listens`() async throws {
        var free = LoopbackSocket(SOCK_STREAM)
        let port = try #require(free?.port)
        free = nil
        let link = try await Address("http://127.0.0.1:\(port)").open(within: .seconds(5))
        try await link.send([1])
        let error = await #expect(throws: LinkError.self) {
            _ = try await link.receive(within: .seconds(5))
        }
        #expect(error?.problem.code == "line.unreachable")
    }

    @Test func `is silent when it says nothing`() async throws {
        let link = try await Address(address).open(within: .seconds(5))
        try await link.send([1])
        await #expect(throws: LinkError.silent(after: .seconds(1))) {
            _ = try await link.receive(within: .seconds(1))
        }
    }

    @Test func `is written without a port, a path, or anything secret`() throws {
        #expect(
            try Address("http://192.168.1.201", defaultPort: 4_370).lineName
                == "http://192.168.1.201:80")
        #expect(throws: InvalidValue.self) { _ = try Address("http://192.168.1.201/iWsService") }
        #expect(throws: InvalidValue.self) { _ = try Address("http://admin:1@192.168.1.201") }
    }
}
