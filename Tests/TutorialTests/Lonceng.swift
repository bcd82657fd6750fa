import Attendance
import TerminalKit

// The driver of docs/tutorials/writing-a-driver.md. The make is invented; the page quotes this file,
// and a test holds the two together.

/// One packet of the make Lonceng: `02 CMD LEN DATA… SUM`.
struct Packet: Hashable, Sendable {
    static let start: UInt8 = 0x02
    /// Set in the command of every answer.
    static let answer: UInt8 = 0x80
    /// The longest data there is: a record.
    static let longest = 9

    let command: UInt8
    let data: [UInt8]

    var bytes: [UInt8] {
        let body = [command, UInt8(truncatingIfNeeded: data.count)] + data
        return [Self.start] + body + [Self.sum(body)]
    }

    static func sum(_ body: some Sequence<UInt8>) -> UInt8 { body.reduce(0, &+) }
}

/// Cuts a stream into packets, however it was cut on the way.
struct PacketDecoder {
    private var buffer: [UInt8] = []

    mutating func feed(_ bytes: [UInt8]) { buffer += bytes }

    /// The next whole packet; nil until more bytes come.
    ///
    /// A packet whose sum is wrong costs one byte, not the packet behind it: `02` may stand in
    /// the middle of a record.
    mutating func next() -> Packet? {
        while let begin = buffer.firstIndex(of: Packet.start) {
            buffer.removeFirst(begin)
            guard buffer.count >= 3 else { return nil }
            let length = Int(buffer[2])
            if length <= Packet.longest {
                guard buffer.count >= 4 + length else { return nil }
                let body = buffer[1..<(3 + length)]
                if buffer[3 + length] == Packet.sum(body) {
                    defer { buffer.removeFirst(4 + length) }
                    return Packet(command: buffer[1], data: Array(body.dropFirst(2)))
                }
            }
            buffer.removeFirst()  // no packet begins here
        }
        buffer = []
        return nil
    }
}

/// All that the driver can say. Nothing here changes anything in a terminal.
enum Question: UInt8, CaseIterable {
    case serialNumber = 0x53  // 'S'
    case clock = 0x54  // 'T'
    case count = 0x4E  // 'N'
    case record = 0x52  // 'R', with the record's number
}

/// Asks one thing at a time.
final class Dialogue {
    private let link: any Link
    private var decoder = PacketDecoder()

    init(_ link: any Link) {
        self.link = link
    }

    /// Asks, and waits for the answer that belongs to it; asks once more after a silence.
    func ask(_ question: Question, _ data: [UInt8] = []) async throws -> [UInt8] {
        do {
            return try await askOnce(question, data)
        } catch LinkError.silent {
            return try await askOnce(question, data)
        }
    }

    private func askOnce(_ question: Question, _ data: [UInt8]) async throws -> [UInt8] {
        try await link.send(Packet(command: question.rawValue, data: data).bytes)
        for _ in 0..<100 {
            while let packet = decoder.next() {
                if packet.command == question.rawValue | Packet.answer { return packet.data }
            }
            decoder.feed(try await link.receive(within: .seconds(3)))
        }
        throw DriverError.garbled(what: "answers to other questions", bytes: [])
    }
}

/// Nine bytes: PIN, seconds since 2000 on the terminal's own clock, the key that was pressed.
enum Record {
    static let size = 9
    private static let year2000: Int64 = 946_684_800

    static func decode(_ bytes: [UInt8]) -> LogRecord {
        var reader = ByteReader(bytes)
        guard bytes.count == size, let pin = reader.u32LE(), let seconds = reader.u32LE(),
            let key = reader.u8()
        else { return .oddity(Oddity(reason: "cut short", raw: bytes)) }
        guard pin > 0 else { return .oddity(Oddity(reason: "empty PIN", raw: bytes)) }
        return .punch(
            Punch(
                pin: Pin(UInt64(pin)), time: time(seconds), verify: .finger, verifyNumber: 1,
                state: key == 0 ? .checkIn : key == 1 ? .checkOut : .other,
                stateNumber: Int(key)))
    }

    static func time(_ seconds: UInt32) -> WallTime {
        WallTime(seconds: year2000 + Int64(seconds))
    }
}

/// The make's one public face.
struct LoncengDriver: TerminalDriver {
    let make = "lonceng"

    func open(_ link: any Link) async throws -> any TerminalSession {
        let dialogue = Dialogue(link)
        let serial = try await dialogue.ask(.serialNumber)
        return LoncengSession(dialogue, serial: String(decoding: serial, as: UTF8.self))
    }

    func decode(_ talk: Talk, _ found: @escaping (DecodedItem) -> Void) {
        var decoder = PacketDecoder()
        decoder.feed(talk.received)
        while let packet = decoder.next() {
            if packet.command == Question.record.rawValue | Packet.answer {
                found(.record(Record.decode(packet.data), via: .log))
            }
        }
    }
}

/// A talk with one terminal.
final class LoncengSession: TerminalSession {
    private let dialogue: Dialogue
    private let serial: String

    init(_ dialogue: Dialogue, serial: String) {
        self.dialogue = dialogue
        self.serial = serial
    }

    func identify() async throws -> TerminalIdentity {
        let id = try TerminalID(make: "lonceng", reportedSerial: serial, mac: nil)
        return TerminalIdentity(id: id, serial: serial)
    }

    func readClock() async throws -> WallTime {
        let data = try await dialogue.ask(.clock)
        var reader = ByteReader(data)
        guard let seconds = reader.u32LE() else {
            throw DriverError.garbled(what: "a clock without a time", bytes: data)
        }
        return Record.time(seconds)
    }

    func counters() async throws -> LogCounters {
        let data = try await dialogue.ask(.count)
        var reader = ByteReader(data)
        return LogCounters(records: reader.u16LE().map(Int.init))
    }

    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        guard let count = try await counters().records else {
            throw DriverError.garbled(what: "no count", bytes: [])
        }
        let start = try await proven(position, count)
        var hashes = start == 0 ? [] : position?.proof ?? []
        for first in stride(from: start, to: count, by: 100) {
            var records: [LogRecord] = []
            for number in first..<min(count, first + 100) {
                let bytes = try await record(number)
                records.append(Record.decode(bytes))
                hashes.append(LogPosition.hash(of: bytes))
            }
            let end = LogPosition(
                count: first + records.count, recordSize: Record.size, proof: hashes)
            try await keep(LogPage(records: records, position: end))
        }
        let after = try await counters().records ?? 0
        return LogRead(
            extent: start == 0 ? .full : start == count ? .unchanged : .tail,
            received: count - start, total: after, isComplete: after >= count,
            lostPosition: (position?.count ?? 0) > 0 && start == 0)
    }

    /// Where to go on: behind the position, if the terminal still holds the records before it.
    private func proven(_ position: LogPosition?, _ count: Int) async throws -> Int {
        guard let position, position.count > 0, position.count <= count else { return 0 }
        let first = position.count - position.proof.count
        for (number, hash) in zip(first..<position.count, position.proof) {
            guard LogPosition.hash(of: try await record(number)) == hash else { return 0 }
        }
        return position.count
    }

    private func record(_ number: Int) async throws -> [UInt8] {
        var data: [UInt8] = []
        data.appendLE(UInt16(truncatingIfNeeded: number))
        return try await dialogue.ask(.record, data)
    }

    func nextLive(within limit: Duration) async throws -> [Punch] { [] }

    func close() async {}
}
