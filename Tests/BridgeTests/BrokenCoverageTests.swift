import Attendance
import Exchange
import Foundation
import Journal
import Synchronization
import TerminalKit
import TestSupport
import Testing

@testable import Bridge

/// An office with one terminal that was read once, and what became of it afterwards.
private struct ReadOnce {
    let folder: URL
    let key = SigningKey()
    let terminal: FakeTerminal
    var office: FakeOffice
    var line: Line
    let covered: CoverageStatus

    /// A box on which 25 punches are, the newest of 07:24; an hour has passed since.
    init(in folder: URL) async throws {
        self.folder = folder
        let shelf = TerminalShelf()
        office = try Self.office(in: folder, key, shelf)
        let terminal = FakeTerminal(office.host)
        shelf.hold(terminal)
        self.terminal = terminal
        line = Line([try FakeOffice.configured()], at: office.place)
        terminal.addPunches(25)
        await line.step()
        covered = try #require(await office.board.terminals.first?.coverage)
        office.host.pass(.seconds(3_600))
    }

    private static func office(
        in folder: URL, _ key: SigningKey, _ shelf: TerminalShelf
    ) throws -> FakeOffice {
        try FakeOffice(in: folder, [try FakeOffice.configured()], key: key) { _ in shelf.terminal }
    }

    /// The daemon is started anew over the same journal, the same clocks and the same terminal.
    mutating func restart() async throws {
        await office.journal.close()
        let passed = office.host.now
        let shelf = TerminalShelf()
        shelf.hold(terminal)
        office = try Self.office(in: folder, key, shelf)
        office.host.pass(.milliseconds(passed.milliseconds - office.host.now.milliseconds))
        line = Line([try FakeOffice.configured()], at: office.place)
    }

    func step(_ times: Int = 1) async {
        for _ in 0..<times {
            await line.step()
            office.host.pass(.seconds(60))
            terminal.host.pass(.seconds(office.host.now.seconds(since: terminal.host.now)))
        }
    }

    func coverage() async throws -> CoverageStatus {
        try #require(await office.board.terminals.first?.coverage)
    }

    func clearings() async throws -> Int {
        try await office.kinds().count { $0 == "log-cleared" }
    }
}

/// A terminal that is made after what leads to it.
private final class TerminalShelf: Sendable {
    private let held = Mutex<FakeTerminal?>(nil)

    var terminal: FakeTerminal? { held.withLock { $0 } }
    func hold(_ terminal: FakeTerminal) { held.withLock { $0 = terminal } }
}

extension UTCTime {
    fileprivate func seconds(since other: UTCTime) -> Int64 {
        (milliseconds - other.milliseconds) / 1_000
    }
}

@Suite struct `A hole in the coverage` {
    @Test(arguments: [1, 3], [(false, false), (false, true), (true, false), (true, true)])
    func `stays though the line broke while the new log was read`(
        pages: Int, how: (restarts: Bool, remembers: Bool)
    ) async throws {
        let (restarts, remembers) = how
        try await withTemporaryFolder { folder in
            var rig = try await ReadOnce(in: folder)
            rig.terminal.set {
                $0.log = []
                $0.breaksAfterPages = pages
                $0.remembersWhatIsSought = remembers
            }
            rig.terminal.addPunches(30, at: "2026-11-21T08:20:00")
            await rig.step()
            #expect(try await rig.office.punches() == 25 + 10 * pages)
            if restarts { try await rig.restart() }
            await rig.step(5)
            #expect(try await rig.office.punches() == 55)
            let coverage = try await rig.coverage()
            #expect(coverage.from > rig.covered.through)
            #expect(coverage.through > coverage.from)
            #expect(try await rig.clearings() == 1)
        }
    }

    @Test(arguments: [false, true])
    func `stays though the first read of the new log was not complete`(restarts: Bool)
        async throws
    {
        try await withTemporaryFolder { folder in
            var rig = try await ReadOnce(in: folder)
            rig.terminal.set {
                $0.log = []
                $0.isComplete = false
            }
            rig.terminal.addPunches(30, at: "2026-11-21T08:20:00")
            await rig.step()
            #expect(try await rig.coverage().through == rig.covered.through)
            if restarts { try await rig.restart() }
            rig.terminal.set { $0.isComplete = true }
            await rig.step(5)
            let coverage = try await rig.coverage()
            #expect(coverage.from > rig.covered.through)
            #expect(coverage.through > coverage.from)
            #expect(try await rig.clearings() == 1)
        }
    }

    @Test(arguments: [false, true])
    func `stays though the clock jumped in the read before`(restarts: Bool) async throws {
        try await withTemporaryFolder { folder in
            var rig = try await ReadOnce(in: folder)
            let terminal = rig.terminal
            terminal.set { $0.during = { terminal.set { $0.offset = 3_600 } } }
            await rig.step()
            terminal.set { $0.during = nil }
            if restarts { try await rig.restart() }
            await rig.step(5)
            let coverage = try await rig.coverage()
            #expect(coverage.from > rig.covered.through)
            #expect(coverage.through > coverage.from)
        }
    }

    @Test func `is none where a line broke while new records were read`() async throws {
        try await withTemporaryFolder { folder in
            var rig = try await ReadOnce(in: folder)
            rig.terminal.addPunches(30)
            rig.terminal.set { $0.breaksAfterPages = 2 }
            await rig.step()
            try await rig.restart()
            await rig.step(5)
            let coverage = try await rig.coverage()
            #expect(coverage.from == rig.covered.from)
            #expect(coverage.through > rig.covered.through)
            #expect(try await rig.clearings() == 0)
        }
    }

    /// What is read of a log that was empty may be all that is left of more.
    @Test(arguments: [false, true])
    func `stays behind an empty log of which the first read was cut off`(restarts: Bool)
        async throws
    {
        try await withTemporaryFolder { folder in
            var rig = try await ReadOnce(in: folder)
            rig.terminal.set { $0.log = [] }
            await rig.step(2)
            let empty = try await rig.coverage()
            #expect(empty.from == empty.through)
            rig.terminal.addPunches(30, at: "2026-11-21T09:02:00")
            rig.terminal.set { $0.breaksAfterPages = 2 }
            await rig.step()
            if restarts { try await rig.restart() }
            await rig.step(5)
            #expect(try await rig.coverage().from > empty.through)
            #expect(try await rig.clearings() == 1)
        }
    }
}
