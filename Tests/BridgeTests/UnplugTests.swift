import Attendance
import Exchange
import Foundation
import Journal
import TerminalKit
import TestSupport
import Testing
import Transports

@testable import Bridge
@testable import Simulator

/// A kind of talk whose line is cut at every byte.
struct UnpluggedTalk: Sendable, CustomTestStringConvertible {
    let name: String
    let make: String
    var recordSize = 40
    var isDatagram = false
    var confirm = ConfirmPolicy.never
    var commKey: UInt32 = 0
    var faults: [Fault] = []
    var records = 30

    var testDescription: String { name }

    static let all = [
        UnpluggedTalk(name: "ZKTeco over TCP", make: "zkteco"),
        UnpluggedTalk(name: "ZKTeco over TCP with a key", make: "zkteco", commKey: 4_711),
        UnpluggedTalk(name: "ZKTeco over UDP", make: "zkteco", isDatagram: true),
        UnpluggedTalk(name: "ZKTeco by the older way", make: "zkteco", recordSize: 8),
        UnpluggedTalk(
            name: "ZKTeco in many packets", make: "zkteco", faults: [Fault(.chain)], records: 60),
        UnpluggedTalk(name: "Anviz", make: "anviz"),
        UnpluggedTalk(name: "Anviz, flags cleared", make: "anviz", confirm: .flags),
        UnpluggedTalk(name: "SOYAL, events removed", make: "soyal", confirm: .deleteOldest),
    ]

    func terminal(_ serial: String, now: @escaping @Sendable () -> Int64) -> SimulatedTerminal {
        var settings = SimulatorSettings(serialNumber: serial)
        settings.records = records
        settings.users = 7
        settings.recordSize = recordSize
        settings.commKey = commKey
        settings.faults = faults
        return SimulatedTerminal(make: make, settings: settings, now: now)
    }
}

/// Whatever byte the line is cut at: after its return each punch is on disk, once.
///
/// The whole way is real but the socket: simulated terminal, driver, line, journal. One byte
/// in 41 is tried; `make soak` tries them all.
@Suite(.serialized) struct `An unplugged line` {
    private static let stride = ProcessInfo.processInfo.environment["TITIAN_SOAK"] == "1" ? 1 : 41

    @Test(arguments: UnpluggedTalk.all)
    func `loses and doubles nothing wherever a line is cut`(_ talk: UnpluggedTalk) async throws {
        let length = try await run(talk, cutting: [nil]).first?.passed ?? 0
        #expect(length > 1_000)
        let offsets = Swift.stride(from: talk.name.count % Self.stride, to: length, by: Self.stride)
        let all = Array(offsets)
        for start in Swift.stride(from: 0, to: all.count, by: 40) {
            let part = all[start..<min(all.count, start + 40)]
            for outcome in try await run(talk, cutting: part.map(\.self)) {
                #expect(outcome.lost.isEmpty, "cut at \(outcome.offset ?? -1)")
                #expect(outcome.invented.isEmpty, "cut at \(outcome.offset ?? -1)")
                #expect(outcome.entries == outcome.truth.count, "cut at \(outcome.offset ?? -1)")
                #expect(outcome.openLinks == 0, "cut at \(outcome.offset ?? -1)")
                #expect(outcome.harm == 0)
                let told = outcome.lines.filter { $0 != "terminal blocked" }
                #expect(told == ["terminal lost", "terminal regained"], "\(outcome.offset ?? -1)")
            }
        }
    }

    /// The rig bites: a keeper that marks its place before the page is kept loses records.
    @Test func `is noticed where a place is marked before its page is on disk`() async throws {
        let talk = UnpluggedTalk(name: "careless", make: "zkteco", records: 60)
        let terminal = talk.terminal("BWXP20126001") { 1_795_167_900 }
        var isShort = false
        for offset in Swift.stride(from: 600, to: 3_000, by: 50) {
            var position: LogPosition?
            var kept: Set<String> = []
            for limit in [offset, nil] {
                let link = MemoryLink(terminal, cutAfter: limit)
                guard let session = try? await driver(talk, "BWXP20126001").open(link) else {
                    continue
                }
                if position == nil { position = try? await lastPosition(session) }
                _ = try? await session.readLog(from: position) { page in
                    for case .punch(let punch) in page.records { kept.insert(name(punch)) }
                }
                await link.close()
            }
            if kept.count < truth(terminal).count { isShort = true }
        }
        #expect(isShort)
    }

    private func lastPosition(_ session: any TerminalSession) async throws -> LogPosition? {
        var position: LogPosition?
        _ = try await session.readLog(from: nil) { position = $0.position }
        return position
    }

    // MARK: One line after the other

    private struct Outcome {
        let offset: Int?
        let truth: Set<String>
        let kept: Set<String>
        let entries: Int
        let lines: [String]
        let openLinks: Int
        let passed: Int
        let harm: Int

        var lost: Set<String> { truth.subtracting(kept) }
        var invented: Set<String> { kept.subtracting(truth) }
    }

    /// Visits a terminal of its own for each offset, in one office.
    private func run(_ talk: UnpluggedTalk, cutting offsets: [Int?]) async throws -> [Outcome] {
        try await withTemporaryFolder { folder in
            let configured = try offsets.indices.map { number in
                var terminal = try FakeOffice.configured("mesin-\(number)")
                terminal.driver = talk.make
                return terminal
            }
            let office = try FakeOffice(in: folder, configured) { _ in nil }
            var outcomes: [Outcome] = []
            for (number, offset) in offsets.enumerated() {
                outcomes.append(
                    try await visit(talk, configured[number], number, cutAfter: offset, office))
            }
            await office.journal.close()
            return outcomes
        }
    }

    private func visit(
        _ talk: UnpluggedTalk, _ configured: Configuration.Terminal, _ number: Int,
        cutAfter offset: Int?, _ office: FakeOffice
    ) async throws -> Outcome {
        let host = office.host
        let firstSeq = await office.journal.headSeq + 1
        let serial = "BWXP2012\(6_000 + number)"
        let terminal = talk.terminal(serial) { host.now.milliseconds / 1_000 }
        let links = Links(terminal, talk.isDatagram, host, cutAfter: offset)
        let log = LogBook()
        var place = office.place
        place.logger = log.logger
        place.openLine = { _ in try links.open() }
        place.driver = { _ in driver(talk, serial) }
        let line = Line([configured], at: place)
        try await work(
            line, until: { try await self.isDone(terminal, configured, offset, links, office) })
        await line.close()
        let lines = try await office.journal.lines(from: firstSeq, limit: 10_000)
        let punches = lines.compactMap { EntryFields(line: $0.line) }
            .filter { $0.kind == "punch" && $0.terminal == "\(talk.make):\(serial)" }
        return Outcome(
            offset: offset, truth: truth(terminal),
            kept: Set(punches.map { "\($0.pin ?? "") \($0.time ?? "")" }), entries: punches.count,
            lines: log.lines, openLinks: links.stillOpen, passed: links.passed,
            harm: terminal.with { $0.disabled + $0.cleared + $0.clockSet + $0.templateRequests })
    }

    /// Steps until the terminal has been read whole, people have punched, and it was read again.
    private func work(_ line: Line, until isDone: () async throws -> Bool) async throws {
        for _ in 0..<400 where try await !isDone() { await line.step() }
    }

    private func isDone(
        _ terminal: SimulatedTerminal, _ configured: Configuration.Terminal, _ offset: Int?,
        _ links: Links, _ office: FakeOffice
    ) async throws -> Bool {
        let status = await office.board.terminals.first { $0.name == configured.name }
        guard let status, status.lastRead != nil, status.state == .online else { return false }
        if links.hasPunched.with({ done in
            defer { done = true }; return !done
        }) {
            terminal.add(3)
            return false
        }
        let isOver = offset == nil || links.outageIsOver
        // A SOYAL controller is read whole when it holds nothing any more.
        let left = terminal.with { state in
            terminal.make == "soyal" ? state.book.log.count - state.confirmed : state.book.log.count
        }
        return isOver && status.newPunches > 0 && status.records == left
    }
}

private func driver(_ talk: UnpluggedTalk, _ serial: String) -> any TerminalDriver {
    var options = DriverOptions()
    if !KnownDrivers.tellsWhoItIs(talk.make) {
        (options.station, options.serialNumber) = (1, serial)
    }
    options.commKey = talk.commKey
    options.confirm = talk.confirm
    return KnownDrivers.driver(named: talk.make, options: options) ?? NoDriver()
}

private struct NoDriver: TerminalDriver {
    let make = "none"
    func open(_ link: any Link) async throws -> any TerminalSession {
        throw LinkError.closed(reason: "no such make")
    }
    func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {}
}

private func name(_ punch: Punch) -> String { "\(punch.pin) \(punch.time)" }

/// What the terminal holds, as the journal names it.
private func truth(_ terminal: SimulatedTerminal) -> Set<String> {
    let make = terminal.make
    let slots = make == "soyal" || terminal.settings.recordSize == 8 && make == "zkteco"
    return terminal.with { state in
        Set(state.book.log.map { "\(slots ? "#\($0.slot)" : "\($0.pin)") \($0.time)" })
    }
}

/// The lines that are opened one after the other: the first is cut, then nothing is there for two
/// minutes, then all is well.
private final class Links: Sendable {
    private let terminal: SimulatedTerminal
    private let isDatagram: Bool
    private let host: FakeHost
    private let limit: Int?
    private let opened = Shared<[MemoryLink]>([])
    private let cutAt = Shared<Int64?>(nil)
    let hasPunched = Shared(false)

    init(_ terminal: SimulatedTerminal, _ isDatagram: Bool, _ host: FakeHost, cutAfter limit: Int?)
    {
        self.terminal = terminal
        self.isDatagram = isDatagram
        self.host = host
        self.limit = limit
    }

    var passed: Int { opened.with { $0.reduce(0) { $0 + $1.passed } } }
    var stillOpen: Int { opened.with { $0.count { !$0.isClosed } } }
    var outageIsOver: Bool { opened.with { $0.count > 1 } }

    func open() throws -> any Link {
        let now = host.now.milliseconds
        let isFirst = opened.with { $0.isEmpty }
        if !isFirst, limit != nil {
            let start = cutAt.with { start in
                if start == nil { start = now }
                return start ?? now
            }
            if now - start < 120_000 {
                throw LinkError.unreachable(address: "tcp://…", reason: "unplugged")
            }
        }
        let link = MemoryLink(terminal, isDatagram: isDatagram, cutAfter: isFirst ? limit : nil)
        opened.with { $0.append(link) }
        return link
    }
}
