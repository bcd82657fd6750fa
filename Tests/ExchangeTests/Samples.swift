import Attendance
import Exchange

/// Keys, names and facts that are the same in every run, so that test vectors can be compared.
enum Samples {
    static func bridgeKey() throws -> SigningKey {
        try SigningKey(seed: (0..<32).map { UInt8($0) })
    }

    static func centreKey() throws -> SigningKey {
        try SigningKey(seed: (0..<32).map { UInt8(0xFF - $0) })
    }

    static func journal() throws -> JournalID {
        try JournalID("000102030405060708090a0b0c0d0e0f")
    }

    static func terminal() throws -> TerminalID {
        try TerminalID("zkteco:BWXP20126001")
    }

    static func time(_ text: String) throws -> UTCTime {
        guard let time = UTCTime(text) else { throw InvalidValue(text, rule: "a time in UTC") }
        return time
    }

    static func wall(_ text: String) throws -> WallTime {
        guard let time = WallTime(text) else { throw InvalidValue(text, rule: "a wall time") }
        return time
    }

    static func punch(
        _ pin: Pin, _ time: String, verify: VerifyMethod = .finger, verifyNumber: Int = 1,
        state: PunchState = .checkIn, workCode: Int64 = 0, raw: [UInt8]? = nil
    ) throws -> Punch {
        Punch(
            pin: pin, time: try wall(time), verify: verify, verifyNumber: verifyNumber,
            state: state, stateNumber: 0, workCode: workCode, raw: raw)
    }

    /// One fact of every kind, with the corners of the format among them.
    static func bodies() throws -> [EntryBody] {
        let terminal = try terminal()
        let anviz = try TerminalID("anviz:0000000000001234+0017618a2b3c")
        let clock = ClockReading(
            device: try wall("2026-11-21T08:05:03"),
            asked: try time("2026-11-21T00:04:59.860Z"),
            answered: try time("2026-11-21T00:04:59.900Z"), zone: .wita)
        let interval = CoverageInterval(
            from: try time("2026-11-20T00:00:00.000Z"),
            through: try time("2026-11-21T00:05:00.000Z"))
        return [
            .bridge(.start, detail: "titiand 0.2 \"contoh\" \\ \u{1}é"),
            .terminal(terminal, .seen, detail: nil),
            .punch(terminal, try punch(try Pin("0017"), "2026-11-21T08:02:09"), via: .log),
            .punch(
                terminal,
                try punch(
                    try Pin("A7"), "2026-11-21T08:02:09", verify: .other, verifyNumber: 200,
                    state: .none, workCode: 4_294_967_295, raw: [0xA5, 0x00, 0xFF]), via: .live),
            .punch(anviz, try punch(Pin(slot: 17), "2026-11-21T08:02:10"), via: .stick),
            .oddity(
                terminal, Oddity(reason: "impossible date", raw: [0xFF, 0xFF, 0xFF, 0xFF]),
                via: .log),
            .clock(terminal, clock, hostSynced: true),
            .coverage(terminal, interval, records: 20_000),
            .fileImport(
                terminal, file: "1_attlog.dat",
                sha256: String(repeating: "ab", count: 32), read: 10, new: 3, known: 6, odd: 1),
        ]
    }

    /// ``bodies()`` as the lines of a journal: the first written in 1970, the last taken over from
    /// another journal, and at the end a line that only a newer program understands.
    static func lines() throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        let bodies = try bodies()
        for (index, body) in bodies.enumerated() {
            let milliseconds: Int64 = index == 0 ? 4_321 : 1_795_219_331_120 + Int64(index)
            let isLast = index == bodies.count - 1
            let from = Entry.Origin(
                journal: try JournalID("ffeeddccbbaa99887766554433221100"), seq: 7)
            lines.append(
                Entry(
                    seq: Int64(index + 1), at: UTCTime(milliseconds: milliseconds), boot: 7,
                    up: 4_321 + Int64(index), body: body, from: isLast ? from : nil
                ).line)
        }
        let unknown = #"{"seq":\#(lines.count + 1),"kind":"weather","rain":true,"mm":1.5e1}"#
        return lines + [Array(unknown.utf8)]
    }

    static func status() throws -> BridgeStatus {
        var status = BridgeStatus(
            version: "0.2", office: "upt-contoh-utara", hostname: "jembatan-1",
            startedAt: "2026-11-21T00:00:00.000Z")
        status.queue = try lines().count
        var terminal = TerminalStatus(
            name: "lobi", driver: "zkteco", link: "tcp://192.0.2.7:4370", state: .online,
            since: "2026-11-21T00:00:02.000Z")
        terminal.terminal = try Samples.terminal().description
        status.terminals = [terminal]
        return status
    }

    /// The whole journal of ``lines()`` as one signed call.
    static func call(
        lines: [[UInt8]]? = nil, first: Int64 = 1, prev: ChainHash? = nil, live: [String] = []
    ) throws -> [UInt8] {
        let key = try bridgeKey()
        let journal = try journal()
        let start = Chain(journal: journal, publicKey: key.verifying.bytes)
        let header = Envelope.Header(
            journal: journal, key: key.verifying, first: first, count: 0,
            prev: prev ?? start.head, boot: 7, n: 81_234_567, status: try status(), live: live)
        return try Envelope.seal(header, lines: try lines ?? Samples.lines(), key: key)
    }

    static func head() throws -> ChainHash {
        var chain = Chain(journal: try journal(), publicKey: try bridgeKey().verifying.bytes)
        for line in try lines() { chain.append(line: line) }
        return chain.head
    }

    static func receipt() throws -> Receipt {
        Receipt(
            journal: try journal(), ackedThrough: Int64(try lines().count), head: try head(),
            safeThrough: 4, serverTime: try time("2026-11-21T00:05:01.000Z"))
    }

    static func code() throws -> EnrolmentCode {
        EnrolmentCode(
            secret: (0x10..<0x20).map { UInt8($0) }, office: try OfficeID("upt-contoh-utara"),
            zone: .wita,
            pins: [
                "sha256//" + [UInt8](repeating: 0xAA, count: 32).base64,
                "sha256//" + [UInt8](repeating: 0xBB, count: 32).base64,
            ], expires: try time("2026-12-21T00:00:00.000Z"))
    }

    static func request() throws -> SignedText {
        let key = try bridgeKey()
        let request = EnrolmentRequest(
            secret: try code().secret, journal: try journal(), publicKey: key.verifying,
            hostname: "jembatan-1", version: "0.2")
        let text = String(decoding: try WireJSON.encode(request), as: UTF8.self)
        return try SignedText(text, key: key, purpose: .enrolment)
    }
}

/// Repeatable dice (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ range: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: range, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self)
        }
    }
}
