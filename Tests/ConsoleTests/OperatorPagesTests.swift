import Attendance
import Central
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Console

@Suite struct `The pages behind the door` {
    @Test func `name every office of the list, planned ones apart`() async throws {
        try await Site.open { _, browser in
            try await browser.signIn("sari")
            let page = String(buffer: try await browser.get("/").body)
            #expect(page.contains("UPT Contoh Utara"))
            #expect(page.contains("Pak Anwar 0812-0000-0001"))
            let planned = try #require(
                page.components(separatedBy: "id=\"rencana\"").dropFirst().first)
            #expect(planned.contains("Puskesmas Contoh"))
        }
    }

    @Test func `speak English when asked, and go on doing so`() async throws {
        try await Site.open { _, browser in
            try await browser.signIn("sari")
            let asked = String(buffer: try await browser.get("/?lang=en").body)
            #expect(asked.contains("Fleet overview"))
            #expect(asked.contains("<html lang=\"en\">"))
            let kept = String(buffer: try await browser.get("/").body)
            #expect(kept.contains("Fleet overview"))
            let back = String(buffer: try await browser.get("/?lang=id").body)
            #expect(back.contains("Ringkasan armada"))
        }
    }

    @Test func `show the audit log to administrators only`() async throws {
        try await Site.open { _, browser in
            try await browser.signIn("sari")
            #expect(try await browser.get("/audit").status == .forbidden)
            _ = try await browser.submit("/keluar", from: "/", [:])
            try await browser.signIn("admin")
            #expect(try await browser.get("/audit").status == .ok)
        }
    }

    @Test func `leave an audit row for each sign-in, personal view and export`() async throws {
        try await Site.open { site, browser in
            try await browser.signIn("sari", password: "salah-sekali-ini")
            try await browser.signIn("sari")
            _ = try await browser.get("/kantor/upt-contoh-utara")
            _ = try await browser.get("/kantor/upt-contoh-utara/unduh")
            _ = try await browser.submit("/keluar", from: "/", [:])
            let rows = try await site.centre.central.auditRows(before: nil, limit: 5)
            #expect(
                rows.map(\.action) == [
                    "sign-out", "export-punches", "view-office", "sign-in", "sign-in-failed",
                ])
            #expect(rows[2].object == "upt-contoh-utara")
            #expect(rows.allSatisfy { $0.who == "sari" })
        }
    }

    @Test(arguments: ["/kantor/tidak-ada", "/kantor/TIDAK%20ADA", "/kantor/tidak-ada/unduh"])
    func `say so when an office is not there`(path: String) async throws {
        try await Site.open { _, browser in
            try await browser.signIn("sari")
            let answer = try await browser.get(path)
            #expect(answer.status == .notFound)
            #expect(String(buffer: answer.body).contains("tidak dikenal"))
        }
    }

    @Test(arguments: ["/", "/masuk", "/gaya.css", "/api/v1/health", "/tidak-ada"])
    func `allow nothing from elsewhere and no scripts`(path: String) async throws {
        try await Site.open { _, browser in
            let headers = try await browser.get(path).headers
            let policy = try #require(HTTPField.Name("Content-Security-Policy"))
            #expect(headers[policy] == SecurityHeaders.policy)
            #expect(SecurityHeaders.policy.hasPrefix("default-src 'none'"))
            #expect(!SecurityHeaders.policy.contains("script"))
        }
    }
}
