import Attendance
import Central
import Exchange
import Foundation
import Testing

/// A folder of its own for one test, gone afterwards.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "titian-central-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Numbers that are the same in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

let tester = Doer(name: "penguji", address: "command")

/// 24 November 2026, 08:00 WITA, and so many seconds later.
func moment(_ seconds: Int64 = 0) -> UTCTime {
    UTCTime(milliseconds: 1_795_478_400_000 + seconds * 1_000)
}

/// A centre in a folder, with two offices.
struct Centre {
    let folder: TemporaryFolder
    let central: Central

    static let north = "upt-contoh-utara"
    static let school = "sdn-contoh-dua"

    init() async throws {
        folder = try TemporaryFolder()
        central = try Central(folder: folder.path)
        let list = """
            id,name,zone,stage,contact
            upt-contoh-utara,UPT Contoh Utara,Asia/Makassar,aktif,Pak Anwar 0812-0000-0001
            sdn-contoh-dua,SDN Contoh 2,WITA,uji coba,
            puskesmas-contoh,Puskesmas Contoh,WIB,rencana,
            """
        try await central.importOffices(csv: Array(list.utf8), by: tester, at: moment(-86_400))
    }

    /// Opens the same files again, as after a restart.
    func reopened() throws -> Central { try Central(folder: folder.path) }

    /// A box that was enrolled for an office.
    func box(in office: String = north, seed: UInt64 = 1) async throws -> Box {
        let box = try Box(seed: seed)
        try await enrol(box, in: office)
        return box
    }

    func enrol(_ box: Box, in office: String, at now: UTCTime = moment()) async throws {
        let code = try await central.makeCode(
            office: OfficeID(office), days: 30, by: tester, at: now)
        _ = try await central.enrol(
            box.request(secret: code.secret), pins: ["sha256//x"], from: "10.0.0.1", at: now)
    }

    func punches(_ office: String = north) async throws -> [CountedPunch] {
        var all: [CountedPunch] = []
        try await central.forEachPunch(office: OfficeID(office)) { all += $0 }
        return all
    }
}

/// The office side of the protocol: a key, a journal and its lines.
struct Box {
    let key: SigningKey
    var journal: JournalID
    var lines: [[UInt8]] = []
    var boot: Int64 = 1
    var n: Int64 = 0

    init(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        key = try SigningKey(seed: (0..<32).map { _ in UInt8.random(in: 0...255, using: &dice) })
        journal = JournalID(using: &dice)
    }

    func request(secret: [UInt8]) throws -> SignedText {
        let request = EnrolmentRequest(
            secret: secret.hex, journal: journal, publicKey: key.verifying, hostname: "kotak",
            version: "1")
        let text = String(decoding: try WireJSON.encode(request), as: UTF8.self)
        return try SignedText(text, key: key, purpose: .enrolment)
    }

    @discardableResult
    mutating func write(
        _ body: EntryBody, at: UTCTime = moment(), up: Int64 = 1_000
    ) -> [UInt8] {
        let entry = Entry(
            seq: Int64(lines.count) + 1, at: at, boot: boot, up: up, body: body)
        lines.append(entry.line)
        return entry.line
    }

    /// The chain's hash after so many lines.
    func head(after count: Int) -> ChainHash {
        var chain = Chain(journal: journal, publicKey: key.verifying.bytes)
        for line in lines.prefix(count) { chain.append(line: line) }
        return chain.head
    }

    var quiet: BridgeStatus {
        var status = BridgeStatus(
            version: "1", office: Centre.north, hostname: "kotak",
            startedAt: moment(-3_600).description)
        status.hostSynced = true
        return status
    }

    /// A signed call with the lines of a range, counted from 0.
    mutating func call(
        _ range: Range<Int>, status: BridgeStatus? = nil, live: [String] = []
    ) throws -> Envelope.Opened {
        n += 1
        return try call(range, boot: boot, n: n, status: status, live: live)
    }

    func call(
        _ range: Range<Int>, boot: Int64, n: Int64, status: BridgeStatus? = nil,
        live: [String] = []
    ) throws -> Envelope.Opened {
        let header = Envelope.Header(
            journal: journal, key: key.verifying, first: Int64(range.lowerBound) + 1,
            count: range.count, prev: head(after: range.lowerBound), boot: boot, n: n,
            status: status ?? quiet, live: live)
        let sealed = try Envelope.seal(header, lines: Array(lines[range]), key: key)
        return try Envelope.open(sealed)
    }
}

func terminal(_ serial: String = "BWXP20126001") throws -> TerminalID {
    try TerminalID(make: "zkteco", serial: serial)
}

/// A punch of a person at so many seconds after 08:00:00.
func punch(
    _ pin: String, _ second: Int64, of serial: String = "BWXP20126001",
    verify: VerifyMethod = .finger, via: PunchSource = .log
) throws -> EntryBody {
    let time = try WallTime(year: 2026, month: 11, day: 24, hour: 8).advanced(by: second)
    return .punch(
        try terminal(serial),
        Punch(
            pin: try Pin(pin), time: time, verify: verify, verifyNumber: 1, state: .checkIn,
            stateNumber: 0),
        via: via)
}

/// Waits for the refusal of a call.
func refusal(_ call: () async throws -> Void) async -> SyncRefusal? {
    do {
        try await call()
        return nil
    } catch {
        return error as? SyncRefusal
    }
}

/// Small files.
enum Support {
    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
