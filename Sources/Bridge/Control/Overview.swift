import Attendance
import Exchange
import Journal

/// Gathers how everything is, for the control socket and for the heartbeat.
struct Overview: Sendable {
    let office: OfficeID
    let zone: Zone
    let bridge: VerifyingKey
    let state: StateFolder
    let journal: Journal
    let board: StatusBoard
    let host: Host
    let boot: Int64
    let startedAt: UTCTime
    /// See ``StatusReport/crashes``.
    var crashes: [String] = []
    let roll: PresenceRoll
    let sticks: @Sendable () async -> StickReport
    let sync: @Sendable () async -> SyncStatus

    func report() async throws -> StatusReport {
        let disk = DiskSpace(at: state.path)
        let refused = await board.refused
        let repairs = Journal.repairs(in: state.path)
        return StatusReport(
            office: office.description, timezone: zone.ianaName, version: TitianVersion.current,
            bridge: bridge.id, hostname: host.hostname, startedAt: startedAt.description,
            terminals: await board.terminals,
            journal: JournalReport(try await journal.status()), sync: await sync(),
            sticks: await sticks(),
            host: HostReport(
                hostname: host.hostname, now: host.now().description, boot: boot,
                uptimeMilliseconds: host.uptime(), synced: host.isSynced(),
                diskFree: disk?.free ?? 0, diskTotal: disk?.total ?? 0),
            push: await board.push,
            refusedCallers: refused.isEmpty ? nil : refused,
            crashes: crashes.isEmpty ? nil : crashes,
            repairs: repairs.isEmpty ? nil : repairs)
    }

    /// Who has not been seen today.
    func missing() async throws -> MissingReport {
        let seen = try await roll.seen(at: host.now())
        return MissingReport(
            seen.pins, on: seen.day, zone: zone, hostSynced: host.isSynced(),
            doubts: MissingReport.doubts(of: await board.terminals))
    }

    /// What the header of each call to the centre carries.
    func bridgeStatus() async -> BridgeStatus {
        var status = BridgeStatus(
            version: TitianVersion.current, office: office.description, hostname: host.hostname,
            startedAt: startedAt.description)
        status.terminals = await board.terminals
        status.hostSynced = host.isSynced()
        let sync = await sync()
        status.hostOffsetMilliseconds = sync.hostOffsetMilliseconds
        status.hostErrorMilliseconds = sync.hostErrorMilliseconds
        if let journal = try? await journal.status() {
            status.queue = journal.queue
            status.oldestUnsent = journal.oldestUnsent?.description
            status.journalBytes = journal.bytes
        }
        if let disk = DiskSpace(at: state.path) {
            status.diskFree = disk.free
            status.diskTotal = disk.total
        }
        return status
    }

    /// The clocks of now, for an entry.
    var moment: Moment { Moment(at: host.now(), boot: boot, up: host.uptime()) }

    /// One line for `systemctl status`.
    func line() async -> String {
        let terminals = await board.terminals
        let online = terminals.count { $0.state == .online }
        let queue = (try? await journal.status())?.queue ?? 0
        return "\(online) of \(terminals.count) terminals online, \(queue) entries wait"
    }
}
