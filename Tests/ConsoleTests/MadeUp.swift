import Attendance
import Exchange

@testable import Central
@testable import Console

/// A made-up region on Tuesday 24 November 2026, 08:05:12 WITA: offices well and ill, planned and
/// retired.
enum MadeUp {
    static let now = time("2026-11-24T00:05:12Z")

    static func time(_ text: String) -> UTCTime { UTCTime(text) ?? UTCTime(milliseconds: 0) }

    static func office(
        _ id: String, _ name: String, zone: Zone = .wita, stage: Office.Stage = .active,
        contact: String? = "Pak Anwar 0812-0000-0001"
    ) throws -> Office {
        Office(
            id: try OfficeID(id), name: name, zone: zone, stage: stage, contact: contact,
            addedAt: time("2026-03-01T01:00:00Z"))
    }

    static func bridge(
        heard: String? = "2026-11-24T00:04:40Z", queue: Int = 0, oldest: String? = nil
    ) -> BridgeRow {
        BridgeRow(
            id: "7f3a09c1d2e4b5a6", hostname: "kotak-7", enrolledAt: time("2026-03-03T01:12:00Z"),
            lastHeard: heard.map(time), version: "0.1.0", startedAt: time("2026-11-20T00:00:00Z"),
            queue: queue, oldestUnsent: oldest.map(time), journalBytes: 4_100_000, diskFree: 88,
            diskTotal: 100, hostSynced: true, hostUnsyncedSince: nil, hostOffsetMilliseconds: 410,
            entries: 5_512, cloneSince: nil, forkedAt: nil)
    }

    static func terminal(
        _ name: String, serial: String, _ state: String = "online",
        since: String = "2026-11-20T00:01:00Z", offset: Int64? = 3_120,
        through: String? = "2026-11-23T23:58:10Z", holes: Int = 0, emptySince: String? = nil
    ) throws -> TerminalRow {
        TerminalRow(
            bridge: "7f3a09c1d2e4b5a6", name: name, driver: "zkteco",
            link: "tcp://192.168.1.201:4370", terminal: try TerminalID("zkteco:\(serial)"),
            model: "X100-C", firmware: "Ver 6.60", state: state, since: time(since),
            problemCode: state == "lost" ? "link.silent" : nil,
            problem: state == "lost" ? silence : nil, lastContact: through.map(time),
            lastRead: through.map(time), records: emptySince == nil ? 41_233 : 0,
            recordCapacity: 100_000, users: 34,
            offsetMilliseconds: offset, errorMilliseconds: 510, clockAt: through.map(time),
            clockOffSince: nil, completeThrough: through.map(time), holes: holes,
            emptySince: emptySince.map(time))
    }

    static let silence = Text(
        id: "Mesin tidak menjawab selama 5 detik.", en: "The terminal sent nothing for 5 s.")

    static func row(
        _ office: Office, bridges: [BridgeRow] = [bridge()], terminals: [TerminalRow]? = nil,
        causes: [Cause] = [], isNew: Bool = true
    ) throws -> OfficeRow {
        let usual = try [
            terminal("lobi", serial: "BWXP20126001"),
            terminal("gudang", serial: "AF4C183060", offset: -400),
        ]
        return OfficeRow(
            office: office, bridges: bridges, terminals: terminals ?? usual, causes: causes,
            punches: 41_102,
            severity: causes.map(\.severity).max()
                ?? (office.stage.isExpectedToReport ? .fine : .notExpected),
            isNew: isNew && !causes.isEmpty)
    }

    /// One office for each kind of trouble, and some without.
    static func fleet(andHealthy more: Int = 0) throws -> FleetReport {
        let lost = try ["sman-2", "smkn-1"].map { try lostTerminal($0) }
        let rows = try lost + [clockOff(), notEnrolled(), silent()]
        let well = try [
            row(office("dinas-contoh", "Dinas Contoh")),
            row(office("kecamatan-a", "Kecamatan Contoh A")),
            row(office("rsud-contoh", "RSUD Contoh", zone: .wit)),
        ]
        let others = try (0..<more).map { try row(office("kantor-\($0)", "Kantor \($0)")) }
        let groups = rows.reduce(into: [CauseGroup]()) { groups, row in
            guard let cause = row.causes.first, groups.last?.code != cause.code else { return }
            groups.append(
                CauseGroup(
                    code: cause.code, detail: cause.detail, since: cause.since, isNew: row.isNew,
                    offices: [row.office.id]))
        }
        return FleetReport(
            at: now, groups: groups, offices: rows + well + others,
            planned: [
                try row(
                    office(
                        "puskesmas-contoh", "Puskesmas Contoh", zone: .wib, stage: .planned,
                        contact: nil), bridges: [], terminals: [])
            ], inactive: [])
    }

    static func lostTerminal(_ id: String) throws -> OfficeRow {
        let name = id == "sman-2" ? "SMAN Contoh 2" : "SMKN Contoh 1"
        return try row(
            office(id, name, contact: "Bu Rini 0812-0000-0002"),
            terminals: [
                terminal("lobi", serial: "BWXP20126001"),
                terminal(
                    "gudang", serial: "AF4C183060", "lost", since: "2026-11-23T19:04:00Z",
                    offset: nil, through: "2026-11-23T08:20:00Z", holes: 1),
            ],
            causes: [
                Cause(
                    .terminalLost, terminal: "gudang", detail: "link.silent", words: silence,
                    since: time("2026-11-23T19:04:00Z"))
            ])
    }

    static func clockOff() throws -> OfficeRow {
        try row(
            office("puskesmas-b", "Puskesmas <Contoh> B", zone: .wib),
            terminals: [
                terminal("loket", serial: "BWXP20126009", offset: 3_492_000),
                terminal("gudang", serial: "AF4C183061"),
            ],
            causes: [Cause(.clockOff, terminal: "loket", since: time("2026-11-24T00:01:00Z"))])
    }

    static func notEnrolled() throws -> OfficeRow {
        try row(
            office("sdn-contoh-dua", "SDN Contoh 2"), bridges: [], terminals: [],
            causes: [Cause(.notEnrolled, since: time("2026-11-23T02:00:00Z"))])
    }

    static func silent() throws -> OfficeRow {
        try row(
            office("upt-contoh-utara", "UPT Contoh Utara"),
            bridges: [
                bridge(heard: "2026-11-22T08:20:00Z", queue: 214, oldest: "2026-11-22T07:01:12Z")
            ], causes: [Cause(.silent, since: time("2026-11-22T08:20:00Z"))], isNew: false)
    }
}
