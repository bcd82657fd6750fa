import Attendance
import Exchange

@testable import Central
@testable import Console

// One office whole, and an audit log.
extension MadeUp {
    static func detail() throws -> OfficeDetail {
        let lobi = try TerminalID("zkteco:BWXP20126001")
        let gudang = try TerminalID("zkteco:AF4C183060")
        func punch(
            _ terminal: TerminalID, _ pin: String, _ at: String, _ verify: String = "finger",
            isProvisional: Bool = false
        ) -> RecentPunch {
            RecentPunch(
                terminal: terminal, pin: pin, time: WallTime(at) ?? WallTime(seconds: 0),
                verify: verify, state: "in", isProvisional: isProvisional)
        }
        return OfficeDetail(
            at: now, row: try lostTerminal("sman-2"),
            recent: [
                punch(lobi, "17", "2026-11-24T08:04:51", isProvisional: true),
                punch(lobi, "21", "2026-11-24T07:58:09"),
                punch(lobi, "33", "2026-11-24T07:31:20", "card"),
                punch(gudang, "8", "2026-11-23T16:02:00"),
            ],
            clocks: [
                clock(lobi) { $0 * 110 - 200 }, clock(gudang) { $0 < 18 ? $0 * 300 : $0 * 20 },
            ],
            coverage: [],
            events: [
                event("2026-11-23T19:04:00Z", "terminal-lost", gudang, "link.silent"),
                event("2026-11-20T00:01:00Z", "terminal-seen", gudang, as: .latest),
                event("2026-11-20T00:00:00Z", "bridge-start", nil, "0.1.0", as: .box),
                event("2026-03-03T01:12:00Z", "bridge-enrolled", nil, "7f3a09c1d2e4b5a6"),
            ],
            journals: [],
            flagged: [
                FlaggedLine(
                    journal: "00", seq: 77, at: time("2026-11-21T01:00:00Z"), reason: "oddity",
                    terminal: gudang.description, detail: "impossible date"),
                FlaggedLine(
                    journal: "00", seq: 70, at: time("2026-11-20T09:12:00Z"), reason: "oddity",
                    terminal: gudang.description, detail: "no punch: exit button"),
            ], waiting: 0)
    }

    private static func clock(
        _ terminal: TerminalID, _ offset: (Int64) -> Int64
    ) -> TerminalClock {
        let readings = (0..<30).reversed().map { step in
            ClockPoint(
                at: now.advanced(byMilliseconds: -Int64(30 - step) * 82_800_000),
                offsetMilliseconds: offset(Int64(step)), errorMilliseconds: 510, hostSynced: true)
        }
        return TerminalClock(terminal: terminal, readings: readings)
    }

    private static func event(
        _ at: String, _ code: String, _ terminal: TerminalID?, _ detail: String? = nil,
        as certainty: Certainty = .known
    ) -> OfficeEvent {
        OfficeEvent(
            at: time(at), receivedAt: time(at), code: code, terminal: terminal?.description,
            detail: detail, certainty: certainty)
    }

    static let audit = [
        AuditRow(
            seq: 1_204, at: time("2026-11-24T00:04:00Z"), who: "sari", action: "view-office",
            object: "upt-contoh-utara", address: "10.2.3.4"),
        AuditRow(
            seq: 1_203, at: time("2026-11-23T23:59:00Z"), who: "sari", action: "sign-in",
            object: nil, address: "10.2.3.4"),
        AuditRow(
            seq: 1_202, at: time("2026-11-23T23:58:00Z"), who: "<script>",
            action: "sign-in-failed", object: nil, address: "10.9.9.9"),
    ]
}
