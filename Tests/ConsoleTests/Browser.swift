import Attendance
import Central
import Exchange
import Foundation
import Synchronization
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Console

/// The centre in a folder of its own, and a browser without a window in front of it.
///
/// The clock stands still unless a test moves it, and nothing is random.
struct Site {
    let centre: Centre
    let console: Console
    let clock = TestClock()

    static let password = "jembatan-contoh-7"
    static let start = MadeUp.now
    static let doer = Doer(name: "root", address: "command")

    /// Two offices on one list, an operator and an administrator.
    static func open<Result: Sendable>(
        _ body: @Sendable (Site, Browser) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let site = try await Site(folder: folder)
            let application = Application(router: site.console.router())
            return try await application.test(.router) { client in
                try await body(site, Browser(client: client))
            }
        }
    }

    private init(folder: URL) async throws {
        var configuration = ServerConfiguration()
        configuration.data = folder.path
        configuration.publicURL = "https://bkd.example.go.id"
        centre = try Centre(configuration)
        let clock = clock
        let dice = Dice()
        console = try Console(
            central: centre.central, pins: centre.keys.pins, folder: centre.folder,
            surroundings: Surroundings(now: { clock.now }, random: { dice.bytes($0) }))
        try await centre.central.importOffices(
            csv: Array(Self.offices.utf8), by: Self.doer, at: Self.start)
        let hash = try Password.hash(Self.password, salt: [1, 2, 3], logRounds: 10)
        for (name, role) in [("sari", User.Role.operator), ("admin", .administrator)] {
            try await centre.central.addUser(
                name, role: role, passwordHash: hash, by: Self.doer, at: Self.start)
        }
    }

    private static let offices = """
        id,name,zone,stage,contact
        upt-contoh-utara,UPT Contoh Utara,Asia/Makassar,aktif,Pak Anwar 0812-0000-0001
        puskesmas-contoh,Puskesmas Contoh,Asia/Jakarta,rencana,

        """
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let time = Mutex(MadeUp.now)

    var now: UTCTime { time.withLock { $0 } }

    func advance(seconds: Int64) {
        time.withLock { $0 = $0.advanced(byMilliseconds: seconds * 1_000) }
    }
}

/// Bytes that are never the same twice and always the same in each run.
final class Dice: Sendable {
    private let count = Mutex(0)

    func bytes(_ number: Int) -> [UInt8] {
        let throwNumber = count.withLock { count in
            count += 1
            return count
        }
        return (0..<number).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ throwNumber) }
    }
}

/// Asks for pages and keeps cookies, as a browser does.
actor Browser {
    private let client: any TestClientProtocol
    private var cookies: [String: String] = [:]

    init(client: any TestClientProtocol) {
        self.client = client
    }

    func get(_ path: String) async throws -> TestResponse {
        try await send(path, .get, headers: [:], body: nil)
    }

    /// Sends a form; without `token` of its own it takes the one of the page at `from`.
    func submit(
        _ path: String, from page: String, _ fields: [String: String]
    ) async throws -> TestResponse {
        var fields = fields
        if fields["token"] == nil {
            let html = String(buffer: try await get(page).body)
            let token = html.components(separatedBy: "name=\"token\" value=\"").dropFirst().first
            fields["token"] = token.map { String($0.prefix { $0 != "\"" }) }
        }
        let body = fields.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await send(
            path, .post, headers: [.contentType: "application/x-www-form-urlencoded"],
            body: ByteBuffer(string: body))
    }

    func post(
        _ path: String, _ body: [UInt8], headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await send(path, .post, headers: headers, body: ByteBuffer(bytes: body))
    }

    @discardableResult
    func signIn(_ name: String, password: String = Site.password) async throws -> TestResponse {
        try await submit("/masuk", from: "/masuk", ["name": name, "password": password])
    }

    private func send(
        _ path: String, _ method: HTTPRequest.Method, headers: HTTPFields, body: ByteBuffer?
    ) async throws -> TestResponse {
        var headers = headers
        if !cookies.isEmpty {
            headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        }
        let answer = try await client.execute(
            uri: path, method: method, headers: headers, body: body)
        for line in answer.headers[values: .setCookie] { keep(line) }
        return answer
    }

    private func keep(_ line: String) {
        let parts = line.components(separatedBy: "; ")
        let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let isGone = parts.contains("Max-Age=0")
        cookies[String(pair[0])] = isGone ? nil : String(pair[1])
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + [byte].hex.uppercased()
        }.joined()
    }
}
