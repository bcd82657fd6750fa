import Attendance
import Synchronization
import TerminalKit
import TestSupport
import Testing

@testable import ZKTeco

/// A web server that gives one answer after the other, the last one for ever.
private final class WebServer: Link, Sendable {
    private let answers: Mutex<[[UInt8]]>
    private let heard = Mutex<[String]>([])

    init(_ answers: [String]) { self.answers = Mutex(answers.map { Array($0.utf8) }) }

    init(_ answers: [[UInt8]]) { self.answers = Mutex(answers) }

    var isDatagram: Bool { true }
    var questions: [String] { heard.withLock { $0 } }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        heard.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
        guard let answer, !answer.isEmpty else { throw .silent(after: limit) }
        return answer
    }

    func close() async {}
}

private let head = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n"

private func row(_ pin: Int, _ time: String) -> String {
    "<Row><PIN>\(pin)</PIN><DateTime>\(time)</DateTime><Verified>1</Verified><Status>0</Status></Row>\r\n"
}

private func log(_ rows: [String]) -> String {
    head + "<GetAttLogResponse>\r\n" + rows.joined() + "</GetAttLogResponse>\r\n"
}

private let rows = (1...5).map { row($0, "2026-11-20 07:0\($0):00") }

private func session(_ server: WebServer, key: UInt32? = nil) async throws -> any TerminalSession {
    var options = DriverOptions()
    options.usesWebService = true
    options.serialNumber = "X100C0001"
    options.commKey = key
    return try await ZKTecoDriver(options: options).open(server)
}

private struct Kept {
    var records: [LogRecord] = []
    var position: LogPosition?
    let read: LogRead

    init(_ session: any TerminalSession, from position: LogPosition? = nil) async throws {
        var records: [LogRecord] = []
        var last: LogPosition?
        read = try await session.readLog(from: position) { page in
            records += page.records
            last = page.position ?? last
        }
        self.records = records
        self.position = last
    }
}

@Suite struct `A log read from the web server` {
    @Test func `is complete when two readings agree, and costs one from then on`() async throws {
        let server = WebServer([log(rows)])
        let session = try await session(server, key: 4_711)
        let first = try await Kept(session)
        #expect(first.read.isComplete && first.read.extent == .full && first.records.count == 5)
        #expect(server.questions.count == 2)
        #expect(
            server.questions[0].contains("<ArgComKey xsi:type=\"xsd:integer\">4711</ArgComKey>"))
        let next = try await Kept(session, from: first.position)
        #expect(next.read.isComplete && next.read.extent == .unchanged && next.records.isEmpty)
        #expect(server.questions.count == 3)
    }

    @Test func `gives only what is new, and says when what was known is gone`() async throws {
        let more = rows + [row(6, "2026-11-20 08:00:00")]
        let known = try await Kept(try await session(WebServer([log(rows)]))).position
        let grown = try await Kept(try await session(WebServer([log(more)])), from: known)
        #expect(grown.records.count == 1 && grown.read.extent == .tail && grown.read.total == 6)
        let other = try await Kept(try await session(WebServer([log([more[5]])])), from: known)
        #expect(other.read.lostPosition && other.read.extent == .full)
    }

    @Test func `may grow between the two readings`() async throws {
        let more = rows + [row(6, "2026-11-20 08:00:00")]
        let kept = try await Kept(try await session(WebServer([log(rows), log(more)])))
        #expect(kept.read.isComplete && kept.records.count == 6)
    }

    @Test func `is not complete when the readings differ`() async throws {
        let kept = try await Kept(
            try await session(WebServer([log(rows), log(Array(rows.dropFirst()))])))
        #expect(!kept.read.isComplete)
    }

    @Test func `that was cut anywhere is never complete, and loses no whole row`() async throws {
        let whole = Array(log(rows).utf8)
        let end = whole.count - 2  // the closing tag is there, only its line end is not
        for length in head.utf8.count..<end {
            let server = WebServer([Array(whole.prefix(length))])
            do {
                let kept = try await Kept(try await session(server))
                #expect(!kept.read.isComplete && kept.position == nil, "\(length)")
                let text = String(decoding: whole.prefix(length), as: UTF8.self)
                #expect(kept.records.count == text.ranges(of: "</Row>").count)
            } catch is DriverError {
                let text = String(decoding: whole.prefix(length), as: UTF8.self)
                #expect(!text.contains("</Row>"), "\(length)")
            }
        }
    }

    @Test(arguments: [head, log([]), head + "\r\n<GetAttLogResponse></GetAttLogResponse>"])
    func `is never taken for empty: the key may be wrong`(answer: String) async throws {
        await #expect(throws: DriverError.emptyOrWrongKey) {
            _ = try await Kept(try await session(WebServer([answer])))
        }
    }

    @Test func `is not there on newer terminals`() async throws {
        let server = WebServer(["HTTP/1.1 404 Not Found\r\n\r\n<html>"])
        let error = await #expect(throws: DriverError.self) {
            _ = try await Kept(try await session(server))
        }
        #expect(error?.problem.code == "terminal.unsupported")
        await #expect(throws: DriverError.self) {
            _ = try await Kept(try await session(WebServer(["SSH-2.0-x\r\n"])))
        }
    }

    @Test func `keeps a row that is none`() async throws {
        let bad = "<Row><PIN>1</PIN><DateTime>2026-02-30 07:00:00</DateTime></Row>\r\n"
        let kept = try await Kept(try await session(WebServer([log(rows + [bad])])))
        #expect(kept.read.isComplete && kept.records.count == 6)
        guard case .oddity(let oddity) = kept.records[5] else {
            Issue.record("not kept")
            return
        }
        #expect(String(decoding: oddity.raw, as: UTF8.self).contains("2026-02-30"))
    }
}

@Suite struct `A web server` {
    @Test func `is who the configuration says`() async throws {
        let named = try await session(WebServer([log(rows)])).identify()
        #expect(named.id.description == "zkteco:X100C0001")
        var options = DriverOptions()
        options.usesWebService = true
        let nameless = try await ZKTecoDriver(options: options).open(WebServer([log(rows)]))
        await #expect(throws: DriverError.serialMissing(seen: "web service")) {
            _ = try await nameless.identify()
        }
    }

    @Test func `tells its clock, where it has the question`() async throws {
        let answer =
            head
            + "<GetDateResponse><row><date>2026-11-21</date><time>08:00:05</time></row></GetDateResponse>"
        let server = WebServer([answer])
        let clock = try await session(server).readClock()
        #expect(clock.description == "2026-11-21T08:00:05")
        #expect(server.questions[0].hasPrefix("<GetDate><ArgComKey"))
        await #expect(throws: DriverError.refused(question: "clock", code: 200)) {
            _ = try await session(WebServer([head])).readClock()
        }
    }

    @Test func `is only asked what changes nothing`() async throws {
        let server = WebServer([log(rows)])
        let session = try await session(server)
        _ = try await Kept(session)
        _ = try? await session.readClock()
        _ = try await session.counters()
        _ = try await session.nextLive(within: .zero)
        await session.close()
        let words = Set(server.questions.map { String($0.prefix { $0 != ">" }) })
        #expect(words == ["<GetAttLog", "<GetDate"])
    }

    @Test(.enabled(if: Fixtures.areExpected, "TITIAN_FIXTURES names no folder"))
    func `is read as it was recorded`() async throws {
        let bytes = try Fixtures.bytes("zk/soap-getattlog-exchange.dat")
        let mark = Array("===RESPONSE===\n".utf8)
        let start = try #require(bytes[...].range(of: mark)).upperBound
        let server = WebServer([Array(head.utf8) + bytes[start...]])
        let kept = try await Kept(try await session(server, key: 0))
        #expect(kept.read.isComplete && kept.records.count == 2)
        // The question is the recorded one, byte by byte.
        let question = try #require(server.questions.first)
        #expect(bytes[...].range(of: Array(question.utf8)) != nil)
    }
}
