import Attendance
import Central
import Exchange
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Console

@Suite struct `A bridge that calls` {
    @Test func `is enrolled with a code and learns whom to believe`() async throws {
        try await Site.open { site, browser in
            let answer = try await browser.enrol(Box(), at: site)
            #expect(answer.status == .ok)
            let granted = try answer.decoded(EnrolmentAnswer.self)
            #expect(granted.office == "upt-contoh-utara")
            #expect(granted.zone == "Asia/Makassar")
            #expect(granted.pins == site.centre.keys.pins)
            let key = site.centre.central.receiptKey.verifying
            #expect(granted.centreKey == key.bytes.base64)
        }
    }

    @Test func `gets a receipt for what it sent, plain or compressed`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            _ = try await browser.enrol(box, at: site)
            let plain = try await browser.sync(try box.call(pins: ["17", "21"], at: 1))
            #expect(plain.status == .ok)
            #expect(plain.headers[.contentType] == "application/json")
            let packed = try gzip(try box.call(pins: ["33"], at: 2))
            let second = try await browser.sync(packed, encoding: "gzip")
            let answer = try second.decoded(SyncAnswer.self)
            let key = site.centre.central.receiptKey.verifying
            let receipt = try #require(answer.verifiedReceipt(by: key))
            #expect(receipt.ackedThrough == 3)
            #expect(receipt.head == box.chain.head.description)
        }
    }

    @Test func `is seen on the pages and in the export`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            _ = try await browser.enrol(box, at: site)
            _ = try await browser.sync(try box.call(pins: ["17", "0021"]))
            try await browser.signIn("sari")
            let fleet = String(buffer: try await browser.get("/").body)
            #expect(fleet.contains("lobi"))
            let office = String(
                buffer: try await browser.get("/kantor/upt-contoh-utara").body)
            #expect(office.contains("zkteco:BWXP20126001"))
            #expect(office.contains("kotak-7"))
            let export = try await browser.get("/kantor/upt-contoh-utara/unduh")
            #expect(
                export.headers[.contentDisposition]
                    == "attachment; filename=\"upt-contoh-utara-2026-11-24.csv\"")
            #expect(
                String(buffer: export.body).split(separator: "\r\n").map(String.init) == [
                    "office,terminal,pin,time,verify,state,work,sightings",
                    "upt-contoh-utara,zkteco:BWXP20126001,17,2026-11-19T08:00:01,finger,in,0,1",
                    "upt-contoh-utara,zkteco:BWXP20126001,21,2026-11-19T08:00:02,finger,in,0,1",
                ])
        }
    }

    @Test func `that nobody enrolled is refused`() async throws {
        try await Site.open { _, browser in
            var box = try Box()
            try expect(.unknownKey, try await browser.sync(try box.call(pins: ["17"])))
        }
    }

    @Test func `whose body was changed on the way is refused`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            _ = try await browser.enrol(box, at: site)
            let sealed = try box.call(pins: ["17"])
            let text = String(decoding: sealed, as: UTF8.self)
            let body = Array(text.replacing("kotak-7", with: "kotak-8").utf8)
            try expect(.badSignature, try await browser.sync(body))
        }
    }

    @Test func `that leaves entries out is told where to begin`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            _ = try await browser.enrol(box, at: site)
            _ = try box.call(pins: ["17"])
            let answer = try await browser.sync(try box.call(pins: ["21"]))
            try expect(.gap, answer)
            #expect(try answer.decoded(ProblemDocument.self).sendFrom == 1)
        }
    }

    static let bodies: [(String, [UInt8], String?, SyncProblem)] = [
        ("not ours", Array("hello\n".utf8), nil, .notOurs),
        ("empty", [], nil, .notOurs),
        ("no gzip", Array("hello\n".utf8), "gzip", .notOurs),
        ("an encoding we do not speak", Array("hello\n".utf8), "br", .notOurs),
        ("too large", [UInt8](repeating: 0x20, count: 17 << 20), nil, .tooLarge),
    ]

    @Test(arguments: bodies.indices)
    func `is refused with a problem in both languages if the body is`(index: Int) async throws {
        let (_, body, encoding, problem) = Self.bodies[index]
        try await Site.open { _, browser in
            try expect(problem, try await browser.sync(body, encoding: encoding))
        }
    }

    @Test func `cannot fill the memory with a body that inflates without end`() async throws {
        let bomb = try gzip([UInt8](repeating: 0, count: 40_000_000))
        #expect(bomb.count < 50_000)
        try await Site.open { _, browser in
            try expect(.tooLarge, try await browser.sync(bomb, encoding: "gzip"))
        }
    }

    @Test func `is told when to come back before its body is read, if too many wait`() async throws
    {
        try await Site.open { site, browser in
            var box = try Box()
            _ = try await browser.enrol(box, at: site)
            _ = try await browser.sync(try box.call(pins: ["17"], at: 1))
            var tickets: [Admission.Ticket] = []
            while case .admitted(let ticket) = site.console.door.arrived(nil) {
                tickets.append(ticket)
            }
            let answer = try await browser.sync(Array("no batch at all\n".utf8))
            try expect(.busy, answer)
            let seconds = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...3_600).contains(seconds))
            for ticket in tickets { site.console.door.left(ticket, stored: false) }
            let second = try await browser.sync(try box.call(pins: ["21"], at: 2))
            #expect(second.status == .ok)
        }
    }

    @Test func `is enrolled by a code once, and not after its end`() async throws {
        try await Site.open { site, browser in
            let code = try await site.code(days: 1)
            let box = try Box()
            let other = SigningKey()
            let stolen = try await browser.post(
                "/api/v1/enrol", try box.request(secret: code.secret, signedBy: other))
            try expect(.badSignature, stolen)
            let unknown = try await browser.post(
                "/api/v1/enrol", try box.request(secret: [UInt8](repeating: 9, count: 16).hex))
            try expect(.codeUnknown, unknown)
            site.clock.advance(seconds: 86_400)
            let late = try await browser.post(
                "/api/v1/enrol", try box.request(secret: code.secret))
            try expect(.codeExpired, late)
        }
    }

    @Test(arguments: ["[]", "{}", "", "{\"text\":\"{}\",\"key\":\"\",\"signature\":\"\"}"])
    func `is not enrolled by a body that is no request`(body: String) async throws {
        try await Site.open { _, browser in
            try expect(.notOurs, try await browser.post("/api/v1/enrol", Array(body.utf8)))
        }
    }

    @Test func `can ask whether the centre lives`() async throws {
        try await Site.open { _, browser in
            let answer = try await browser.get("/api/v1/health")
            #expect(
                String(buffer: answer.body)
                    == "{\"status\":\"ok\",\"version\":\"\(TitianVersion.current)\"}")
        }
    }

    private func expect(
        _ problem: SyncProblem, _ answer: TestResponse,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(answer.status.code == problem.status, sourceLocation: sourceLocation)
        #expect(
            answer.headers[.contentType] == "application/problem+json",
            sourceLocation: sourceLocation)
        let document = try answer.decoded(ProblemDocument.self)
        #expect(document.code == problem.rawValue, sourceLocation: sourceLocation)
        #expect(document.title == problem.title.english, sourceLocation: sourceLocation)
        #expect(document.judul == problem.title.indonesian, sourceLocation: sourceLocation)
    }
}
