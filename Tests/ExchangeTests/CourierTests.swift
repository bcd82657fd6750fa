import Attendance
import Exchange
import Testing

@Suite struct `A courier file` {
    private func request() throws -> SignedText {
        let request = EnrolmentRequest(
            secret: "", journal: try Samples.journal(),
            publicKey: try Samples.bridgeKey().verifying, hostname: "kotak", version: "1")
        let text = String(decoding: try WireJSON.encode(request), as: UTF8.self)
        return try SignedText(text, key: Samples.bridgeKey(), purpose: .enrolment)
    }

    private func parts(_ bytes: [UInt8]) throws -> (enrolments: Int, calls: [Int]) {
        var file = CourierFile(bytes)
        var found = (enrolments: 0, calls: [Int]())
        while let part = try file.next() {
            switch part {
            case .enrolment: found.enrolments += 1
            case .call(let opened): found.calls.append(opened.lines.count)
            }
        }
        return found
    }

    @Test func `holds a request and one call behind the other`() throws {
        let lines = try Samples.lines()
        let first = try Samples.call(lines: Array(lines.prefix(2)))
        let file = try WireJSON.encode(try request()) + [0x0A] + first + (try Samples.call())
        let found = try parts(file)
        #expect(found.enrolments == 1)
        #expect(found.calls == [2, lines.count])
    }

    @Test func `that was cut gives its whole calls and then says so`() throws {
        let call = try Samples.call(lines: Array(try Samples.lines().prefix(2)))
        for length in 1..<call.count {
            var file = CourierFile(call + call.prefix(length))
            #expect(try file.next() != nil)
            #expect(throws: EnvelopeError.self, "\(length) bytes") { try file.next() }
        }
    }

    @Test(arguments: [1, 7, 64, 1_000])
    func `read in pieces gives the same parts`(size: Int) throws {
        let call = try Samples.call(lines: Array(try Samples.lines().prefix(2)))
        let bytes = try WireJSON.encode(try request()) + [0x0A] + call + (try Samples.call())
        var file = CourierFile()
        var found: [Int] = []
        func take() throws {
            while let part = try file.next() {
                if case .call(let opened) = part {
                    found.append(opened.lines.count)
                } else {
                    found.append(-1)
                }
            }
        }
        for start in stride(from: 0, to: bytes.count, by: size) {
            file.feed(Array(bytes[start..<min(start + size, bytes.count)]))
            try take()
        }
        file.finish()
        try take()
        #expect(found == [-1, 2, try Samples.lines().count])
    }

    @Test func `is never held further than one call may go`() {
        var file = CourierFile()
        let piece = [UInt8](repeating: 0x78, count: 1 << 20)
        #expect(throws: EnvelopeError.self) {
            for _ in 0..<17 {
                file.feed(piece)
                _ = try file.next()
            }
        }
    }

    @Test func `of anything else is refused`() {
        for text in ["x", "\n", "{}\n", "{\"titian\":1}\n"] {
            #expect(throws: EnvelopeError.self) { try parts(Array(text.utf8)) }
        }
    }
}

@Suite struct `A proof of a code` {
    private func carried() throws -> EnrolmentRequest {
        let code = try Samples.code()
        let request = EnrolmentRequest(
            secret: code.secret, journal: try Samples.journal(),
            publicKey: try Samples.bridgeKey().verifying, hostname: "kotak", version: "1")
        return try #require(request.carried(with: code))
    }

    @Test func `tells nobody the code`() throws {
        let text = String(decoding: try WireJSON.encode(carried()), as: UTF8.self)
        #expect(!text.contains(try Samples.code().secret))
    }

    @Test func `is good for its key and its journal alone`() throws {
        let proof = try #require(CodeProof(try Samples.code()))
        var request = try carried()
        #expect(proof.proves(request))
        request.publicKey = try Samples.centreKey().verifying.bytes.base64
        #expect(!proof.proves(request))
        request = try carried()
        request.journal = String(repeating: "0", count: 32)
        #expect(!proof.proves(request))
        request.proof = nil
        #expect(!proof.proves(request))
        #expect(!CodeProof(codeHash: [UInt8](repeating: 0, count: 32)).proves(try carried()))
    }

    @Test func `of an answer is for its text alone`() throws {
        let proof = try #require(CodeProof(try Samples.code()))
        let granted = EnrolmentAnswer(
            office: try OfficeID("upt-contoh-utara"), zone: .wita,
            bridge: try Samples.bridgeKey().verifying, centreKey: try Samples.centreKey().verifying,
            pins: [], serverTime: try Samples.time("2026-11-21T00:00:00.000Z"))
        var answer = try CarriedAnswer(granted, proof: proof)
        #expect(proof.proves(answer))
        answer.text += " "
        #expect(!proof.proves(answer))
    }
}
