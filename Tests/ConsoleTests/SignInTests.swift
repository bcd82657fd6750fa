import Central
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Console

@Suite struct `Signing in` {
    @Test func `is asked of everybody who wants a page`() async throws {
        try await Site.open { _, browser in
            for path in ["/", "/kantor/upt-contoh-utara", "/audit"] {
                let answer = try await browser.get(path)
                #expect(answer.status == .seeOther)
                #expect(answer.headers[.location] == "/masuk")
            }
        }
    }

    @Test func `with the right password opens the fleet page`() async throws {
        try await Site.open { _, browser in
            let answer = try await browser.signIn("sari")
            #expect(answer.status == .seeOther)
            #expect(answer.headers[.location] == "/")
            let page = String(buffer: try await browser.get("/").body)
            #expect(page.contains("UPT Contoh Utara"))
        }
    }

    @Test func `sets a cookie that no script and no other site can use`() async throws {
        try await Site.open { _, browser in
            let cookies = try await browser.signIn("sari").headers[values: .setCookie]
            let session = try #require(cookies.first { $0.hasPrefix("titian=") })
            for word in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
                #expect(session.contains(word))
            }
        }
    }

    static let mistakes = [("sari", "salah-sekali-ini"), ("tidak-ada", Site.password), ("", "")]

    @Test(arguments: mistakes)
    func `with a mistake shows the form again and says no more than needed`(
        name: String, password: String
    ) async throws {
        try await Site.open { _, browser in
            let answer = try await browser.signIn(name, password: password)
            #expect(answer.status == .ok)
            let page = String(buffer: answer.body)
            #expect(page.contains("Nama atau kata sandi salah."))
            #expect(try await browser.get("/").status == .seeOther)
        }
    }

    @Test func `is refused without the form's token`() async throws {
        try await Site.open { _, browser in
            let fields = ["name": "sari", "password": Site.password, "token": "0000"]
            let answer = try await browser.submit("/masuk", from: "/masuk", fields)
            #expect(answer.status == .forbidden)
            #expect(try await browser.get("/").status == .seeOther)
        }
    }

    @Test func `has to wait after five mistakes, also with the right password`() async throws {
        try await Site.open { site, browser in
            for _ in 0..<5 { try await browser.signIn("sari", password: "salah-sekali-ini") }
            let answer = try await browser.signIn("sari")
            #expect(answer.status == .tooManyRequests)
            #expect(answer.headers[.retryAfter] == "900")
            site.clock.advance(seconds: 901)
            #expect(try await browser.signIn("sari").status == .seeOther)
        }
    }

    @Test func `ends with signing out`() async throws {
        try await Site.open { _, browser in
            try await browser.signIn("sari")
            let answer = try await browser.submit("/keluar", from: "/", [:])
            #expect(answer.headers[.location] == "/masuk")
            #expect(try await browser.get("/").status == .seeOther)
        }
    }

    @Test func `is not ended by a form of another site`() async throws {
        try await Site.open { _, browser in
            try await browser.signIn("sari")
            _ = try await browser.submit("/keluar", from: "/", ["token": "0000"])
            #expect(try await browser.get("/").status == .ok)
        }
    }

    @Test func `ends by itself after an hour without a page`() async throws {
        try await Site.open { site, browser in
            try await browser.signIn("sari")
            site.clock.advance(seconds: 3_599)
            #expect(try await browser.get("/").status == .ok)
            site.clock.advance(seconds: 3_600)
            #expect(try await browser.get("/").status == .seeOther)
        }
    }

    @Test func `ends by itself after twelve hours`() async throws {
        try await Site.open { site, browser in
            try await browser.signIn("sari")
            for _ in 0..<11 {
                site.clock.advance(seconds: 3_590)
                #expect(try await browser.get("/").status == .ok)
            }
            site.clock.advance(seconds: 43_200 - 11 * 3_590)
            #expect(try await browser.get("/").status == .seeOther)
        }
    }
}
