import Attendance
import Exchange

@testable import Central
@testable import Console

// What operators decide about, and what they hand in.
extension MadeUp {
    static func bridge(isRevoked: Bool) throws -> Bridge {
        let key = try SigningKey(seed: [UInt8](repeating: 9, count: 32)).verifying
        let gone = Bridge.Revocation(
            at: time("2026-11-23T03:00:00Z"), who: "admin", reason: "kotak <dicuri>")
        return Bridge(
            id: key.id, key: key, office: try OfficeID("sman-2"), hostname: "kotak-3",
            enrolledAt: time("2026-03-03T01:12:00Z"), lastHeard: time("2026-11-22T08:20:00Z"),
            revocation: isRevoked ? gone : nil)
    }

    static func waiting() throws -> WaitingTerminal {
        WaitingTerminal(
            id: try TerminalID("zkteco:BWXP20126044"),
            owner: try office("rsud-contoh", "RSUD Contoh"), entries: 1_204,
            since: time("2026-11-23T23:00:00Z"), lastCounted: WallTime("2026-11-20T16:02:11"))
    }

    static func courier(isRefused: Bool) -> KeptCourier {
        let good = """
            {"request":{"bridge":"7f3a09c1d2e4b5a6","hostname":"kotak-7","office":"sman-2"},
            "office":"sman-2","bridge":"7f3a09c1d2e4b5a6","calls":2,"new":5012,"known":500,
            "newPunches":4980,"ackedThrough":5512,"isReceipt":false}
            """
        let bad = """
            {"request":{"bridge":"7f3a09c1d2e4b5a6","hostname":"kotak-7","refusal":"code-expired"},
            "calls":0,"new":0,"known":0,"newPunches":0,"ackedThrough":0,"refusal":"code-expired",
            "isReceipt":false}
            """
        return KeptCourier(
            id: 7, at: now, who: "sari", file: "titian-sman-2.courier",
            outcome: isRefused ? bad : good, receipts: isRefused ? nil : [0x7B])
    }
}
