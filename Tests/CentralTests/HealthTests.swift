import Attendance
import Testing

@testable import Central

@Suite struct `The rules about an office's health` {
    private let now = moment()

    private func office(_ stage: Office.Stage = .active) throws -> Office {
        Office(
            id: try OfficeID("a"), name: "A", zone: .wita, stage: stage, contact: nil,
            addedAt: moment(-999))
    }

    private func bridge(
        _ id: String = "b1", enrolled: Int64 = -900, heard: Int64? = -10, queue: Int = 0,
        oldest: Int64? = nil, free: Int64 = 50 << 30, synced: Bool = true, cloned: Int64? = nil,
        forked: Int64? = nil
    ) -> BridgeRow {
        BridgeRow(
            id: id, hostname: "kotak", enrolledAt: moment(enrolled),
            lastHeard: heard.map { moment($0) }, version: "1", startedAt: nil, queue: queue,
            oldestUnsent: oldest.map { moment($0) }, journalBytes: 0, diskFree: free,
            diskTotal: 100 << 30, hostSynced: synced,
            hostUnsyncedSince: synced ? nil : moment(-50), hostOffsetMilliseconds: nil,
            entries: 0, cloneSince: cloned.map { moment($0) }, forkedAt: forked.map { moment($0) })
    }

    private func terminal(
        _ state: String = "online", bridge: String = "b1", since: Int64 = -60, records: Int? = nil,
        off: Int64? = nil, holes: Int = 0
    ) throws -> TerminalRow {
        TerminalRow(
            bridge: bridge, name: "lobi", driver: "zkteco", link: "tcp://x:1",
            terminal: try TerminalID("zkteco:A1"), model: nil, firmware: nil, state: state,
            since: moment(since), problemCode: nil, problem: nil, lastContact: nil,
            lastRead: nil, records: records, recordCapacity: 1_000, users: nil,
            offsetMilliseconds: nil, errorMilliseconds: nil, clockAt: nil,
            clockOffSince: off.map { moment($0) }, completeThrough: moment(-5), holes: holes,
            emptySince: nil)
    }

    private func codes(
        _ bridges: [BridgeRow], _ terminals: [TerminalRow] = [],
        _ notes: Health.Notes = Health.Notes(), stage: Office.Stage = .active
    ) throws -> [Cause.Code] {
        Health.causes(
            office: try office(stage), bridges: bridges, terminals: terminals, notes: notes,
            at: now
        ).map(\.code)
    }

    @Test(arguments: [Office.Stage.planned, .inactive])
    func `find nothing where nothing is expected`(stage: Office.Stage) throws {
        #expect(try codes([], stage: stage) == [])
        #expect(Health.severity(of: try office(stage), causes: []) == .notExpected)
    }

    @Test func `find nothing where all is well`() throws {
        #expect(try codes([bridge()], [terminal()]) == [])
    }

    @Test(arguments: [(-960, false), (-961, true)] as [(Int64, Bool)])
    func `call a bridge silent after sixteen minutes`(heard: Int64, isSilent: Bool) throws {
        #expect(try codes([bridge(heard: heard)]) == (isSilent ? [.silent] : []))
    }

    @Test func `say nothing of the terminals of a bridge that is silent`() throws {
        #expect(try codes([bridge(heard: -5_000)], [terminal("lost")]) == [.silent])
    }

    @Test func `name each trouble of a bridge`() throws {
        #expect(try codes([bridge(heard: nil)]) == [.neverHeard])
        #expect(try codes([bridge(queue: 3, oldest: -1_801)]) == [.queueOld])
        #expect(try codes([bridge(queue: 3, oldest: -1_800)]) == [])
        #expect(try codes([bridge(synced: false)]) == [.hostUnsynced])
        #expect(try codes([bridge(free: 1 << 20)]) == [.diskNearlyFull])
        #expect(try codes([bridge(forked: -86_399)]) == [.forked])
        #expect(try codes([bridge(forked: -86_400)]) == [])
    }

    @Test func `name each trouble of a terminal`() throws {
        #expect(try codes([bridge()], [terminal("lost")]) == [.terminalLost])
        #expect(try codes([bridge()], [terminal("blocked")]) == [.terminalBlocked])
        #expect(try codes([bridge()], [terminal("starting", since: -600)]) == [])
        #expect(try codes([bridge()], [terminal("starting", since: -601)]) == [.terminalLost])
        #expect(try codes([bridge()], [terminal(off: -7)]) == [.clockOff])
        #expect(try codes([bridge()], [terminal(holes: 1)]) == [.coverageHole])
        #expect(try codes([bridge()], [terminal(records: 909)]) == [.logNearlyFull])
        #expect(try codes([bridge()], [terminal(records: 900)]) == [])
    }

    @Test func `show flags and clones for a week after the last`() throws {
        var notes = Health.Notes(flaggedSince: moment(-999_999), flaggedLast: moment(-604_799))
        #expect(try codes([bridge()], [], notes) == [.linesFlagged])
        notes.flaggedLast = moment(-604_800)
        #expect(try codes([bridge()], [], notes) == [])
        notes.cloneLast = moment(-604_799)
        #expect(try codes([bridge(cloned: -700_000)], [], notes) == [.clone])
    }

    @Test func `put faults before what only wants attention`() throws {
        let found = try codes(
            [bridge(queue: 1, oldest: -9_000, synced: false)],
            [terminal(off: -7), terminal("blocked")])
        #expect(found == [.terminalBlocked, .clockOff, .queueOld, .hostUnsynced])
    }

    @Test func `call a bridge replaced only by one that reads all its terminals`() throws {
        let old = bridge("b1", enrolled: -900, heard: -800)
        let new = bridge("b2", enrolled: -500, heard: -10)
        let both = [try terminal(), try terminal(bridge: "b2")]
        #expect(Health.replaced([old, new], both) == ["b1"])
        #expect(Health.replaced([old, new], [try terminal()]) == [])
        #expect(Health.replaced([old, bridge("b2", heard: nil)], []) == [])
        #expect(Health.replaced([old], both) == [])
    }
}
