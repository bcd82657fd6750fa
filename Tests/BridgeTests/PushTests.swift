import Attendance
import Exchange
import Foundation
import Journal
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports
import ZKTeco

@testable import Bridge

private let serial = "BWXP20126001"
private let row = "17\t2026-11-20 07:29:58\t0\t1\t0\t0\t0\t\n"

/// One office that takes pushes of one terminal.
private struct PushRig {
    let office: FakeOffice
    let push: Configuration.Push
    let desk: PushDesk

    init(in folder: URL, setsClock: Bool = false, isSynced: Bool = true) throws {
        push = Configuration.Push(
            host: "127.0.0.1", port: 0, setsClock: setsClock,
            terminals: [try .init(name: "aula", serialNumber: serial)])
        office = try FakeOffice(in: folder, [], push: push) { _ in nil }
        var place = office.place
        place.host.isSynced = { isSynced }
        desk = PushDesk(push, at: place)
    }

    /// Posts or gets as a terminal does, and returns the answer.
    func ask(
        _ target: String, body: String? = nil, serial: String = serial
    ) async throws -> PushAnswer {
        var reader = PushRequestReader { _ in true }
        let mark = target.contains("?") ? "&" : "?"
        let line = "\(body == nil ? "GET" : "POST") \(target)\(mark)SN=\(serial) HTTP/1.1"
        let length = "Content-Length: \(body?.utf8.count ?? 0)"
        reader.feed(Array("\(line)\r\n\(length)\r\n\r\n\(body ?? "")".utf8))
        guard case .request(let request) = reader.next() else {
            throw InvalidValue(target, rule: "a request")
        }
        return await desk.answer(request, from: "192.168.1.50")
    }

    func attlog(_ rows: String, serial: String = serial) async throws -> PushAnswer {
        try await ask("/iclock/cdata?table=ATTLOG&Stamp=9", body: rows, serial: serial)
    }

    func status() async throws -> TerminalStatus {
        try #require(await office.board.terminals.first)
    }
}

@Suite struct `A pushed punch` {
    @Test func `is on disk before the terminal hears so, with its source`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            #expect(try await rig.attlog(row) == .stored(1))
            let lines = try await rig.office.journal.lines(from: 1, limit: 10)
            let entry = try #require(lines.compactMap { EntryFields(line: $0.line) }.last)
            #expect(entry.kind == "punch" && entry.via == "push" && entry.pin == "17")
            #expect(entry.terminal == "zkteco:\(serial)")
            let status = try await rig.status()
            #expect(status.state == .online && status.newPunches == 1)
            #expect(status.terminal == "zkteco:\(serial)" && status.coverage == nil)
        }
    }

    @Test func `that was not committed is never answered with 200`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            #expect(try await rig.ask("/iclock/getrequest") == .ok)
            try await rig.office.journal.fillDisk()
            let rows = (0..<3_000).map { "\($0 + 1)\t2026-11-20 07:29:58\t0\t1\n" }.joined()
            #expect(try await rig.attlog(rows) == .notStored)
            #expect(try await rig.attlog(rows) == .notStored)
            #expect(try await rig.ask("/iclock/getrequest") == .ok)
            #expect(try await rig.status().problem != nil)
            #expect(rig.office.log.lines.count { $0 == "punches cannot be kept" } == 1)
            try await rig.office.journal.freeDisk()
            #expect(try await rig.attlog(rows) == .stored(3_000))
            #expect(try await rig.office.punches() == 3_000)
            #expect(try await rig.status().problem == nil)
        }
    }

    @Test func `counts once, however often it is sent, and with the log's read`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            for _ in 1...3 { #expect(try await rig.attlog(row) == .stored(1)) }
            let id = try TerminalID("zkteco:\(serial)")
            func punch(verify: Int) throws -> EntryBody {
                let time = try #require(WallTime("2026-11-20T07:29:58"))
                return .punch(
                    id,
                    Punch(
                        pin: try Pin("0017"), time: time, verify: .face, verifyNumber: verify,
                        state: .checkIn, stateNumber: 0), via: .log)
            }
            let same = try await rig.office.journal.record(
                [try punch(verify: 1)], at: rig.office.place.moment())
            #expect(same.new == 0 && same.sightings == 0)
            let better = try await rig.office.journal.record(
                [try punch(verify: 15)], at: rig.office.place.moment())
            #expect(better.new == 0 && better.sightings == 1)
            // The log is the better source: what the push says again is no news.
            #expect(try await rig.attlog(row) == .stored(1))
            #expect(try await rig.office.punches() == 1)
            #expect(try await rig.office.kinds() == ["seen", "punch", "punch"])
        }
    }

    @Test func `that is damaged is kept with its bytes before the terminal forgets it`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            let bad = "17\t2026-02-30 07:29:58\t0\t1"
            #expect(try await rig.attlog(bad + "\r\n" + row) == .stored(2))
            let lines = try await rig.office.journal.lines(from: 1, limit: 10)
            let odd = lines.compactMap { EntryFields(line: $0.line) }.filter { $0.kind == "oddity" }
            #expect(odd.count == 1 && odd[0].via == "push")
            let text = lines.map { String(decoding: $0.line, as: UTF8.self) }.joined()
            #expect(text.contains(Array(bad.utf8).hex))
        }
    }
}

@Suite struct `A terminal that pushes` {
    @Test func `is told nothing that moves its clock, unless that is wanted`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            #expect(try await rig.ask("/iclock/cdata?type=time") == .ok)
            let text = try await rig.ask("/iclock/cdata?options=all").text
            #expect(text.contains("SyncTime=0") && !text.contains("TimeZone"))
            #expect(try await rig.office.kinds() == ["seen"])
        }
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder, setsClock: true)
            let answer = try await rig.ask("/iclock/cdata?type=time")
            #expect(answer.text == "Time=2026-11-21T08:00:00+08:00")
            _ = try await rig.ask("/iclock/cdata?type=time")
            #expect(try await rig.ask("/iclock/cdata?options=all").text.contains("TimeZone=8\n"))
            #expect(try await rig.office.kinds() == ["seen", "clock-set"])
        }
    }

    @Test func `is not told the time of a box whose own clock is doubtful`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder, setsClock: true, isSynced: false)
            #expect(try await rig.ask("/iclock/cdata?type=time") == .ok)
            #expect(try await !rig.ask("/iclock/cdata?options=all").text.contains("TimeZone"))
        }
    }

    @Test func `brings users, templates and photos for nothing`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            for table in ["OPERLOG", "USER", "FP", "FACE", "BIODATA", "ATTPHOTO", "options"] {
                let body = "FP PIN=17\tTMP=QUFBQUFB\n" + row
                let target = "/iclock/cdata?table=\(table)"
                #expect(try await rig.ask(target, body: body) == .ok)
            }
            for path in ["devicecmd", "registry", "push", "fdata", "querydata", "ping"] {
                #expect(try await rig.ask("/iclock/\(path)", body: "ID=1&Return=0") == .ok)
            }
            #expect(try await rig.office.kinds() == ["seen"])
            #expect(try await rig.ask("/admin") == .notFound)
        }
    }

    @Test func `that is not on the list is refused, counted, and named once`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            for _ in 1...3 {
                #expect(try await rig.attlog(row, serial: "ASING1") == .notAllowed)
            }
            for number in 0..<40 {
                #expect(try await rig.attlog(row, serial: "LAIN%0A\(number)") == .notAllowed)
            }
            let report = try #require(await rig.office.board.push)
            #expect(report.refusedRequests == 43)
            #expect(report.refused.count == PushReport.mostCallers)
            let first = try #require(report.refused.first)
            #expect(first.serialNumber == "ASING1" && first.requests == 3)
            #expect(first.peer == "192.168.1.50")
            #expect(
                rig.office.log.lines.count { $0 == "unknown terminal refused" }
                    == PushReport.mostCallers)
            #expect(try await rig.office.kinds().isEmpty)
        }
    }

    @Test func `is lost when nothing comes any more, and back with the next word`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            _ = try await rig.ask("/iclock/getrequest")
            rig.office.host.pass(.seconds(170))
            await rig.desk.passed()
            #expect(try await rig.status().state == .online)
            rig.office.host.pass(.seconds(20))
            await rig.desk.passed()
            await rig.desk.passed()
            let lost = try await rig.status()
            #expect(lost.state == .lost && lost.problem?.code == "push.silent")
            _ = try await rig.ask("/iclock/getrequest")
            #expect(try await rig.status().state == .online)
            #expect(try await rig.office.kinds() == ["seen", "lost", "seen"])
            #expect(
                rig.office.log.lines == ["terminal lost", "terminal regained"])
        }
    }

    @Test func `costs an idle office nothing on disk`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try PushRig(in: folder)
            for _ in 0..<100 {
                rig.office.host.pass(.seconds(30))
                #expect(try await rig.ask("/iclock/getrequest") == .ok)
                await rig.desk.passed()
            }
            #expect(try await rig.office.kinds() == ["seen"])
        }
    }
}

/// The other end of a connection: what comes, silences, and the end of the stream.
private actor PushedLink: Link {
    enum Step {
        case bytes(String)
        case silence
    }

    nonisolated let isDatagram = false
    private var steps: ArraySlice<Step>
    private let host: FakeHost
    private(set) var sent = ""

    init(_ steps: [Step], _ host: FakeHost) {
        self.steps = steps[...]
        self.host = host
    }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        sent += String(decoding: bytes, as: UTF8.self)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        switch steps.popFirst() {
        case .bytes(let text):
            host.pass(.seconds(1))
            return Array(text.utf8)
        case .silence:
            host.pass(limit)
            throw .silent(after: limit)
        case nil: throw .closed(reason: "end of stream")
        }
    }

    func close() async {}
}

@Suite struct `A connection that pushes` {
    /// What is answered to what came, and which requests were made of it.
    private func talk(_ steps: [PushedLink.Step]) async -> (sent: String, bodies: [String]) {
        let host = FakeHost()
        let link = PushedLink(steps, host)
        let bodies = Mutex<[String]>([])
        let talk = PushConversation(link: link, peer: "x", pace: host.pace) { request, _ in
            bodies.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
            return .stored(1)
        }
        await talk.run()
        return (await link.sent, bodies.withLock { $0 })
    }

    private let head = "POST /iclock/cdata?SN=A1&table=ATTLOG HTTP/1.1\r\n"

    @Test func `carries one request after the other`() async {
        let post = head + "Content-Length: \(row.utf8.count)\r\n\r\n" + row
        let (sent, bodies) = await talk([.bytes(post + post), .bytes(post)])
        #expect(bodies == [row, row, row])
        #expect(sent.ranges(of: "OK: 1").count == 3)
    }

    @Test func `ends a body without a length with a silence or its own end`() async {
        #expect(await talk([.bytes(head + "\r\n" + row), .silence]).bodies == [row])
        #expect(await talk([.bytes(head + "\r\n" + row)]).bodies == [row])
        #expect(await talk([.bytes(head + "\r\n17\t2026"), .silence, .bytes("x")]).bodies.isEmpty)
    }

    @Test func `is given up when a request does not become whole in time`() async {
        let half = head + "Content-Length: 99\r\n\r\n" + row
        let (sent, bodies) = await talk([.bytes(half), .silence])
        #expect(bodies.isEmpty && sent.hasPrefix("HTTP/1.1 408 "))
        let drip = (0..<200).map { _ in PushedLink.Step.bytes("x") }
        let (answer, none) = await talk([.bytes("GET /")] + drip)
        #expect(none.isEmpty && answer.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `may rest, but not for ever`() async {
        #expect(await talk([.silence, .bytes(head)]).sent.isEmpty)
    }

    @Test func `is told why when it makes no sense, and closed`() async {
        let (sent, bodies) = await talk([.bytes("\u{16}\u{3}"), .bytes(head)])
        #expect(bodies.isEmpty && sent.hasPrefix("HTTP/1.1 400 "))
        #expect(sent.contains("Connection: close"))
    }

    @Test func `hears that it may go on, and ends where the terminal wants it`() async {
        let asking = head + "Expect: 100-continue\r\nConnection: close\r\nContent-Length: "
        let (sent, bodies) = await talk([
            .bytes(asking + "\(row.utf8.count)\r\n\r\n"), .bytes(row), .bytes(head + row),
        ])
        #expect(sent.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
        #expect(bodies == [row])
    }
}

@Suite struct `The port for pushes` {
    @Test func `takes a terminal over a real socket, and is closed with the daemon`() async throws {
        try await withTemporaryFolder { folder in
            let port = try await freePort()
            let push = Configuration.Push(
                host: "127.0.0.1", port: port,
                terminals: [try .init(name: "aula", serialNumber: serial)])
            let office = try FakeOffice(in: folder, [], push: push) { _ in nil }
            var place = office.place
            place.pace = .real
            let receiver = PushReceiver(push, at: place)
            let task = Task { await receiver.run() }
            let link = try await dial(port)
            let target = "/iclock/cdata?SN=\(serial)&table=ATTLOG"
            try await link.send(
                Array("POST \(target) HTTP/1.1\nContent-Length: \(row.utf8.count)\n\n\(row)".utf8))
            var answer = ""
            while !answer.contains("OK: 1") {
                answer += String(
                    decoding: try await link.receive(within: .seconds(180)), as: UTF8.self)
            }
            #expect(try await office.punches() == 1)
            task.cancel()
            await task.value
            await #expect(throws: LinkError.self) {
                _ = try await link.receive(within: .seconds(180))
            }
            await link.close()
        }
    }

    private func freePort() async throws -> Int {
        let listener = try await Transports.Listener.open(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        return listener.port
    }

    /// The receiver may need a moment to open its port.
    private func dial(_ port: Int) async throws -> any Link {
        let address = try Address("tcp://127.0.0.1:\(port)")
        while true {
            if let link = try? await address.open(within: .seconds(180)) { return link }
            await Task.yield()
        }
    }
}
