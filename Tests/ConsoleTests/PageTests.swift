import Attendance
import Foundation
import TestSupport
import Testing

@testable import Central
@testable import Console

@Suite struct `A page` {
    private let templates: Templates
    private let visitor = Visitor(name: "sari", role: .administrator, token: "token-of-the-form")

    init() throws {
        templates = try Templates()
    }

    static let pages = Language.allCases.flatMap { language in
        [
            "fleet", "fleet-empty", "fleet-large", "office", "sign-in", "audit", "courier",
            "courier-refused",
            "revoke", "place",
        ].map { ($0, language) }
    }

    @Test(arguments: pages)
    func `looks as recorded`(name: String, language: Language) throws {
        let html = try html(name, language)
        #expect(html.utf8.count < 100_000)
        if let folder = ProcessInfo.processInfo.environment["TITIAN_PAGES"] {
            try html.write(
                toFile: "\(folder)/\(name)-\(language.rawValue).html", atomically: true,
                encoding: .utf8)
        }
        if name != "fleet-large" {
            try expectGolden(html, "pages/\(name).\(language.rawValue).html")
        }
    }

    @Test func `escapes what offices are called`() throws {
        let html = try html("fleet", .indonesian)
        #expect(html.contains("Puskesmas &lt;Contoh&gt; B"))
        #expect(!html.contains("<Contoh>"))
    }

    @Test(arguments: [
        (Language.indonesian, "log kosong sejak kemarin 16:20", "log kosong: lobi"),
        (.english, "log empty since yesterday 16:20", "log empty: lobi"),
    ])
    func `says why the moment of an empty log stands still`(
        language: Language, cell: String, note: String
    ) throws {
        let since = "2026-11-23T08:20:00Z"
        let row = try MadeUp.row(
            MadeUp.office("sman-2", "SMAN Contoh 2"),
            terminals: [
                MadeUp.terminal("lobi", serial: "BWXP20126001", through: since, emptySince: since),
                MadeUp.terminal("gudang", serial: "AF4C183060"),
            ])
        let detail = OfficeDetail(
            at: MadeUp.now, row: row, recent: [], clocks: [], coverage: [], events: [],
            journals: [], flagged: [], waiting: 0)
        let page = OfficePage(
            detail: detail, language: language, revoked: [], waiting: [], mayRevoke: false)
        let frame = frame("SMAN Contoh 2", .office, page.formats)
        let html = templates.html("kantor", page.content, frame: frame)
        #expect(html.contains("<span class=\"why\">\(cell)</span>"))
        #expect(html.contains("<small>\(note)</small>"))
    }

    private func html(_ name: String, _ language: Language) throws -> String {
        let now = MadeUp.now
        switch name {
        case "fleet": return fleet(try MadeUp.fleet(), language)
        case "fleet-large": return fleet(try MadeUp.fleet(andHealthy: 400), language)
        case "fleet-empty":
            let nothing = FleetReport(at: now, groups: [], offices: [], planned: [], inactive: [])
            return fleet(nothing, language)
        case "office":
            let page = OfficePage(
                detail: try MadeUp.detail(), language: language,
                revoked: [try MadeUp.bridge(isRevoked: true)],
                waiting: [try MadeUp.waiting()], mayRevoke: true)
            var frame = frame("SMAN Contoh 2", .office, page.formats)
            frame.complete = page.completeness
            return templates.html("kantor", page.content, frame: frame)
        case "audit":
            let formats = Formats(language: language, zone: .wib, now: now)
            let page = AuditPage(
                rows: MadeUp.audit, isWhole: true, isNewest: true, hasOlder: false,
                formats: formats)
            return templates.html(
                "audit", page.content, frame: frame(Word.audit(language), .audit, formats))
        case "courier", "courier-refused": return try courier(name, language)
        case "revoke", "place": return try decision(name, language)
        default:
            let formats = Formats(language: language, zone: .wib, now: now)
            let frame = Frame(
                Word.signIn(language), place: .elsewhere, formats: formats, style: "style",
                token: "token-of-the-form", visitor: nil)
            return templates.html("masuk", ["name": "", "trouble": false], frame: frame)
        }
    }

    private func fleet(_ report: FleetReport, _ language: Language) -> String {
        let page = FleetPage(report: report, language: language)
        var frame = frame(Word.fleet(language), .fleet, page.formats)
        frame.complete = page.completeness
        return templates.html("armada", page.content, frame: frame)
    }

    private func courier(_ name: String, _ language: Language) throws -> String {
        let formats = Formats(language: language, zone: .wita, now: MadeUp.now)
        let file = MadeUp.courier(isRefused: name == "courier-refused")
        let page = CourierResultPage(
            courier: file, office: try MadeUp.office("sman-2", "SMAN Contoh 2"), formats: formats)
        return templates.html(
            "kurir-hasil", page.content, frame: frame(file.file, .courier, formats))
    }

    private func decision(_ name: String, _ language: Language) throws -> String {
        let formats = Formats(language: language, zone: .wita, now: MadeUp.now)
        let office = try MadeUp.office("sman-2", "SMAN Contoh 2")
        if name == "revoke" {
            let page = RevocationPage(
                bridge: try MadeUp.bridge(isRevoked: false), office: office, trouble: nil,
                reason: "", formats: formats)
            return templates.html(
                "cabut", page.content, frame: frame(Word.revokeTitle(language), .office, formats))
        }
        let page = PlacementPage(
            terminal: try MadeUp.waiting(), office: office, trouble: nil, from: nil,
            formats: formats)
        return templates.html(
            "tempatkan", page.content, frame: frame(Word.placeTitle(language), .office, formats))
    }

    private func frame(_ title: String, _ place: Frame.Place, _ formats: Formats) -> Frame {
        Frame(
            title, place: place, formats: formats, style: "style", token: visitor.token,
            visitor: visitor)
    }
}
