import Attendance
import Foundation
import TOML
import TestSupport
import Testing

@testable import Console

@Suite struct `The server's configuration` {
    @Test func `needs no key at all`() throws {
        let configuration = try ServerConfiguration(toml: "", file: "server.toml")
        #expect(configuration.host == "0.0.0.0")
        #expect(configuration.port == 8443)
        #expect(configuration.data == "/var/lib/titian-server")
        #expect(configuration.tls == nil)
    }

    @Test func `is read with every key`() throws {
        let configuration = try ServerConfiguration(
            toml: """
                listen = "[::1]:9443"
                data = "/srv/titian"
                public_url = "https://bkd.example.go.id/"
                store = "sqlite"
                [tls]
                certificate = "/a.pem"
                key = "/b.pem"
                """, file: "server.toml")
        #expect(configuration.host == "::1")
        #expect(configuration.port == 9443)
        #expect(configuration.publicURL == "https://bkd.example.go.id")
        #expect(configuration.tls?.key == "/b.pem")
    }

    @Test(arguments: ["listen", "data", "store"])
    func `says what holds where a key is not written`(name: String) throws {
        let keys = ServerConfiguration.keys["", default: []]
        let key = try #require(keys.first { $0.name == name })
        let written = try ServerConfiguration(
            toml: "\(name) = \(key.otherwise)", file: "server.toml")
        #expect(written == ServerConfiguration())
    }

    @Test func `is shown whole by the example file`() throws {
        let example = try projectFixture("x").deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("config/server.example.toml")
        let text = try String(contentsOf: example, encoding: .utf8)
        _ = try ServerConfiguration(toml: text, file: example.path)
        let withEverything = text.split(separator: "\n").map { line in
            line.hasPrefix("# ") && (line.contains(" = \"") || line.hasPrefix("# ["))
                ? line.dropFirst(2) : line
        }.joined(separator: "\n")
        let whole = try ServerConfiguration(toml: withEverything, file: example.path)
        #expect(whole.publicURL != nil)
        #expect(whole.tls != nil)
    }

    static let mistakes = [
        ("datta = \"x\"", "server.configuration-unknown-key", "'data'"),
        ("public-url = \"x\"", "server.configuration-unknown-key", "'public_url'"),
        ("[tls]\ncertificat = \"x\"", "server.configuration-unknown-key", "'tls.certificate'"),
        ("listen = 8443", "server.configuration-wrong-value", "'listen'"),
        ("listen = \"8443\"", "server.configuration-wrong-value", "'listen'"),
        ("listen = \"a:70000\"", "server.configuration-wrong-value", "'listen'"),
        ("public_url = \"http://x\"", "server.configuration-wrong-value", "'public_url'"),
        ("tls = \"x\"", "server.configuration-wrong-value", "'tls'"),
        ("[tls]\nkey = \"x\"", "server.configuration-wrong-value", "'tls'"),
        ("store = \"postgres:///titian\"", "server.store-unsupported", "sqlite"),
        ("listen = = 1", "server.configuration-not-toml", "toml"),
    ]

    @Test(arguments: mistakes)
    func `is refused with the key and its rule in both languages`(
        toml: String, code: String, word: String
    ) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ServerConfiguration(toml: toml, file: "server.toml")
        }
        let problem = try #require(error?.problem)
        #expect(problem.code == code)
        for language in Language.allCases {
            #expect(problem.line(language).contains(word))
            #expect(problem.line(language).contains("server.toml"))
        }
    }

    @Test func `names the file that cannot be read`() {
        #expect(throws: ConfigurationError.unreadable("/no/such/server.toml")) {
            try ServerConfiguration(file: "/no/such/server.toml")
        }
    }
}
