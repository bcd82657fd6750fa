import Attendance
import Exchange
import Foundation
import Journal
import TestSupport

/// A journal in a folder that lasts as long as a test, and facts to put into it.
struct Office {
    let folder: URL
    let key: SigningKey
    let terminal: TerminalID

    init(_ folder: URL) throws {
        self.folder = folder
        key = try SigningKey(seed: Array(repeating: 7, count: 32))
        terminal = try TerminalID("zkteco:BWXP20126001")
    }

    func open(in other: URL? = nil, randomFrom state: UInt64 = 0) throws -> Journal {
        var random = CountingGenerator(state: state)
        return try Journal(
            folder: (other ?? folder).path, publicKey: key.verifying, using: &random)
    }

    func moment(_ second: Int64 = 0) -> Moment {
        Moment(
            at: UTCTime(milliseconds: 1_795_000_000_000 + second * 1_000), boot: 7,
            up: second * 1_000)
    }

    func punch(
        _ second: Int64, pin: String = "17", via: PunchSource = .log, verify: Int = 1,
        state: Int = 0
    ) throws -> EntryBody {
        let punch = Punch(
            pin: try Pin(pin), time: WallTime(seconds: 1_795_000_000 + second),
            verify: verify == 1 ? .finger : .other, verifyNumber: verify, state: .checkIn,
            stateNumber: state)
        return .punch(terminal, punch, via: via)
    }

    func punches(_ range: Range<Int64>) throws -> [EntryBody] {
        try range.map { try punch($0) }
    }

    /// Everything in the folder, by name.
    func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = try Data(contentsOf: folder.appendingPathComponent(name))
        }
        return files
    }

    /// The centre's answer to everything through `seq`.
    func receipt(for journal: Journal, through seq: Int64, safe: Int64 = 0) async throws -> (
        Receipt, SignedText
    ) {
        let receipt = Receipt(
            journal: journal.id, ackedThrough: seq, head: try await journal.hash(before: seq + 1),
            safeThrough: safe, serverTime: UTCTime(milliseconds: 1_795_000_000_000))
        let text = String(decoding: try WireJSON.encode(receipt), as: UTF8.self)
        return (receipt, try SignedText(text, key: key, purpose: .receipt))
    }
}

/// Random numbers that are none: 1, 2, 3.
struct CountingGenerator: RandomNumberGenerator {
    var state: UInt64 = 0

    mutating func next() -> UInt64 {
        state &+= 0x0101_0101_0101_0101
        return state
    }
}

func withOffice(_ body: (Office) async throws -> Void) async throws {
    try await withTemporaryFolder { try await body(try Office($0)) }
}
