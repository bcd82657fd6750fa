import Attendance
import Exchange
import struct Foundation.URL
import Synchronization
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge

/// Time that passes by itself or, frozen, only where somebody waits for a moment: a long wait then
/// ends by a ring of the plug bell or not at all.
private final class Waits: Sendable {
    let isFrozen = Shared(false)
    let all = Shared<[Duration]>([])

    func pace(of host: FakeHost) -> Pace {
        var pace = host.pace
        pace.sleep = { [self] wait in
            all.with { $0.append(wait) }
            if isFrozen.with({ $0 }), wait > Line.settling {
                try await Task.sleep(for: .seconds(3_600))  // until cancelled
            }
            host.pass(wait)
        }
        return pace
    }
}

/// One terminal on a cable that can be pulled out.
private struct CableRig {
    let office: FakeOffice
    let terminal: FakeTerminal
    let line: Line
    let bell: PlugBell
    let waits = Waits()
    /// What opening the line throws.
    let trouble = Shared<LinkError?>(nil)
    let opened = Shared(0)
    let closed = Shared(0)

    init(in folder: URL, _ link: String) throws {
        let configured = try FakeOffice.configured("lobi", link)
        let terminals = Shared<FakeTerminal?>(nil)
        office = try FakeOffice(in: folder, [configured]) { _ in terminals.with { $0 } }
        terminal = FakeTerminal(office.host)
        let terminal = terminal
        terminals.with { $0 = terminal }
        var place = office.place
        bell = place.plugs
        place.pace = waits.pace(of: office.host)
        let (trouble, opened, closed) = (trouble, opened, closed)
        place.openLine = { _ in
            opened.with { $0 += 1 }
            if let error = trouble.with({ $0 }) { throw error }
            return CountedLink(closed: closed)
        }
        line = Line([configured], at: place)
    }

    var now: Int64 { office.host.now.milliseconds }

    func state() async -> TerminalStatus.State? { await office.board.terminals.first?.state }

    /// One step, in which a cable is plugged in as soon as the line waits.
    func stepWithRing() async {
        let bell = bell
        let isOver = Shared(false)
        async let ring: Void = {
            while !bell.isAwaited, !isOver.with({ $0 }) { await Task.yield() }
            bell.ring()
        }()
        await line.step()
        isOver.with { $0 = true }
        await ring
    }
}

private struct CountedLink: Link {
    let isDatagram = false
    let closed: Shared<Int>

    func send(_ bytes: [UInt8]) async throws(LinkError) {}
    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        throw .silent(after: limit)
    }
    func close() async { closed.with { $0 += 1 } }
}

@Suite(.timeLimit(.minutes(1))) struct `A cable that is plugged in` {
    @Test(arguments: [
        ("serial:///dev/serial/by-id/usb-1a86-if00", LinkError.missing(path: "/dev/serial/…")),
        ("usb://1b55:b400", LinkError.missing(path: "usb://1b55:b400")),
        ("usb://1b55:b400", LinkError.forbidden(path: "usb://1b55:b400")),
    ])
    func `is read from within a second, however long it was missing`(
        link: String, trouble: LinkError
    ) async throws {
        try await withTemporaryFolder { folder in
            let rig = try CableRig(in: folder, link)
            rig.terminal.addPunches(5)
            rig.trouble.with { $0 = trouble }
            for _ in 0..<40 { await rig.line.step() }
            #expect(await rig.state() == .lost)
            rig.waits.isFrozen.with { $0 = true }
            rig.trouble.with { $0 = nil }
            let plugged = rig.now
            await rig.stepWithRing()  // the wait
            await rig.line.step()  // the visit
            #expect(await rig.state() == .online)
            #expect(try await rig.office.punches() == 5)
            #expect(rig.now - plugged < 1_000)
            #expect(rig.office.log.lines == ["terminal lost", "terminal regained"])
        }
    }

    @Test func `is not missed while the line is just being tried`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try CableRig(in: folder, "serial:///dev/ttyUSB0")
            rig.trouble.with { $0 = .missing(path: "/dev/ttyUSB0") }
            await rig.line.step()
            rig.bell.ring()  // before anybody waits
            rig.waits.isFrozen.with { $0 = true }
            rig.trouble.with { $0 = nil }
            await rig.line.step()
            await rig.line.step()
            #expect(await rig.state() == .online)
        }
    }

    @Test func `does not make a blocked terminal ask again`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try CableRig(in: folder, "serial:///dev/ttyUSB0")
            rig.terminal.set { $0.refusal = DriverError.wrongKey }
            await rig.line.step()
            rig.waits.isFrozen.with { $0 = true }
            for _ in 0..<5 { await rig.stepWithRing() }
            #expect(rig.terminal.state.withLock { $0.opened } == 1)
        }
    }

    @Test func `is no matter for a line without one`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try CableRig(in: folder, "tcp://192.168.1.201:4370")
            rig.trouble.with { $0 = .unreachable(address: "…", reason: "refused") }
            for _ in 0..<7 { await rig.line.step() }
            rig.bell.ring()
            let before = rig.waits.all.with { $0.count }
            await rig.line.step()
            #expect(rig.waits.all.with { $0.count } == before + 1)
            #expect(!rig.waits.all.with { $0.contains(Line.settling) })
        }
    }

    /// Taking a USB device from the kernel's driver makes events; they must not undo the back-off.
    @Test func `is not mistaken for what our own opening does`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try CableRig(in: folder, "usb://1b55:b400")
            let bell = rig.bell
            rig.terminal.set { $0.refusal = LinkError.silent(after: .seconds(1)) }
            for _ in 0..<6 {
                bell.ring()
                await rig.line.step()
                rig.waits.all.with { $0 = [] }
                await rig.line.step()
                let waits = rig.waits.all.with { $0 }
                #expect(waits.filter { $0 == Line.settling }.count <= 1)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A cable that is pulled out` {
    @Test func `is noticed between two reads, and its port closed`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try CableRig(in: folder, "serial:///dev/ttyUSB0")
            await rig.line.step()
            #expect(await rig.state() == .online)
            rig.waits.isFrozen.with { $0 = true }
            rig.terminal.set { $0.clockTrouble = .incomplete(received: 1, expected: 2) }
            await rig.stepWithRing()
            #expect(rig.closed.with { $0 } == 1)
        }
    }

    @Test func `of another device closes nothing`() async throws {
        try await withTemporaryFolder { folder in
            let rig = try CableRig(in: folder, "serial:///dev/ttyUSB0")
            await rig.line.step()
            rig.waits.isFrozen.with { $0 = true }
            for _ in 0..<3 { await rig.stepWithRing() }
            #expect(rig.closed.with { $0 } == 0)
            #expect(rig.opened.with { $0 } == 1)
            #expect(await rig.state() == .online)
        }
    }
}
