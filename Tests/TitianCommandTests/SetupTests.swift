import Attendance
import Bridge
import Exchange
import Foundation
import TestSupport
import Testing
import Transports

@testable import titian

@Suite struct `The conversation of a first visit` {
    private func found(_ host: String) throws -> FoundTerminal {
        FoundTerminal(driver: "zkteco", address: try Address("tcp://\(host):4370"))
    }

    private func code(office: String = "upt-contoh-utara") throws -> String {
        try EnrolmentCode(
            secret: Array(0..<16), office: try OfficeID(office), zone: .wit,
            pins: ["sha256//AAAA"], expires: UTCTime(milliseconds: 0)
        ).text
    }

    private func talk(_ known: Conversation.Known, taken: [String] = []) -> Conversation {
        Conversation(known, besides: taken, isInteractive: true)
    }

    @Test func `asks one thing after the other and takes what is suggested`() throws {
        var known = Conversation.Known()
        known.terminals = [.init(found: try found("10.0.0.7"))]
        var talk = talk(known)
        var asked: [Conversation.Question] = []
        while let question = talk.question {
            asked.append(question)
            #expect(talk.answer(question == .office ? "upt-contoh-utara" : "") == nil)
        }
        #expect(asked == [.server, .office, .zone, .name(0), .confirm])
        #expect(talk.known.zone == .wita)
        #expect(talk.known.terminals.map(\.name) == ["zkteco-7"])
        #expect(talk.known.server == nil && talk.known.code == nil)
    }

    @Test func `learns office and zone from the code`() throws {
        var talk = talk(Conversation.Known())
        #expect(talk.answer("https://bkd.example.go.id/") == nil)
        #expect(talk.question == .code)
        #expect(talk.answer("titian1.abc") != nil)
        #expect(talk.question == .code)
        #expect(talk.answer(try code()) == nil)
        #expect(talk.question == .confirm)
        #expect(talk.known.server == "https://bkd.example.go.id")
        #expect(talk.known.office?.description == "upt-contoh-utara")
        #expect(talk.known.zone == .wit)
    }

    @Test func `does not take another office's code`() throws {
        var known = Conversation.Known()
        known.office = try OfficeID("sdn-contoh-dua")
        known.server = "https://bkd.example.go.id"
        var talk = talk(known)
        #expect(talk.answer(try code())?.english.contains("sdn-contoh-dua") == true)
        #expect(talk.known.code == nil)
    }

    @Test func `says what is wrong and asks again`() {
        var talk = talk(Conversation.Known())
        #expect(talk.answer("http://bkd") != nil)
        #expect(talk.question == .server)
        _ = talk.answer("")
        #expect(talk.answer("UPT Contoh") != nil)
        _ = talk.answer("upt-contoh-utara")
        #expect(talk.answer("GMT") != nil)
        _ = talk.answer("WIB")
        #expect(talk.answer("tidak") != nil)
        #expect(talk.question == .confirm)
    }

    @Test func `gives no name twice and leaves out what is not wanted`() throws {
        var known = Conversation.Known()
        known.office = try OfficeID("upt-contoh-utara")
        known.zone = .wita
        known.terminals = [
            .init(found: try found("10.0.0.7")), .init(found: try found("10.0.0.8")),
        ]
        var talk = talk(known, taken: ["lobi"])
        _ = talk.answer("")
        #expect(talk.answer("lobi") != nil)
        #expect(talk.answer("gudang") == nil)
        #expect(talk.answer("gudang") != nil)
        #expect(talk.answer("-") == nil)
        #expect(talk.question == .confirm)
        #expect(talk.known.terminals.map(\.isLeftOut) == [false, true])
    }

    @Test func `asks nothing that is known`() throws {
        var known = Conversation.Known()
        known.office = try OfficeID("upt-contoh-utara")
        known.zone = .wita
        known.server = "https://bkd.example.go.id"
        known.code = try code()
        known.isConfirmed = true
        #expect(talk(known).question == nil)
    }
}

@Suite struct `A draft of a configuration` {
    @Test func `keeps every byte that is there and only adds`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("bridge.toml").path
            let old = "# milik kantor\noffice = \"upt-contoh-utara\"\ntimezone = \"WITA\""
            try old.write(toFile: path, atomically: true, encoding: .utf8)
            var draft = try ConfigurationDraft(at: path)
            draft.add(server: "https://bkd.example.go.id")
            try draft.save()
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.hasPrefix(old + "\n"))
            #expect(try Configuration.load(path: path).server.url == "https://bkd.example.go.id")
        }
    }

    @Test func `that would not be understood is not written`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("bridge.toml").path
            var draft = try ConfigurationDraft(at: path)
            draft.add(section: "[[terminal]]\nname = \"lobi\"\n")
            #expect(throws: ConfigurationProblems.self) { try draft.save() }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.isEmpty)
        }
    }
}
