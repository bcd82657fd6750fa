import Attendance
import Central
import Exchange
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Console

@Suite struct `The page for courier files` {
    private func rows(_ site: Site) async throws -> Int {
        var count = 0
        try await site.centre.central.forEachPunch(office: try OfficeID("upt-contoh-utara")) {
            count += $0.count
        }
        return count
    }

    private func left(_ site: Site) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: site.centre.folder.file("incoming")))
            ?? []
    }

    private func page(_ answer: TestResponse, _ browser: Browser) async throws -> String {
        let path = try #require(answer.headers[.location])
        return String(buffer: try await browser.get(path).body)
    }

    /// A box's request and two calls, as `titian export` writes them.
    private func file(_ box: inout Box, _ site: Site) async throws -> [UInt8] {
        let code = try await site.code(days: 30)
        return try box.carriedRequest(with: code) + box.call(pins: ["17", "21"], at: 1)
            + box.call(pins: ["33"], at: 2)
    }

    @Test func `takes a file, enrols its box, and gives a receipt back`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            let file = try await file(&box, site)
            try await browser.signIn("sari")
            let answer = try await browser.upload(file, name: "kantor.courier")
            #expect(answer.status == .seeOther)
            let page = try await page(answer, browser)
            #expect(page.contains("Diterima."))
            #expect(page.contains("Kotak terdaftar untuk upt-contoh-utara."))
            #expect(page.contains("#3"))
            #expect(try await rows(site) == 3)
            let path = try #require(answer.headers[.location])
            let receipt = try await browser.get("\(path)/tanda-terima")
            #expect(
                receipt.headers[.contentDisposition]
                    == "attachment; filename=\"kantor.courier.receipt\"")
            let lines = String(buffer: receipt.body).split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first.map(String.init) == ReceiptFile.mark)
            let last = try WireJSON.decode(SyncAnswer.self, from: try #require(lines.last).utf8)
            let key = site.centre.central.receiptKey.verifying
            #expect(last.verifiedReceipt(by: key)?.ackedThrough == 3)
            let audit = try await site.centre.central.auditRows(limit: 1)
            #expect(audit.first?.action == "accept-courier")
            #expect(audit.first?.who == "sari")
            #expect(audit.first?.object == "kantor.courier: upt-contoh-utara, 3 new, 0 known")
            #expect(left(site) == [])
        }
    }

    @Test func `taken twice, or sent over the line as well, says that all was known`() async throws
    {
        try await Site.open { site, browser in
            var box = try Box()
            let file = try await file(&box, site)
            try await browser.signIn("sari")
            _ = try await browser.upload(file, name: "kantor.courier")
            let again = try await page(browser.upload(file, name: "kantor.courier"), browser)
            #expect(again.contains("Semua isinya sudah ada."))
            #expect(again.contains("Unduh tanda terima"))
            _ = try await browser.sync(try box.call(pins: ["34"], at: 3))
            let third = try await page(browser.upload(file, name: "kantor.courier"), browser)
            #expect(third.contains("#4"))
            #expect(try await rows(site) == 4)
            #expect(try await site.centre.central.verify().isWhole)
            let list = String(buffer: try await browser.get("/kurir").body)
            #expect(list.components(separatedBy: "kantor.courier</a>").count == 4)
        }
    }

    @Test func `refuses what is none and says what to do`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            let file = try await file(&box, site)
            try await browser.signIn("sari")
            let cases: [([UInt8], String)] = [
                (Array("bukan apa-apa".utf8), "Isi kiriman bukan kiriman Titian."),
                (Array((ReceiptFile.mark + "\n{}\n").utf8), "Ini tanda terima BKD"),
                (Array(file.dropLast(40)), "Sebagian diterima."),
            ]
            for (bytes, words) in cases {
                let page = try await page(browser.upload(bytes, name: "x.courier"), browser)
                #expect(page.contains(words), "\(words)")
            }
            #expect(try await rows(site) == 2)
            #expect(left(site) == [])
        }
    }

    @Test func `says that a file was cut where whole calls are missing at its end`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            let code = try await site.code(days: 30)
            let first =
                try box.carriedRequest(with: code) + box.call(pins: ["17", "21"], through: 3)
            let last = try box.call(pins: ["33"], at: 2, through: 3)
            try await browser.signIn("sari")
            let cut = try await page(browser.upload(first, name: "kantor.courier"), browser)
            #expect(cut.contains("berkas ini terpotong: entri dari #3 tidak ada"))
            #expect(cut.contains("--from 3"))
            #expect(try await rows(site) == 2, "what it held counts")
            let audit = try await site.centre.central.auditRows(limit: 1)
            #expect(audit.first?.object?.hasSuffix("cut before #3") == true)
            #expect(String(buffer: try await browser.get("/kurir").body).contains("terpotong"))
            let whole = try await page(
                browser.upload(first + last, name: "kantor.courier"), browser)
            #expect(whole.contains("Diterima.") && !whole.contains("terpotong"))
            #expect(try await rows(site) == 3)
        }
    }

    @Test func `shows a box that asks with a code that has expired`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            let file = try await file(&box, site)
            site.clock.advance(seconds: 40 * 86_400)
            try await browser.signIn("sari")
            let page = try await page(browser.upload(file, name: "kantor.courier"), browser)
            #expect(page.contains("Kode pendaftaran sudah kedaluwarsa."))
            #expect(page.contains("Kotak kotak-7 (\(box.key.verifying.id)) minta didaftarkan."))
            #expect(page.contains("enroll-code"))
            #expect(!page.contains("tanda-terima"))
            #expect(try await rows(site) == 0)
        }
    }

    @Test func `goes on where the box was enrolled by another code meanwhile`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            let file = try await file(&box, site)
            site.clock.advance(seconds: 40 * 86_400)
            #expect(try await browser.enrol(box, at: site).status == .ok)
            try await browser.signIn("sari")
            let page = try await page(browser.upload(file, name: "kantor.courier"), browser)
            #expect(page.contains("Diterima."))
            #expect(try await rows(site) == 3)
        }
    }

    @Test func `is for those who are signed in, by their own form`() async throws {
        try await Site.open { site, browser in
            var box = try Box()
            let file = try await file(&box, site)
            #expect(try await browser.get("/kurir").headers[.location] == "/masuk")
            #expect(
                try await browser.upload(file, name: "x.courier", token: "x").headers[.location]
                    == "/masuk")
            try await browser.signIn("sari")
            let answer = try await browser.upload(file, name: "x.courier", token: "salah")
            #expect(answer.status == .forbidden)
            #expect(
                try await browser.upload(file, name: "x.courier", token: "").status == .forbidden)
            #expect(try await rows(site) == 0)
            #expect(left(site) == [])
        }
    }

    @Test func `asks again where no file was chosen, or the form is none`() async throws {
        try await Site.open { _, browser in
            try await browser.signIn("sari")
            #expect(try await browser.upload([], name: "").status == .badRequest)
            #expect(try await browser.post("/kurir", Array("x".utf8)).status == .badRequest)
            #expect(try await browser.get("/kurir/77").status == .notFound)
            #expect(try await browser.get("/kurir/x/tanda-terima").status == .notFound)
        }
    }

    @Test func `keeps no more of a file on disk than allowed, and none afterwards`() async throws {
        try await Site.open { site, _ in
            let spool = Spool(in: site.centre.folder, limit: 1_000)
            var file = try spool.begin()
            try file.append([UInt8](repeating: 1, count: 1_000))
            #expect(throws: Spool.Failure.tooLarge) { try file.append([1]) }
            let others = try (1..<Spool.most).map { _ in try spool.begin() }
            #expect(throws: Spool.Failure.busy) { _ = try spool.begin() }
            others.forEach { $0.remove() }
            #expect(left(site).count == 1)
            spool.sweep()
            #expect(left(site) == [])
            file.remove()
            try spool.begin().remove()
        }
    }

    @Test(arguments: [
        ("kantor utara.courier", "kantor-utara.courier"), ("/a/b/../c.courier", "c.courier"),
        (#"C:\stik\x".courier"#, "x-.courier"), ("", "titian.courier"),
        ("é\r\n.courier", "---.courier"),
    ])
    func `calls a file by a plain name`(given: String, plain: String) {
        #expect(CourierUpload.plain(given) == plain)
    }
}

extension Box {
    /// The request as it stands in a courier file.
    func carriedRequest(with code: EnrolmentCode) throws -> [UInt8] {
        let request = EnrolmentRequest(
            secret: code.secret, journal: journal, publicKey: key.verifying, hostname: "kotak-7",
            version: "0.1.0")
        let carried = try #require(request.carried(with: code))
        let text = String(decoding: try WireJSON.encode(carried), as: UTF8.self)
        return try WireJSON.encode(SignedText(text, key: key, purpose: .enrolment)) + [0x0A]
    }
}

extension Browser {
    /// Sends a file by the form of a page, as a browser does.
    func upload(
        _ file: [UInt8], name: String, token: String? = nil
    ) async throws -> TestResponse {
        let own = String(buffer: try await get("/kurir").body)
            .components(separatedBy: "name=\"token\" value=\"").dropFirst().first
            .map { String($0.prefix { $0 != "\"" }) }
        let head =
            "--kotak\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n\(token ?? own ?? "")"
            + "\r\n--kotak\r\nContent-Disposition: form-data; name=\"berkas\"; "
            + "filename=\"\(name)\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        let body = Array(head.utf8) + file + Array("\r\n--kotak--\r\n".utf8)
        return try await post(
            "/kurir", body, headers: [.contentType: "multipart/form-data; boundary=kotak"])
    }
}
