import Attendance
import Testing

@testable import Console

@Suite struct `The limit on sign-ins` {
    private var limit = SignInLimit()
    private let start = UTCTime(milliseconds: 1_790_000_000_000)

    @Test mutating func `lets a person mistype four times`() {
        fail(4, name: "sari", address: "10.0.0.1")
        #expect(limit.wait(name: "sari", address: "10.0.0.1", at: start) == nil)
    }

    @Test mutating func `makes the fifth mistake wait until the quarter of an hour is over`() {
        fail(5, name: "sari", address: "10.0.0.1")
        #expect(limit.wait(name: "sari", address: "10.0.0.1", at: start) == 900)
        let later = start.advanced(byMilliseconds: 899_001)
        #expect(limit.wait(name: "sari", address: "10.0.0.1", at: later) == 1)
        let over = start.advanced(byMilliseconds: 900_000)
        #expect(limit.wait(name: "sari", address: "10.0.0.1", at: over) == nil)
    }

    @Test mutating func `does not lock a colleague at another address out`() {
        fail(5, name: "sari", address: "10.0.0.1")
        #expect(limit.wait(name: "sari", address: "10.0.0.2", at: start) == nil)
    }

    @Test mutating func `stops an address that tries many names`() {
        for number in 0..<20 { fail(1, name: "nama-\(number)", address: "10.0.0.9") }
        #expect(limit.wait(name: "sari", address: "10.0.0.9", at: start) != nil)
    }

    @Test mutating func `stops many addresses that try one name`() {
        for number in 0..<50 { fail(1, name: "sari", address: "10.0.1.\(number)") }
        #expect(limit.wait(name: "sari", address: "10.0.2.1", at: start) != nil)
    }

    @Test mutating func `forgets a person's mistakes after a success`() {
        fail(4, name: "sari", address: "10.0.0.1")
        limit.succeeded(name: "sari", address: "10.0.0.1")
        fail(4, name: "sari", address: "10.0.0.1")
        #expect(limit.wait(name: "sari", address: "10.0.0.1", at: start) == nil)
    }

    private mutating func fail(_ times: Int, name: String, address: String) {
        for _ in 0..<times { limit.failed(name: name, address: address, at: start) }
    }
}
