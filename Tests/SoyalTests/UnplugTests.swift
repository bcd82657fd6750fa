import Attendance
import TerminalKit
import Testing

@testable import Simulator
@testable import Soyal

/// A controller with three events, a twin among them, and one that is no punch.
private func crowded() -> SimulatedTerminal {
    let terminal = controller(records: 1)
    terminal.come(0, times: 2)
    terminal.come(1, code: 24)
    return terminal
}

@Suite struct `A SOYAL line cut at every byte` {
    @Test(arguments: [ConfirmPolicy.never, .deleteOldest])
    func `gives the same punches in the end, none lost and none invented`(
        confirm: ConfirmPolicy
    ) async throws {
        let whole = Bus(crowded())
        try await visit(whole, Shelf(), options(confirm))
        let (sent, received) = (await whole.sent, await whole.received)
        #expect(sent > 20)
        var cuts = (0..<sent).map { Bus.Cut(afterSent: $0) }
        cuts += (0..<received).map { Bus.Cut(afterReceived: $0) }
        for cut in cuts { try await cutAndReturn(cut, confirm) }
    }

    private func cutAndReturn(_ cut: Bus.Cut, _ confirm: ConfirmPolicy) async throws {
        let terminal = crowded()
        let shelf = Shelf()
        await #expect(throws: (any Error).self, "\(cut)") {
            try await visit(Bus(terminal, cut: cut), shelf, options(confirm))
        }
        #expect(Set(terminal.removed).isSubset(of: await shelf.records), "\(cut)")
        try await visit(Bus(terminal), shelf, options(confirm))
        if confirm == .deleteOldest {
            #expect(await shelf.records == terminal.truth, "\(cut)")
            #expect(terminal.waiting == 0, "\(cut)")
        } else {
            #expect(await shelf.records == Set([terminal.first].compactMap(\.self)), "\(cut)")
            #expect(terminal.waiting == 4, "\(cut)")
        }
    }

    /// Twice in a row, the second time wherever the first left off.
    @Test func `and cut again on the way back, loses nothing either`() async throws {
        let whole = Bus(crowded())
        try await visit(whole, Shelf(), options(.deleteOldest))
        let received = await whole.received
        for first in stride(from: 0, to: received, by: 9) {
            for second in stride(from: 0, to: received, by: 17) {
                let terminal = crowded()
                let shelf = Shelf()
                for place in [first, second] {
                    let bus = Bus(terminal, cut: Bus.Cut(afterReceived: place))
                    _ = try? await visit(bus, shelf, options(.deleteOldest))
                    #expect(Set(terminal.removed).isSubset(of: await shelf.records))
                }
                try await visit(Bus(terminal), shelf, options(.deleteOldest))
                #expect(await shelf.records == terminal.truth)
            }
        }
    }

    /// Power fails after a page is on disk and before the driver hears of it, or before that.
    @Test(arguments: 0..<4, [true, false])
    func `loses nothing when power fails at a page`(page: Int, isOnDisk: Bool) async throws {
        struct PowerCut: Error {}
        let terminal = crowded()
        let shelf = Shelf()
        let session = try await SoyalDriver(options: options(.deleteOldest)).open(Bus(terminal))
        var number = 0
        await #expect(throws: PowerCut.self) {
            _ = try await session.readLog(from: nil) { records in
                defer { number += 1 }
                if number < page || isOnDisk { await shelf.keep(records) }
                if number == page { throw PowerCut() }
            }
        }
        try await visit(Bus(terminal), shelf, options(.deleteOldest))
        #expect(await shelf.records == terminal.truth)
    }
}
