import Attendance
import Foundation
import TerminalKit
import TestSupport
import Testing

@testable import ZKTeco

@Suite struct `A push of a terminal` {
    @Test func `is read whatever its line ends and blanks`() throws {
        let text =
            "POST /iclock/cdata?SN=A1&table= ATTLOG&Stamp=9 HTTP/1.1\n\n17\t2026-11-02 07:29:58\t0\t15\t5\n"
        let request = try #require(PushRequest(Array(text.utf8)))
        #expect(request.head.query["table"] == "ATTLOG" && request.head.path == "/iclock/cdata")
        guard case .punch(let punch) = try #require(Array(PushRows.punches(in: request.body)).first)
        else {
            Issue.record("no punch")
            return
        }
        #expect(punch.verify == .face && punch.state == .checkIn && punch.workCode == 5)
    }

    @Test func `keeps a row it cannot read`() throws {
        let body = Array("17\t2026-02-30 07:29:58\t0\t1\nx\n".utf8)
        let rows = Array(PushRows.punches(in: body))
        #expect(rows.count == 2)
        for row in rows { if case .punch = row { Issue.record("a punch of \(row)") } }
    }

    @Test(arguments: ["", "hello", "GET", "GET x HTTP/1.1\n\n", "HTTP/1.1 200 OK\n\n"])
    func `is none where no request is`(text: String) {
        #expect(decoded(http: Array(text.utf8)) == nil)
    }
}

@Suite(.enabled(if: Fixtures.areExpected, "TITIAN_FIXTURES names no folder"))
struct `The published pushes` {
    private func punches(_ items: [DecodedItem]) -> [Punch] {
        items.compactMap { if case .record(.punch(let punch), _) = $0 { punch } else { nil } }
    }

    private func expectPunches(_ punches: [Punch], _ page: [[String: Any]]) {
        #expect(punches.count == page.count && !page.isEmpty)
        for (punch, wanted) in zip(punches, page) {
            #expect(punch.pin.text == wanted["pin"] as? String)
            #expect(punch.time.description.replacing("T", with: " ") == wanted["time"] as? String)
            #expect(punch.stateNumber == wanted["state"] as? Int)
            #expect(punch.verifyNumber == wanted["verify"] as? Int)
        }
    }

    @Test func `of punches say what their page says`() throws {
        let bytes = try Fixtures.bytes("zk/adms-attlog-post.dat")
        let page = try #require(
            try Fixtures.expectation("zk/adms-attlog-post.md") as? [String: Any])
        let request = try #require(PushRequest(bytes))
        #expect(request.head.query["Stamp"] == page["stamp"] as? String)
        let items = try #require(decoded(http: bytes))
        expectPunches(punches(items), page["records"] as? [[String: Any]] ?? [])
    }

    @Test func `of the start name the terminal and its options`() throws {
        let request = try #require(PushRequest(try Fixtures.bytes("zk/adms-init.dat")))
        let page = try #require(try Fixtures.expectation("zk/adms-init.md") as? [String: String])
        #expect(request.head.query["SN"] == page["sn"])
        for (name, value) in page where name != "sn" { #expect(request.head.query[name] == value) }
    }

    @Test func `of operations say what their page says`() throws {
        let request = try #require(PushRequest(try Fixtures.bytes("zk/adms-operlog-post.dat")))
        let page = try #require(
            try Fixtures.expectation("zk/adms-operlog-post.md") as? [String: Any])
        let operations = Array(PushRows.operations(in: request.body))
        #expect("OK: \(operations.count)" == page["answer"] as? String)
        for wanted in page["records"] as? [[String: Any]] ?? [] {
            let found = try #require(operations.first { $0.number == wanted["op"] as? Int })
            #expect(found.time.description.replacing("T", with: " ") == wanted["time"] as? String)
            #expect(found.parameters == wanted["params"] as? [String])
        }
    }

    @Test func `of the web server say what their page says`() throws {
        let items = try #require(
            decoded(http: try Fixtures.bytes("zk/soap-getattlog-exchange.dat")))
        let page = try Fixtures.expectation("zk/soap-getattlog-exchange.md") as? [[String: Any]]
        expectPunches(punches(items), page ?? [])
    }

    @Test(arguments: [
        "zk/adms-attlog-post.dat", "zk/adms-operlog-post.dat", "zk/adms-init.dat",
        "zk/soap-getattlog-exchange.dat",
    ])
    func `cut at every length never trap`(path: String) throws {
        let bytes = try Fixtures.bytes(path)
        for length in 0..<bytes.count {
            _ = decoded(http: Array(bytes.prefix(length)))
        }
    }
}

/// What `titian decode` shows of a recorded exchange; nil if it is none.
private func decoded(http bytes: [UInt8]) -> [DecodedItem]? {
    var items: [DecodedItem] = []
    return ZKTecoDriver().decode(http: bytes) { items.append($0) } ? items : nil
}
