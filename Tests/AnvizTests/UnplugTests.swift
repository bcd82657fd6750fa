import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Anviz

/// A terminal that was read once and has had fingers since.
private struct Visit {
    static let before = 20
    static let rows = 27
    let terminal = ModelTerminal()
    let confirm: ConfirmPolicy
    let shelf: Shelf

    /// - Parameters:
    ///   - confirm: What is chosen in the configuration.
    ///   - position: Where the first read ended.
    init(_ confirm: ConfirmPolicy, _ position: LogPosition?) async {
        self.confirm = confirm
        shelf = Shelf(position)
        await terminal.change {
            $0.log = (0..<Self.rows).map { ModelTerminal.row($0) }
            $0.confirmed = confirm == .flags ? Self.before : 0
            $0.largestBlock = 8
        }
    }

    static func firstPosition(_ confirm: ConfirmPolicy) async throws -> LogPosition? {
        let terminal = ModelTerminal(rows: before)
        let shelf = Shelf()
        try await read(terminal, onto: shelf, confirm: confirm)
        return shelf.position
    }

    /// Rows that the first read has put on disk.
    var old: Set<[UInt8]> { Set((0..<Self.before).map { ModelTerminal.row($0) }) }
}

@Suite struct `A plug pulled at any byte` {
    @Test(arguments: [ConfirmPolicy.never, .flags], CutLink.Direction.allCases)
    func `loses and doubles nothing`(
        confirm: ConfirmPolicy, direction: CutLink.Direction
    ) async throws {
        let position = try await Visit.firstPosition(confirm)
        let whole = await Visit(confirm, position)
        let uncut = CutLink(whole.terminal)
        try await read(whole.terminal, onto: whole.shelf, confirm: confirm, over: uncut)
        let length = await uncut.passed[direction] ?? 0
        #expect(length > 100)
        for offset in 0..<length {
            let visit = await Visit(confirm, position)
            let cut = CutLink(visit.terminal, after: offset, direction)
            await #expect(throws: LinkError.self) {
                try await read(visit.terminal, onto: visit.shelf, confirm: confirm, over: cut)
            }
            await expectNothingForgotten(visit, offset)
            await visit.terminal.reconnect()
            let log = try await read(visit.terminal, onto: visit.shelf, confirm: confirm)
            #expect(log.isComplete, "\(offset)")
            await expectNothingForgotten(visit, offset)
            #expect(visit.shelf.rows.union(visit.old) == Set(await visit.terminal.log), "\(offset)")
            #expect(visit.shelf.position?.count == Visit.rows, "\(offset)")
        }
    }

    /// A row whose flag is cleared is on disk.
    private func expectNothingForgotten(_ visit: Visit, _ offset: Int) async {
        let confirmed = Set(await visit.terminal.log.prefix(await visit.terminal.confirmed))
        #expect(confirmed.isSubset(of: visit.shelf.rows.union(visit.old)), "\(offset)")
    }
}
