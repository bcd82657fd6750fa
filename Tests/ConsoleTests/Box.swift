import Attendance
import Central
import Exchange
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Console

/// A bridge's side of the talk: its key, its journal, and the calls it makes.
struct Box {
    let key: SigningKey
    let journal: JournalID
    private(set) var chain: Chain
    private(set) var seq: Int64 = 0

    init(seed: UInt8 = 7) throws {
        key = try SigningKey(seed: [UInt8](repeating: seed, count: 32))
        journal = try JournalID("00112233445566778899aabbccddee" + [seed].hex)
        chain = Chain(journal: journal, publicKey: key.verifying.bytes)
    }

    /// The enrolment request for a code, as the body of `POST /api/v1/enrol`.
    func request(secret: String, signedBy other: SigningKey? = nil) throws -> [UInt8] {
        let request = EnrolmentRequest(
            secret: secret, journal: journal, publicKey: key.verifying, hostname: "kotak-7",
            version: "0.1.0")
        let text = String(decoding: try WireJSON.encode(request), as: UTF8.self)
        return try WireJSON.encode(SignedText(text, key: other ?? key, purpose: .enrolment))
    }

    /// Seals the next punches into a call.
    mutating func call(
        pins: [String], at n: Int64 = 1, status: BridgeStatus? = nil, through: Int64? = nil
    ) throws -> [UInt8] {
        let before = chain.head
        let first = seq + 1
        let terminal = try TerminalID("zkteco:BWXP20126001")
        let lines = try pins.map { pin in
            seq += 1
            let punch = Punch(
                pin: try Pin(pin), time: WallTime(seconds: 1_795_075_200 + seq), verify: .finger,
                verifyNumber: 1, state: .checkIn, stateNumber: 0)
            let line = Entry(
                seq: seq, at: MadeUp.now, boot: 1, up: seq,
                body: .punch(terminal, punch, via: .log)
            ).line
            chain.append(line: line)
            return line
        }
        let header = Envelope.Header(
            journal: journal, key: key.verifying, first: first, count: lines.count, prev: before,
            boot: 1, n: n, status: status ?? Self.status, through: through)
        return try Envelope.seal(header, lines: lines, key: key)
    }

    static var status: BridgeStatus {
        var status = BridgeStatus(
            version: "0.1.0", office: "upt-contoh-utara", hostname: "kotak-7",
            startedAt: "2026-11-20T00:00:00.000Z")
        status.hostSynced = true
        status.diskFree = 88
        status.diskTotal = 100
        var terminal = TerminalStatus(
            name: "lobi", driver: "zkteco", link: "tcp://192.168.1.201:4370", state: .online,
            since: "2026-11-20T00:01:00.000Z")
        terminal.terminal = "zkteco:BWXP20126001"
        terminal.records = 3
        terminal.recordCapacity = 100_000
        status.terminals = [terminal]
        return status
    }
}

extension Browser {
    func enrol(_ box: Box, at site: Site) async throws -> TestResponse {
        let code = try await site.code(days: 30)
        return try await post("/api/v1/enrol", try box.request(secret: code.secret))
    }

    func sync(_ body: [UInt8], encoding: String? = nil) async throws -> TestResponse {
        var headers: HTTPFields = [.contentType: "application/x-ndjson"]
        headers[.contentEncoding] = encoding
        return try await post("/api/v1/sync", body, headers: headers)
    }
}

extension Site {
    /// A code of this centre, good from the test's own now on.
    func code(days: Int) async throws -> EnrolmentCode {
        let code = try await centre.central.makeCode(
            office: try OfficeID("upt-contoh-utara"), days: days, by: Self.doer, at: clock.now)
        return EnrolmentCode(
            secret: code.secret, office: code.office.id, zone: code.office.zone,
            pins: centre.keys.pins, expires: code.expires)
    }
}

extension TestResponse {
    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try WireJSON.decode(type, from: body.readableBytesView)
    }
}
