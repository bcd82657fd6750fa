import Attendance
import Exchange
import Foundation
import Journal
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge

private let zkteco = "zkteco:BWXP20126001"

/// One office with one terminal and its line.
private struct Rig {
    let office: FakeOffice
    let terminal: FakeTerminal
    let line: Line

    init(in folder: URL, key: SigningKey = SigningKey()) throws {
        let configured = try FakeOffice.configured()
        let box = Held()
        office = try FakeOffice(in: folder, [configured], key: key) { _ in box.terminal }
        terminal = FakeTerminal(office.host)
        box.terminal = terminal
        line = Line([configured], at: office.place)
    }

    func status() async -> TerminalStatus? { await office.board.terminals.first }
}

/// A terminal that is made after what leads to it.
private final class Held: @unchecked Sendable {  // set once, before anything runs
    var terminal: FakeTerminal?
}

@Suite struct `A terminal's log` {
    @Test func `is on disk with its position, clock and coverage after one visit`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(25)
            await rig.line.step()
            #expect(try await rig.office.punches() == 25)
            let kinds = try await rig.office.kinds()
            #expect(kinds.first == "seen")
            #expect(kinds.dropFirst().prefix(25).allSatisfy { $0 == "punch" })
            #expect(kinds.suffix(2) == ["clock", "coverage"])
            let id = try TerminalID(zkteco)
            let text = try #require(try await rig.office.journal.position(of: id))
            let mark = try WireJSON.decode(Recorder.Mark.self, from: text.utf8)
            #expect(mark.position.count == 25)
            let status = try #require(await rig.status())
            #expect(status.state == .online)
            #expect(status.terminal == zkteco)
            #expect(status.records == 25)
            #expect(status.newPunches == 25)
            #expect(status.coverage?.seq == 26)
        }
    }

    @Test func `that does not change writes nothing, however often it is read`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(25)
            await rig.line.step()
            let before = await rig.office.journal.headSeq
            for _ in 0..<200 { await rig.line.step() }
            #expect(rig.terminal.state.withLock { $0.reads } > 50)
            #expect(await rig.office.journal.headSeq == before)
        }
    }

    @Test func `read again after a break in the middle adds only what was missing`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(45)
            rig.terminal.set { $0.breaksAfterPages = 3 }
            await rig.line.step()
            #expect(try await rig.office.punches() == 30)
            for _ in 0..<3 { await rig.line.step() }
            #expect(try await rig.office.punches() == 45)
            #expect(try await rig.office.kinds().count { $0 == "punch" } == 45)
        }
    }

    @Test func `is taken up after a restart where the journal left it`() async throws {
        try await withTemporaryFolder { folder in
            let key = SigningKey()
            do {
                let rig = try Rig(in: folder, key: key)
                rig.terminal.addPunches(45)
                rig.terminal.set { $0.breaksAfterPages = 2 }
                await rig.line.step()
                await rig.office.journal.close()
            }
            let rig = try Rig(in: folder, key: key)
            rig.terminal.addPunches(45)
            await rig.line.step()
            #expect(try await rig.office.punches() == 45)
            #expect(try await rig.office.kinds().count { $0 == "seen" } == 1)
            // The coverage still begins at the log's first record, read before the restart, and no
            // earlier than it may have been made.
            let from = try #require(await rig.status()?.coverage?.from)
            #expect(from.hasPrefix("2026-11-20T23:00:01"))
        }
    }

    @Test func `that was cleared leaves a hole in the coverage`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(25)
            await rig.line.step()
            let first = try #require(await rig.status()?.coverage)
            rig.office.host.pass(.seconds(3_600))
            rig.terminal.set { $0.log = [] }
            rig.terminal.addPunches(5, at: "2026-11-21T08:40:00")
            await rig.line.step()
            let second = try #require(await rig.status()?.coverage)
            #expect(try await rig.office.kinds().contains("log-cleared"))
            #expect(second.from > first.through)
            #expect(try await rig.office.punches() == 30)
        }
    }

    @Test func `read while the clock jumps does not extend the coverage`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(5)
            await rig.line.step()
            let before = try #require(await rig.status()?.coverage)
            rig.office.host.pass(.seconds(60))
            let terminal = rig.terminal
            terminal.set { $0.during = { terminal.set { $0.offset = 3_600 } } }
            await rig.line.step()
            #expect(await rig.status()?.coverage == before)
            #expect(try await rig.office.kinds().last == "clock")
        }
    }

    @Test func `is read although the clock shows nonsense, and covers nothing`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(5)
            rig.terminal.set { $0.clockTrouble = .garbled(what: "30 February", bytes: [2, 30]) }
            await rig.line.step()
            #expect(try await rig.office.punches() == 5)
            #expect(await rig.status()?.state == .online)
            #expect(await rig.status()?.coverage == nil)
        }
    }

    @Test func `that is not complete keeps its punches and extends nothing`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(5)
            rig.terminal.set { $0.isComplete = false }
            await rig.line.step()
            #expect(try await rig.office.punches() == 5)
            #expect(await rig.status()?.coverage == nil)
        }
    }
}

@Suite struct `A live punch` {
    @Test func `is on disk at once and counts once when the log tells it too`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            await rig.line.step()
            let time = try #require(WallTime("2026-11-21T08:00:10"))
            let punch = FakeTerminal.punch(0, time)
            rig.terminal.set { $0.live = [[punch]] }
            await rig.line.step()
            #expect(try await rig.office.punches() == 1)
            #expect(await rig.status()?.newPunches == 1)
            rig.terminal.set { $0.log = [.punch(punch)] }
            for _ in 0..<4 { await rig.line.step() }
            #expect(rig.terminal.state.withLock { $0.reads } >= 2)
            #expect(try await rig.office.punches() == 1)
        }
    }
}

@Suite struct `A terminal that is gone` {
    @Test func `is one line when it is lost and one when it is back`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            await rig.line.step()
            rig.terminal.set { $0.refusal = LinkError.silent(after: .seconds(5)) }
            await rig.line.close()
            for _ in 0..<400 { await rig.line.step() }
            #expect(await rig.status()?.state == .lost)
            #expect(await rig.status()?.problem?.code == "line.silent")
            rig.terminal.set { $0.refusal = nil }
            for _ in 0..<4 { await rig.line.step() }
            #expect(await rig.status()?.state == .online)
            #expect(await rig.status()?.problem == nil)
            #expect(rig.office.log.lines == ["terminal lost", "terminal regained"])
            let events = try await rig.office.kinds().filter { ["seen", "lost"].contains($0) }
            #expect(events == ["seen", "lost", "seen"])
        }
    }

    @Test func `delays no other line`() async throws {
        try await withTemporaryFolder { folder in
            let configured = [
                try FakeOffice.configured("mati", "tcp://192.168.1.9:4370"),
                try FakeOffice.configured("lobi"),
            ]
            let box = Held()
            let office = try FakeOffice(in: folder, configured) { _ in box.terminal }
            let terminal = FakeTerminal(office.host)
            terminal.addPunches(25)
            box.terminal = terminal
            let (kept, signal) = AsyncStream<Void>.makeStream()
            var place = office.place
            place.written = { signal.yield() }
            place.pace.sleep = { _ in try await untilCancelled() }
            place.openLine = { address in
                // A dead line does not even fail: it just never opens.
                if address.description.contains("192.168.1.9") { try await untilCancelled() }
                return FakeLink()
            }
            let tasks = LineTask.all(
                of: Configuration(
                    office: try OfficeID("a"), zone: .wita, terminals: configured), at: place)
            #expect(tasks.count == 2)
            await withTaskGroup(of: Void.self) { group in
                for task in tasks { group.addTask { await task.run() } }
                for await _ in kept where (try? await office.punches()) == 25 { break }
                group.cancelAll()
            }
            #expect(try await office.punches() == 25)
        }
    }
}

/// Waits for the end of the task, and takes no time in any other way.
private func untilCancelled() async throws {
    let (never, _) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    throw CancellationError()
}

@Suite struct `A terminal that answers and cannot be read` {
    @Test func `with a wrong key is asked once in five minutes`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.set { $0.refusal = DriverError.wrongKey }
            await rig.line.step()
            #expect(await rig.status()?.state == .blocked)
            let start = rig.office.host.now
            for _ in 0..<20 { await rig.line.step() }
            let passed = rig.office.host.now.milliseconds - start.milliseconds
            #expect(rig.terminal.state.withLock { $0.opened } == 11)
            #expect(passed == 10 * 300_000)
            #expect(rig.office.log.lines == ["terminal blocked"])
        }
    }

    @Test func `because of noise is tried again soon, and blocked the third time`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.set {
                $0.refusal = DriverError.otherMake(expected: "zkteco", seen: "noise", bytes: [1])
            }
            await rig.line.step()
            #expect(await rig.status()?.state == .starting)
            for _ in 0..<4 { await rig.line.step() }
            #expect(await rig.status()?.state == .blocked)
        }
    }

    @Test func `because its log contradicts itself is tried again soon`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.set { $0.refusal = DriverError.incomplete(received: 3, expected: 5) }
            for _ in 0..<5 { await rig.line.step() }
            #expect(await rig.status()?.state == .blocked)
            let start = rig.office.host.now
            for _ in 0..<20 { await rig.line.step() }
            #expect(rig.office.host.now.milliseconds - start.milliseconds <= 10 * 30_000)
            #expect(rig.office.log.lines == ["terminal blocked"])
        }
    }

    @Test func `because another serial number is expected is not read`() async throws {
        try await withTemporaryFolder { folder in
            var configured = try FakeOffice.configured()
            configured.serialNumber = "LAIN"
            let box = Held()
            let office = try FakeOffice(in: folder, [configured]) { _ in box.terminal }
            box.terminal = FakeTerminal(office.host)
            box.terminal?.addPunches(5)
            let line = Line([configured], at: office.place)
            await line.step()
            #expect(await office.board.terminals.first?.problem?.code == "terminal.other-serial")
            #expect(try await office.punches() == 0)
        }
    }

    @Test func `because the disk is full is read when there is room again`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            await rig.line.step()
            try await rig.office.journal.fillDisk()
            rig.terminal.addPunches(90)
            for _ in 0..<3 { await rig.line.step() }
            #expect(await rig.status()?.problem?.code == "store.full")
            #expect(rig.office.log.lines == ["punches cannot be kept"])
            try await rig.office.journal.freeDisk()
            for _ in 0..<4 { await rig.line.step() }
            #expect(try await rig.office.punches() == 90)
            #expect(await rig.status()?.problem == nil)
        }
    }
}

@Suite struct `Who a terminal is` {
    @Test func `changes with its serial number, and the journal says so`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try Rig(in: folder)
            rig.terminal.addPunches(5)
            await rig.line.step()
            await rig.line.close()
            rig.terminal.set { $0.serial = "BWXP20126002" }
            for _ in 0..<2 { await rig.line.step() }
            #expect(try await rig.office.kinds().contains("replaced"))
            #expect(await rig.status()?.terminal == "zkteco:BWXP20126002")
            // The same bytes of another terminal are other punches.
            #expect(try await rig.office.punches() == 10)
        }
    }

    @Test func `with a serial number that two share is told by the MAC address`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("terminals.json").path
            let id = try TerminalID(zkteco)
            func twin(_ mac: String?) -> TerminalIdentity {
                TerminalIdentity(id: id, serial: id.serial, mac: mac)
            }
            let roll = TerminalRoll(path: path)
            #expect(try await roll.admit(twin("00:17:61:00:00:01"), as: "lobi") == id)
            let other = try await roll.admit(twin("00:17:61:00:00:02"), as: "aula")
            #expect(other.description == "\(zkteco)+001761000002")
            // After a restart the second comes first, and is still the second.
            let later = TerminalRoll(path: path)
            #expect(try await later.admit(twin("00:17:61:00:00:02"), as: "aula") == other)
            #expect(try await later.admit(twin("00:17:61:00:00:01"), as: "lobi") == id)
            let unknown = await #expect(throws: TerminalTrouble.self) {
                try await later.admit(twin(nil), as: "gudang")
            }
            #expect(unknown?.problem.code == "terminal.twin")
        }
    }

    @Test func `on a line that several share is asked at each visit`() async throws {
        try await withTemporaryFolder { folder in
            var first = try FakeOffice.configured("satu", "tcp://192.168.1.50:4370")
            var second = first
            (first.station, second.station) = (1, 2)
            second.name = "dua"
            let boxes = [Held(), Held()]
            let office = try FakeOffice(in: folder, [first, second]) { name in
                boxes[name == "satu" ? 0 : 1].terminal
            }
            for (box, serial) in zip(boxes, ["SATU1", "DUA2"]) {
                let terminal = FakeTerminal(office.host)
                terminal.set { $0.serial = serial }
                terminal.addPunches(5)
                box.terminal = terminal
            }
            let line = Line([first, second], at: office.place)
            for _ in 0..<6 { await line.step() }
            #expect(try await office.punches() == 10)
            #expect(await office.board.terminals.map(\.state) == [.online, .online])
            #expect(
                await office.board.terminals.map(\.terminal) == ["zkteco:SATU1", "zkteco:DUA2"])
        }
    }
}
