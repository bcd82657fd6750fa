import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport

/// What can become of a journal's file while nobody looks.
enum Damage: CaseIterable, Sendable {
    case bit, bits, page, firstPage, manyPages, cut, empty, garbage, header
    case logGone, logGarbage, logOfAnother, logCut, logBit, fileGone
    case anotherBridge, anotherProgram

    /// Whether every line is still there to be read, whatever the dice say.
    var leavesAllLines: Bool {
        switch self {
        case .firstPage, .header: true
        default: false
        }
    }
}

/// A journal of which a part is receipted, as a power cut leaves it, with a damage of choice.
struct DamagedOffice {
    static let receipted: Int64 = 600
    static let total: Int64 = 1_000
    /// What the terminal still holds.
    static let held: Range<Int64> = 300..<800

    let office: Office
    let files: URL
    private(set) var journal: JournalID
    /// Every line as it was confirmed.
    private(set) var lines: [[UInt8]] = []
    private(set) var truth: Set<[UInt8]> = []
    /// What the centre has: nothing takes that away.
    private(set) var atCentre: Set<[UInt8]> = []
    var database: URL { files.appendingPathComponent("journal.db") }
    var log: URL { files.appendingPathComponent("journal.db-wal") }
    var head: URL { files.appendingPathComponent("journal.head") }

    var place: Journal.Surroundings {
        Journal.Surroundings(
            folder: files.path, publicKey: office.key.verifying,
            receiptKeys: [office.key.verifying], now: UTCTime(milliseconds: 1_795_000_000_000))
    }

    init(_ office: Office, in files: URL, log keepsLog: Bool = true) async throws {
        self.office = office
        self.files = files
        let journal = try office.open()
        self.journal = journal.id
        _ = try await journal.bootNumber(forBootID: "a")
        for first in stride(from: 0, to: Self.total, by: 100) {
            try await journal.record(
                office.punches(first..<first + 100), positions: [office.terminal: "\(first)"],
                at: office.moment(first))
            guard first + 100 == Self.receipted else { continue }
            let (receipt, text) = try await office.receipt(
                for: journal, through: first + 100, safe: first + 100)
            try await journal.keep(receipt, text: text)
            if keepsLog { try await journal.checkpoint() }
        }
        lines = try await journal.lines(from: 1, limit: 99_999).map(\.line)
        truth = Self.punches(lines)
        atCentre = Self.punches(Array(lines.prefix(Int(Self.receipted))))
        if !keepsLog { await journal.close() }
        // As a dead process leaves them.
        let names = try FileManager.default.contentsOfDirectory(atPath: office.folder.path)
        for name in names {
            let file = office.folder.appendingPathComponent(name)
            try FileManager.default.copyItem(at: file, to: files.appendingPathComponent(name))
        }
        await journal.close()
    }

    /// The identities of punches in some lines.
    static func punches(_ lines: [[UInt8]]) -> Set<[UInt8]> {
        Set(
            lines.compactMap { line in
                EntryFields(line: line)?.punch.map {
                    PunchIdentity(terminal: $0.terminal, pin: $0.punch.pin, time: $0.punch.time)
                        .bytes
                }
            })
    }

    /// Lines without receipt whose bytes stand somewhere in the files, whole.
    func readable() throws -> Set<[UInt8]> {
        let start = Array("{\"seq\":".utf8)
        var found: [[UInt8]] = []
        for file in [database, log] where FileManager.default.fileExists(atPath: file.path) {
            let bytes = [UInt8](try Data(contentsOf: file).prefix(confirmed(in: file)))
            for piece in bytes.split(separator: UInt8(ascii: "{")).dropFirst() {
                let rest = bytes[(piece.startIndex - 1)...]
                let digits = rest.dropFirst(start.count).prefix(6).prefix { (48...57).contains($0) }
                let seq = Int(String(decoding: digits, as: UTF8.self)) ?? 0
                guard seq > Self.receipted, seq <= lines.count else { continue }
                if rest.starts(with: lines[seq - 1]) { found.append(lines[seq - 1]) }
            }
        }
        return Self.punches(found)
    }

    /// What stands behind the last commit of a log was confirmed to nobody, as far as anyone can tell.
    private func confirmed(in file: URL) throws -> Int {
        let data = [UInt8](try Data(contentsOf: file))
        guard file == log else { return data.count }
        let frame = 24 + 4_096
        return Array(stride(from: 32, through: data.count - frame, by: frame))
            .last { data[$0 + 4..<$0 + 8].contains { $0 != 0 } }.map { $0 + frame } ?? 0
    }

    // MARK: Damaging

    func inflict(_ damage: Damage, _ dice: inout SeededGenerator) async throws {
        switch damage {
        case .bit: try flip(1, &dice)
        case .bits: try flip(40, &dice)
        case .page: try zero(pages: 1, &dice)
        case .firstPage:
            try alter(database) { $0.replaceSubrange(0..<4_096, with: Data(count: 4_096)) }
        case .manyPages: try zero(pages: 12, &dice)
        case .cut: try alter(database) { $0 = $0.prefix(.random(in: 1..<$0.count, using: &dice)) }
        case .empty: try Data().write(to: database)
        case .garbage:
            try alter(database) { data in
                data = Data((0..<data.count).map { _ in UInt8.random(in: 0...255, using: &dice) })
            }
        case .header: try alter(database) { $0.replaceSubrange(0..<100, with: Data(count: 100)) }
        case .logGone: try FileManager.default.removeItem(at: log)
        case .fileGone: try FileManager.default.removeItem(at: database)
        case .logGarbage:
            try alter(log) { data in
                for index in data.indices { data[index] = UInt8.random(in: 0...255, using: &dice) }
            }
        case .logBit:
            try alter(log) { data in
                // Two confirmed commits and more lie behind it.
                let place = Int.random(in: 0..<data.count * 2 / 5, using: &dice)
                data[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            }
        case .logCut: try alter(log) { $0 = $0.prefix(.random(in: 1..<$0.count, using: &dice)) }
        case .logOfAnother: try await replace(log, with: "journal.db-wal", ofKey: 9)
        case .anotherBridge: try await replace(database, with: "journal.db", ofKey: 9)
        case .anotherProgram:
            try FileManager.default.removeItem(at: database)
            let other = try Database(path: database.path, sharing: .shared)
            try other.execute("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('mine')")
            other.close()
        }
    }

    private func alter(_ file: URL, _ change: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: file)
        change(&data)
        try data.write(to: file)
    }

    private func flip(_ bits: Int, _ dice: inout SeededGenerator) throws {
        try alter(database) { data in
            for _ in 0..<bits {
                data[Int.random(in: 0..<data.count, using: &dice)] ^=
                    1 << UInt8.random(in: 0..<8, using: &dice)
            }
        }
    }

    private func zero(pages: Int, _ dice: inout SeededGenerator) throws {
        try alter(database) { data in
            for _ in 0..<pages {
                let page = Int.random(in: 0..<max(1, data.count / 4_096), using: &dice) * 4_096
                let end = min(page + 4_096, data.count)
                data.replaceSubrange(page..<end, with: Data(count: end - page))
            }
        }
    }

    /// Puts the file of another box there, which reads other terminals.
    private func replace(_ file: URL, with name: String, ofKey seed: UInt8) async throws {
        try await withTemporaryFolder { folder in
            let key = try SigningKey(seed: Array(repeating: seed, count: 32))
            var random = CountingGenerator(state: 77)
            let journal = try Journal(
                folder: folder.path, publicKey: key.verifying, using: &random)
            let other = try TerminalID("zkteco:OTHER")
            for second in 0..<2_500 as Range<Int64> where second % 500 == 0 {
                let bodies = try (second..<second + 500).map { second -> EntryBody in
                    guard case .punch(_, let punch, let via) = try office.punch(second) else {
                        throw CocoaError(.featureUnsupported)
                    }
                    return .punch(other, punch, via: via)
                }
                try await journal.record(bodies, at: office.moment(second))
            }
            if name == "journal.db" { try await journal.checkpoint() }
            try? FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(
                at: folder.appendingPathComponent(name), to: file)
            await journal.close()
        }
    }
}
