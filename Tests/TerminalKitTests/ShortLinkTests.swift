import Synchronization
import TestSupport
import Testing

@testable import TerminalKit

@Suite struct `A link with little patience` {
    private func link(
        _ talk: String, at now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        change: (inout ShortLink.Limits) -> Void = { _ in }
    ) throws -> ShortLink {
        var limits = ShortLink.Limits()
        change(&limits)
        return ShortLink(ScriptedLink(try Talk(parsing: talk)), limits: limits, now: now)
    }

    @Test func `waits no longer than its own limit`() async throws {
        let link = try link("~")
        await #expect(throws: LinkError.silent(after: .milliseconds(1_500))) {
            _ = try await link.receive(within: .seconds(60))
        }
    }

    @Test func `gives up after some silences where nothing was ever heard`() async throws {
        let link = try link("~\n~\n~")
        await #expect(throws: LinkError.silent(after: .seconds(1))) {
            _ = try await link.receive(within: .seconds(1))
        }
        await #expect(throws: LinkError.closed(reason: "nobody answers")) {
            _ = try await link.receive(within: .seconds(1))
        }
    }

    @Test func `does not count a look without waiting as a silence`() async throws {
        let link = try link("~\n~\n~", change: { $0.silences = 1 })
        for _ in 0..<3 {
            await #expect(throws: LinkError.silent(after: .zero)) {
                _ = try await link.receive(within: .zero)
            }
        }
    }

    @Test func `bears silences from somebody who has spoken, and keeps the first bytes`()
        async throws
    {
        let link = try link("< 01 02\n~\n~\n~\n< 03")
        _ = try await link.receive(within: .seconds(1))
        for _ in 0..<3 {
            await #expect(throws: LinkError.silent(after: .seconds(1))) {
                _ = try await link.receive(within: .seconds(1))
            }
        }
        #expect(try await link.receive(within: .seconds(1)) == [3])
        #expect(link.heard == [1, 2, 3])
    }

    @Test func `is closed when its whole time is over`() async throws {
        let start = ContinuousClock.now
        let time = Mutex(start)
        let link = try link("< 01\n< 02", at: { time.withLock { $0 } })
        #expect(try await link.receive(within: .seconds(1)) == [1])
        time.withLock { $0 = start + .seconds(10) }
        await #expect(throws: LinkError.closed(reason: "out of time")) {
            _ = try await link.receive(within: .seconds(1))
        }
        await #expect(throws: LinkError.closed(reason: "out of time")) {
            try await link.send([1])
        }
    }

    @Test func `never sends what must not be said`() async throws {
        let link = try link("> A5 01", change: { $0.neverSent = [[0x50, 0x50]] })
        await #expect(throws: LinkError.closed(reason: "not said on this line")) {
            try await link.send([0x50, 0x50, 0x82, 0x7D])
        }
        try await link.send([0xA5, 0x01])
    }
}
