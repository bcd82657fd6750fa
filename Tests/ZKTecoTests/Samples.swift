import Attendance
import TerminalKit

@testable import ZKTeco

/// Invented people and their punches, in the layouts of terminals.
enum Samples {
    static let monday = WallTime(seconds: 1_772_436_600)  // 2026-03-02 07:30:00

    static func time(_ number: Int) -> WallTime { monday.advanced(by: Int64(number) * 7) }

    static func pin(_ number: Int) -> String { String(1_000 + number % 40) }

    /// Records of a log that differ from each other, as terminals write them.
    static func log(_ count: Int, size: Int = 40, from first: Int = 0) -> [[UInt8]] {
        (first..<(first + count)).map { record($0, size: size) }
    }

    static func record(_ number: Int, size: Int = 40) -> [UInt8] {
        let slot = UInt16(1 + number % 40)
        let packed = PackedTime.encode(time(number))
        var bytes: [UInt8] = []
        switch size {
        case 8:
            bytes.appendLE(slot)
            bytes += [0x28, 0]
            bytes.appendLE(packed)
        case 16:
            bytes.appendLE(UInt32(1_000 + number % 40))
            bytes.appendLE(packed)
            bytes += [UInt8(number % 2), 1, 0, 0]
            bytes.appendLE(UInt32(0))
        case 22:
            bytes.appendLE(slot)
            bytes += padded(pin(number), 10) + [1]
            bytes.appendLE(packed)
            bytes.append(0)
            bytes.appendLE(UInt32(0))
        default:
            bytes.appendLE(slot)
            bytes += padded(pin(number), 24) + [1]
            bytes.appendLE(packed)
            bytes.append(UInt8(number % 2))
            bytes.appendLE(UInt32(0))
            bytes += [UInt8](repeating: 0, count: size - 36)
        }
        return bytes
    }

    static func padded(_ text: String, _ count: Int) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0, count: count - text.utf8.count)
    }

    /// An event of 32 bytes and more.
    static func event(
        pin: String, at time: WallTime, reply: UInt16 = 0, tail: Int = 0
    ) -> Packet {
        let data =
            padded(pin, 24) + [1, 0] + PackedTime.event(time)
            + [UInt8](repeating: 0, count: tail)
        return Packet(
            command: Command.event, session: Command.attendanceEvent, reply: reply, data: data)
    }
}

/// One read with everything a test wants to know of it.
struct ReadResult {
    var read: LogRead
    var records: [LogRecord] = []
    var pages: [LogPage] = []

    var position: LogPosition? { pages.last?.position }

    var punches: [Punch] {
        records.compactMap { if case .punch(let punch) = $0 { punch } else { nil } }
    }

    var oddities: [Oddity] {
        records.compactMap { if case .oddity(let oddity) = $0 { oddity } else { nil } }
    }
}

extension ModelTerminal {
    nonisolated func session(_ options: DriverOptions = DriverOptions()) async throws
        -> any TerminalSession
    {
        try await ZKTecoDriver(options: options).open(self)
    }

    /// Opens a talk, reads and ends it.
    nonisolated func readLog(
        from position: LogPosition? = nil, options: DriverOptions = DriverOptions()
    ) async throws -> ReadResult {
        var pages: [LogPage] = []
        let session = try await session(options)
        let read = try await session.readLog(from: position) { pages.append($0) }
        await session.close()
        return ReadResult(read: read, records: pages.flatMap(\.records), pages: pages)
    }

    var questions: [UInt16] { received.map(\.command) }
}

/// What a log of ``Samples`` must be read as.
func expectedTimes(_ numbers: Range<Int>) -> [WallTime] { numbers.map(Samples.time) }
