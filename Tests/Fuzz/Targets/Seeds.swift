import Attendance
import TerminalKit

@testable import Anviz
@testable import Exchange
@testable import Simulator
@testable import ZKTeco

/// What fuzzing begins with: small inputs that get far.
///
/// Most are made by the simulated terminals; some are the project's own recordings and vectors.
/// Recordings of real terminals are added where `TITIAN_FIXTURES` names them, and never copied.
struct ProtocolSeeds: Sendable {
    var streams: [[UInt8]] = []
    var datagrams: [[UInt8]] = []
    var records: [[UInt8]] = []
    var tables: [[UInt8]] = []
    var answers: [[UInt8]] = []
    var recordings: [[UInt8]] = []
}

enum Seeds {
    static let strangers: [VerifyingKey] = [1, 2].compactMap {
        try? SigningKey(seed: [UInt8](repeating: $0, count: 32)).verifying
    }

    static func dialogues(isDatagram: Bool) -> [[UInt8]] {
        var scripts: [[UInt8]] = []
        for setup: UInt8 in [0, 1, 2, 3, 6, 8, 0x18] {
            for kind: UInt8 in 0..<5 {
                for size: UInt8 in [0, 3, 12, 40, 0x8C, 0x4C, 0xBF] {
                    scripts.append([1, setup, kind, size])
                }
            }
        }
        // Good answers, then each kind of step once, then good answers again.
        for step: UInt8 in 0..<32 {
            scripts.append([1, 0, 0, 12] + [0, 0, 0, 0, step, 1, 4, 2, 3, 4, 5])
            scripts.append([1, 1, 1, 40] + [UInt8](repeating: 0, count: 12) + [step, 0, 9, 9, 9])
        }
        return scripts
    }

    /// What two sides say, in the form of ``Talks/talk(_:)``.
    static func recording(_ steps: [Talk.Step]) -> [UInt8] {
        steps.flatMap { step -> [UInt8] in
            switch step {
            case .toTerminal(let bytes): head(0, bytes.count) + bytes
            case .fromTerminal(let bytes): head(1, bytes.count) + bytes
            case .silence: [0xC0]
            }
        }
    }

    private static func head(_ speaker: UInt8, _ count: Int) -> [UInt8] {
        guard count >= 63 else { return [speaker << 6 | UInt8(count)] }
        var bytes = [speaker << 6 | 63]
        bytes.appendLE(UInt16(clamping: count))
        return bytes
    }

    // MARK: ZKTeco

    static let zkteco: ProtocolSeeds = {
        var seeds = ProtocolSeeds()
        for (index, size) in [40, 16, 8, 49, 22].enumerated() {
            for isDatagram in [false, true] {
                let talk = zktecoTalk(size: size, isDatagram: isDatagram)
                seeds.recordings.append(recording(talk))
                let heard = talk.compactMap {
                    if case .fromTerminal(let bytes) = $0 { bytes } else { nil }
                }
                if isDatagram {
                    seeds.datagrams += heard
                } else {
                    seeds.streams.append(heard.flatMap(\.self))
                }
            }
            let table = zktecoTable(size: size)
            let place = RecordLayout.known.firstIndex { $0.size == size } ?? index
            seeds.records.append([UInt8(place)] + table.dropFirst(4))
            seeds.tables.append([0, 0] + table)
            seeds.tables.append([4, 6] + table)
        }
        seeds.tables.append([1, 4] + ZKTecoTables.users([17, 18, 19, 20], recordSize: 40))
        seeds.tables.append([1, 4] + ZKTecoTables.users([17, 18, 19, 20], recordSize: 16))
        seeds.tables.append([2, 0] + ZKTecoTables.counted(operations))
        seeds.answers = [
            [0] + ZKTecoTables.freeSizes(users: 4, records: 12, capacity: nil),
            [1] + Array("~SerialNumber=BWXP20126001\0".utf8), [2] + Array(" Ver 6.60 \0".utf8),
            [3] + ZKTecoTables.users([17], recordSize: 40).dropFirst(4),
            [3] + ZKTecoTables.users([17], recordSize: 16).dropFirst(4),
            [5, 0x88, 0x06, 0x7C, 0x33],
        ]
        let punch = SimulatedPunch(
            slot: 1, pin: 17, time: WallTime(seconds: 1_795_195_800), verify: 1, state: 0, work: 0,
            code: nil)
        for size in [8, 16, 40, 49, 22] {
            seeds.answers.append([4] + ZKTecoTables.event(punch, size: size))
        }
        return seeds
    }()

    private static let operations: [UInt8] =
        [1, 0, 4, 0, 0x88, 0x06, 0x7C, 0x33, 1, 0, 2, 0, 3, 0, 4, 0]
        + [1, 0, 4, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 2, 0, 3, 0, 4, 0]

    private static func zktecoTerminal(size: Int) -> SimulatedTerminal {
        var settings = SimulatorSettings(serialNumber: "BWXP20126001")
        settings.recordSize = size
        settings.records = 6
        settings.users = 3
        return SimulatedTerminal(make: "zkteco", settings: settings) { 1_795_195_800 }
    }

    private static func zktecoTable(size: Int) -> [UInt8] {
        var records: [UInt8] = []
        for punch in zktecoTerminal(size: size).with({ $0.book.log }) {
            ZKTecoTables.append(punch, size: size, to: &records)
        }
        return ZKTecoTables.counted(records)
    }

    private static func zktecoTalk(size: Int, isDatagram: Bool) -> [Talk.Step] {
        let terminal = zktecoTerminal(size: size)
        var side = SimulatedZKTeco(terminal, isDatagram: isDatagram)
        var session: UInt16 = 0
        var steps: [Talk.Step] = []
        let log: [UInt8] = [1, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let questions: [(UInt16, [UInt8])] = [
            (1_000, []), (11, Array("~SerialNumber\0".utf8)), (1_100, []), (50, []), (201, []),
            (500, [1, 0, 0, 0]), (1_503, log), (13, []), (9, [5]), (1_502, []), (1_001, []),
        ]
        for (number, question) in questions.enumerated() {
            let packet = Packet(
                command: question.0, session: session, reply: UInt16(number), data: question.1)
            let bytes = isDatagram ? packet.datagram : packet.frame
            steps.append(.toTerminal(bytes))
            for answer in side.answer(bytes).flatMap(\.self) {
                steps.append(.fromTerminal(answer.bytes))
                let datagram = isDatagram ? answer.bytes : Array(answer.bytes.dropFirst(8))
                if number == 0 { session = Packet(datagram: datagram)?.session ?? 0 }
            }
            guard question.0 == 500 else { continue }
            terminal.add(1)
            let event = terminal.with { $0.book.log.last }.flatMap { side.announce($0) }
            if let event { steps.append(.fromTerminal(event.bytes)) }
        }
        return steps
    }

    // MARK: Anviz

    static let anviz: ProtocolSeeds = {
        var settings = SimulatorSettings(serialNumber: "0410113040190081")
        settings.records = 6
        settings.users = 3
        let terminal = SimulatedTerminal(make: "anviz", settings: settings) { 1_795_195_800 }
        var side = SimulatedAnviz(terminal)
        var steps: [Talk.Step] = []
        var seeds = ProtocolSeeds()
        let questions: [(UInt8, [UInt8])] = [
            (0x3C, []), (0x24, []), (0x38, []), (0x3A, []), (0x48, []), (0x30, []), (0x32, []),
            (0x5D, []), (0x40, [1, 25]), (0x40, [0, 25]), (0x40, [2, 2]), (0x4E, [2, 0, 0, 1]),
        ]
        for (command, data) in questions {
            let question = Packet(request: command, device: 1, data: data).bytes
            steps.append(.toTerminal(question))
            for answer in side.answer(question).flatMap(\.self) {
                steps.append(.fromTerminal(answer.bytes))
                seeds.streams.append([0xA5, 0x01] + answer.bytes + question)
                for kind: UInt8 in 0..<6 {
                    seeds.answers.append([kind] + answer.bytes.dropFirst(9))
                }
            }
        }
        terminal.add(1)
        let row = terminal.with { $0.book.log.last }.flatMap { side.announce($0)?.bytes } ?? []
        steps.append(.fromTerminal(row))
        seeds.answers.append([4] + row.dropFirst(9).dropLast(2))
        seeds.recordings = [recording(steps), recording([.fromTerminal(Array(row.dropFirst(9)))])]
        seeds.streams.append(row + row.dropLast(3))
        return seeds
    }()
}
