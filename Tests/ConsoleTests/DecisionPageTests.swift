import Attendance
import Central
import Exchange
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Console

@Suite struct `The page that shuts a bridge out` {
    private func path(_ box: Box) -> String { "/jembatan/\(box.key.verifying.id)/cabut" }

    @Test func `asks why, and from then on its calls are refused and its data stay`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            _ = try await browser.enrol(box, at: site)
            _ = try await browser.sync(try box.call(pins: ["17"]))
            try await browser.signIn("admin")
            let office = String(buffer: try await browser.get("/kantor/upt-contoh-utara").body)
            #expect(office.contains("href=\"\(path(box))\""))
            let none = try await browser.submit(path(box), from: path(box), ["alasan": "  x "])
            #expect(none.status == .badRequest)
            let answer = try await browser.submit(
                path(box), from: path(box), ["alasan": "kotak <dicuri>"])
            #expect(answer.headers[.location] == "/kantor/upt-contoh-utara")
            let refused = try await browser.sync(try box.call(pins: ["21"], at: 2))
            #expect(refused.status == .forbidden)
            #expect(try refused.decoded(ProblemDocument.self).code == "key-revoked")
            let after = String(buffer: try await browser.get("/kantor/upt-contoh-utara").body)
            #expect(after.contains("Jembatan yang dicabut"))
            #expect(after.contains("admin: kotak &lt;dicuri&gt;"))
            let audit = try await site.centre.central.auditRows(limit: 2)
            let row = try #require(audit.first { $0.action == "revoke-bridge" })
            #expect(row.who == "admin")
            #expect(row.object == "\(box.key.verifying.id): kotak <dicuri>")
            #expect(try await site.centre.central.verify().punches == 1)
            let again = String(buffer: try await browser.get(path(box)).body)
            #expect(again.contains("Sudah dicabut."))
            #expect(!again.contains("name=\"alasan\""))
        }
    }

    @Test func `is for administrators, by their own form`() async throws {
        try await Site.open { site, browser in
            let box = try Box()
            _ = try await browser.enrol(box, at: site)
            try await browser.signIn("sari")
            #expect(try await browser.get(path(box)).status == .forbidden)
            let office = String(buffer: try await browser.get("/kantor/upt-contoh-utara").body)
            #expect(!office.contains("/cabut"))
            let token = try #require(
                office.components(separatedBy: "name=\"token\" value=\"").dropFirst().first)
            let fields = ["alasan": "kotak dicuri", "token": String(token.prefix { $0 != "\"" })]
            #expect(
                try await browser.submit(path(box), from: "/", fields).status == .forbidden)
            _ = try await browser.submit("/keluar", from: "/", [:])
            try await browser.signIn("admin")
            let foreign = ["alasan": "kotak dicuri", "token": "salah"]
            #expect(
                try await browser.submit(path(box), from: "/", foreign).status == .badRequest)
            #expect(try await browser.get("/jembatan/tidak-ada/cabut").status == .notFound)
            #expect(
                try await site.centre.central.bridges().allSatisfy { $0.revocation == nil })
        }
    }

    @Test func `lets a new code bring the bridge back, and not the old one`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            let code = try await site.code(days: 30)
            let request = try box.request(secret: code.secret)
            _ = try await browser.post("/api/v1/enrol", request)
            try await site.centre.central.revoke(
                bridge: box.key.verifying.id, because: "keliru", by: Site.doer, at: site.clock.now)
            let old = try await browser.post("/api/v1/enrol", request)
            #expect(try old.decoded(ProblemDocument.self).code == "key-revoked")
            #expect(try await browser.enrol(box, at: site).status == .ok)
            #expect(try await browser.sync(try box.call(pins: ["17"])).status == .ok)
            let bridge = try await site.centre.central.bridge(box.key.verifying.id)
            #expect(bridge?.revocation == nil)
        }
    }

    @Test func `a second time changes nothing`() async throws {
        try await Site.open { site, browser in
            let box = try Box()
            _ = try await browser.enrol(box, at: site)
            let central = site.centre.central
            let id = box.key.verifying.id
            #expect(
                try await central.revoke(
                    bridge: id, because: "dicuri", by: Site.doer, at: site.clock.now))
            let rows = try await central.auditRows(limit: 100).count
            #expect(
                try await central.revoke(
                    bridge: id, because: "lain", by: Site.doer, at: site.clock.now) == false)
            #expect(try await central.auditRows(limit: 100).count == rows)
            #expect(try await central.bridge(id)?.revocation?.reason == "dicuri")
        }
    }
}

@Suite struct `The page that places a terminal` {
    private let form = "/kantor/puskesmas-contoh/tempatkan"
    private let query = "?mesin=zkteco%3ABWXP20126001"

    /// The terminal of one office, read by the box of another: three punches wait there.
    private func moved(_ site: Site, _ browser: Browser) async throws {
        var first = try Box()
        _ = try await browser.enrol(first, at: site)
        _ = try await browser.sync(try first.call(pins: ["17", "21"]))
        var second = try Box(seed: 8)
        let code = try await site.centre.central.makeCode(
            office: try OfficeID("puskesmas-contoh"), days: 30, by: Site.doer, at: site.clock.now)
        _ = try await browser.post(
            "/api/v1/enrol", try second.request(secret: code.secret.hex))
        _ = try await browser.sync(try second.call(pins: ["17", "21", "33"]))
    }

    private func counted(_ site: Site, _ office: String) async throws -> [String] {
        var pins: [String] = []
        try await site.centre.central.forEachPunch(office: try OfficeID(office)) {
            pins += $0.map(\.pin)
        }
        return pins.sorted()
    }

    @Test func `proposes the moment after what counts elsewhere`() async throws {
        try await Site.open { site, browser in
            try await moved(site, browser)
            try await browser.signIn("sari")
            let office = String(buffer: try await browser.get("/kantor/puskesmas-contoh").body)
            #expect(office.contains("\(form)\(query)"))
            let page = String(buffer: try await browser.get(form + query).body)
            #expect(page.contains("value=\"2026-11-19T08:00:03\" "), "\(page)")
            #expect(page.contains("UPT Contoh Utara"))
            let answer = try await browser.submit(
                form, from: form + query,
                ["mesin": "zkteco:BWXP20126001", "mulai": "waktu", "sejak": "2026-11-19T08:00:03"])
            #expect(answer.headers[.location] == "/kantor/puskesmas-contoh")
            #expect(try await counted(site, "upt-contoh-utara") == ["17", "21"])
            #expect(try await counted(site, "puskesmas-contoh") == ["33"])
            #expect(try await site.centre.central.verify().findings == [])
            let audit = try await site.centre.central.auditRows(limit: 1)
            #expect(audit.first?.action == "place-terminal")
            #expect(audit.first?.who == "sari")
            #expect(try await browser.get(form + query).status == .notFound)
        }
    }

    @Test func `can give a terminal all it ever recorded`() async throws {
        try await Site.open { site, browser in
            try await moved(site, browser)
            try await browser.signIn("sari")
            _ = try await browser.submit(
                form, from: form + query, ["mesin": "zkteco:BWXP20126001", "mulai": "awal"])
            #expect(try await counted(site, "upt-contoh-utara") == [])
            #expect(try await counted(site, "puskesmas-contoh") == ["17", "21", "33"])
        }
    }

    @Test func `changes nothing for what cannot be read, or does not wait`() async throws {
        try await Site.open { site, browser in
            try await moved(site, browser)
            try await browser.signIn("sari")
            for (fields, status) in [
                (["mesin": "zkteco:BWXP20126001", "sejak": "kemarin"], .badRequest),
                (["mesin": "zkteco:BWXP20126001", "mulai": "awal", "token": "x"], .badRequest),
                (["mesin": "zkteco:LAIN", "mulai": "awal"], .notFound),
            ] as [([String: String], HTTPResponse.Status)] {
                let answer = try await browser.submit(form, from: form + query, fields)
                #expect(answer.status == status, "\(fields)")
            }
            #expect(
                try await browser.get("/kantor/upt-contoh-utara/tempatkan\(query)").status
                    == .notFound)
            #expect(try await counted(site, "puskesmas-contoh") == [])
        }
    }

    @Test(arguments: [
        ("2026-11-24T08:00", "2026-11-24T08:00:00"), ("2026-11-24 08:00:09", "2026-11-24T08:00:09"),
        ("", nil), ("2026-13-01T00:00", nil),
    ])
    func `reads a time as browsers write it`(typed: String, meant: String?) {
        #expect(PlacementPage.time(typed)?.description == meant)
    }
}
