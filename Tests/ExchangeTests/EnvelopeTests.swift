import Attendance
import Exchange
import Testing

@Suite struct `A call` {
    @Test func `is the same after sealing and opening`() throws {
        let lines = try Samples.lines()
        let opened = try Envelope.open(try Samples.call(live: ["{\"seq\":99}"]))
        #expect(opened.lines.map(Array.init) == lines)
        #expect(opened.header.count == lines.count && opened.header.first == 1)
        #expect(opened.header.live == ["{\"seq\":99}"])
        #expect(try opened.header.status() == Samples.status())
        #expect(try opened.head == Samples.head())
        #expect(opened.isSigned(by: try Samples.bridgeKey().verifying))
        #expect(!opened.isSigned(by: try Samples.centreKey().verifying))
    }

    @Test func `without entries is a heartbeat and names the place after the last`() throws {
        let body = try Samples.call(lines: [], first: 11, prev: try Samples.head())
        let opened = try Envelope.open(body)
        #expect(opened.lines.isEmpty && opened.header.first == 11)
        #expect(try opened.head == Samples.head())
        #expect(opened.isSigned(by: try Samples.bridgeKey().verifying))
    }

    @Test func `is refused at every length it can be cut to`() throws {
        let body = try Samples.call(lines: Array(try Samples.lines().prefix(3)))
        for length in 0..<body.count {
            #expect(throws: EnvelopeError.self, "\(length) bytes") {
                try Envelope.open(Array(body.prefix(length)))
            }
        }
    }

    @Test func `with any byte changed is refused or not signed`() throws {
        let body = try Samples.call(lines: Array(try Samples.lines().prefix(2)))
        let key = try Samples.bridgeKey().verifying
        for index in body.indices {
            var changed = body
            changed[index] ^= 1
            guard let opened = try? Envelope.open(changed) else { continue }
            #expect(!opened.isSigned(by: key), "byte \(index)")
        }
    }

    @Test func `whose lines were swapped is damaged`() throws {
        let lines = try Samples.lines()
        let body = String(decoding: try Samples.call(), as: UTF8.self)
        var parts = body.split(separator: "\n").map(String.init)
        parts.swapAt(1, 2)
        #expect(parts.count == lines.count + 2)
        #expect(throws: EnvelopeError.damaged) {
            try Envelope.open(Array((parts.joined(separator: "\n") + "\n").utf8))
        }
    }

    @Test func `of a version not known here says so`() throws {
        let body = String(decoding: try Samples.call(), as: UTF8.self)
            .replacing("\"titian\":1", with: "\"titian\":2")
        #expect(throws: EnvelopeError.version(2)) { try Envelope.open(Array(body.utf8)) }
    }

    @Test(arguments: [0, -1, Int64.max, Envelope.highestSeq + 1] as [Int64])
    func `that begins at no place there is is refused`(first: Int64) throws {
        let body = try Samples.call(first: first)
        #expect(throws: EnvelopeError.self) { try Envelope.open(body) }
    }

    @Test func `keeps lines that nobody understands`() throws {
        let lines: [[UInt8]] = [
            [], [0xFF, 0xFE], Array("no json".utf8), Array("\r".utf8),
            Array(repeating: 0x78, count: 3 * Envelope.longestLine),
        ]
        let opened = try Envelope.open(try Samples.call(lines: lines))
        #expect(opened.lines.map(Array.init) == lines)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `that is only noise is refused`(seed: UInt64) {
        var dice = Dice(seed: seed)
        var body = dice.bytes(0...300)
        for index in body.indices where Int.random(in: 0..<8, using: &dice) == 0 {
            body[index] = 0x0A
        }
        #expect(throws: EnvelopeError.self) { try Envelope.open(body + [0x0A]) }
    }
}
